/// The step grammar.
extension DefinitionReader {
  mutating func steps(_ node: SourceNode, what: String, mayBeEmpty: Bool = true) -> [StepDefinition] {
    guard let elements = elements(node, what: what, mayBeEmpty: mayBeEmpty) else { return [] }
    return elements.compactMap { step($0) }
  }

  private mutating func step(_ node: SourceNode) -> StepDefinition? {
    guard let (form, shape) = form(node), let fields = fields(node, shape) else { return nil }
    stepCount += 1
    let limit = DefinitionLimits.maximumSteps
    if stepCount > limit {
      if stepCount == limit + 1 {
        report(.limitExceeded, node.position, "The role has more than \(limit) steps (maximumSteps).")
      }
      return nil
    }
    _ = description(fields)
    switch form.name {
    case "step": return call(fields, form).map(StepDefinition.call)
    case "forEach": return forEach(fields, form)
    case "parallel": return parallel(form)
    case "choose": return choose(form)
    case "try": return attempt(fields, form)
    case "publish": return publishStep(fields, form)
    case "set": return .set(assignments(form), position: form.position)
    default: return expression(form).map { .fail($0, position: form.position) }
    }
  }

  /// Which of the step forms an object is: the one whose field it has.
  private mutating func form(_ node: SourceNode) -> (SourceMember, DefinitionShape)? {
    guard case .object = node.json else {
      report(
        .fieldType, node.position, "A step is an object, this is \(node.kind).",
        mend: "Write { … } with one of \(list(DefinitionShape.steps.map(\.field))).")
      return nil
    }
    let fields = DefinitionShape.steps.map(\.field)
    let found = DefinitionShape.steps.compactMap { step in
      node.members.first { $0.name == step.field }.map { ($0, step.shape) }
    }
    guard let first = found.first else { return reportFormless(node, among: fields) }
    for other in found.dropFirst() {
      report(
        .stepForm, other.0.position, "The step has both `\(first.0.name)` and `\(other.0.name)`.",
        mend: "Make them two steps, one behind the other.")
    }
    return found.count == 1 ? first : nil
  }

  private mutating func reportFormless(_ node: SourceNode, among fields: [String]) -> (SourceMember, DefinitionShape)? {
    if let call = node.members.first(where: { $0.name == "call" }) {
      report(.fieldMissing, call.position, "The step calls and has no name.", mend: "Add \"step\": \"a name\".")
      return nil
    }
    for member in node.members {
      guard let nearest = nearestName(to: member.name, among: fields) else { continue }
      report(
        .fieldUnknown, member.position, "`\(member.name)` is no field of a step.", mend: "Did you mean `\(nearest)`?")
      return nil
    }
    report(.stepForm, node.position, "The step says nothing to do.", mend: "It has one of \(list(fields)).")
    return nil
  }

  private mutating func forEach(_ fields: SourceFields, _ form: SourceMember) -> StepDefinition? {
    let list = expression(form)
    let range = 1...Int64(DefinitionLimits.maximumConcurrency)
    let concurrency = fields["concurrency"].flatMap { integer($0.value, what: "`concurrency`", in: range) } ?? 1
    let steps = required("steps", in: fields, of: .forEach).map { self.steps($0.value, what: "`steps`") } ?? []
    guard let list else { return nil }
    return .forEach(
      ForEachDefinition(position: form.position, list: list, concurrency: Int(concurrency), steps: steps))
  }

  private mutating func parallel(_ form: SourceMember) -> StepDefinition? {
    guard let elements = elements(form.value, what: "`parallel`") else { return nil }
    let branches = elements.map { branch -> [StepDefinition] in
      if case .object = branch.json {
        report(
          .fieldType, branch.position, "A branch of `parallel` is a list of steps, this is an object.",
          mend: "Put the step into brackets: [ { … } ].")
        return []
      }
      return steps(branch, what: "A branch of `parallel`")
    }
    return .parallel(branches, position: form.position)
  }

  private mutating func choose(_ form: SourceMember) -> StepDefinition? {
    guard let elements = elements(form.value, what: "`choose`") else { return nil }
    let choices = elements.compactMap { element -> ChoiceDefinition? in
      guard let fields = fields(element, .choice) else { return nil }
      let when = expression(fields["when"])
      let steps = required("steps", in: fields, of: .choice).map { self.steps($0.value, what: "`steps`") } ?? []
      return ChoiceDefinition(position: element.position, when: when, steps: steps)
    }
    return .choose(choices, position: form.position)
  }

  private mutating func attempt(_ fields: SourceFields, _ form: SourceMember) -> StepDefinition? {
    let steps = self.steps(form.value, what: "`try`", mayBeEmpty: false)
    let recovery = required("catch", in: fields, of: .attempt).map { self.steps($0.value, what: "`catch`") } ?? []
    return .attempt(steps: steps, recovery: recovery, position: form.position)
  }

  private mutating func publishStep(_ fields: SourceFields, _ form: SourceMember) -> StepDefinition? {
    let messages = publications(form)
    let undo = fields["undo"].flatMap { self.undo($0.value, of: "") }
    return .publish(PublishDefinition(position: form.position, messages: messages, undo: undo))
  }
}
