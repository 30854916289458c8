import CEL

/// How the instances of one version of a role become those of another: which state, step, timer and transition is which.
///
/// Nothing here is guessed where a wrong guess would lose an effect: what has no counterpart is an obstacle for the instances
/// that need it. The idea that a running process may move exactly when its course so far could have been taken under the new
/// definition is the compliance criterion of Rinderle, Reichert and Dadam, "Correctness criteria for dynamic changes in workflow
/// systems" (2004).
public struct MigrationPlan: Sendable {
  /// The version that instances move from.
  public let old: Machine
  /// The version that they move to.
  public let new: Machine
  let mapping: RoleMapping
  let states: [StateTarget?]
  let steps: StepTargets
  let set: [Assignment]
  let correlate: [Assignment]

  struct StateTarget: Sendable {
    var index: Int
    var isEntered: Bool
  }

  /// `StepPairing`'s outcome, by old and by new node.
  struct StepTargets: Sendable {
    var target: [Int?]
    var source: [Int?]
  }

  /// Plans the move between two versions of a role.
  ///
  /// - Throws: `MigrationMappingError` where the mapping names what neither version has, or where an expression of it is wrong.
  public init(from old: Machine, to new: Machine, mapping: MigrationMapping = .none) throws(MigrationMappingError) {
    self.old = old
    self.new = new
    let role = old.identity.role
    let own = mapping.role(role)
    self.mapping = own
    let place = role.isEmpty ? "" : "/roles/\(role)"
    try MigrationPlan.checkNames(own, old, new, place)
    var targets: [StateTarget?] = []
    for state in old.model.states {
      let named = own.states[state.name]
      let name = named?.state ?? state.name
      let index = new.model.states.firstIndex { $0.name == name }
      targets.append(index.map { StateTarget(index: $0, isEntered: named?.isEntered ?? false) })
    }
    states = targets
    let pairs = targets.enumerated().compactMap { index, target in
      target.flatMap { $0.isEntered ? nil : (old: index, new: $0.index) }
    }
    let pairing = StepPairing(old.model, new.model, states: pairs, renamed: own.steps)
    steps = StepTargets(target: pairing.target, source: pairing.source)
    set = try own.set.map { member throws(MigrationMappingError) in
      try MigrationPlan.assignment(member, old, "\(place)/set")
    }
    correlate = try own.correlate.map { member throws(MigrationMappingError) in
      try MigrationPlan.assignment(member, old, "\(place)/correlate")
    }
  }

  private static func checkNames(
    _ mapping: RoleMapping, _ old: Machine, _ new: Machine, _ place: String
  ) throws(MigrationMappingError) {
    func check(_ name: String, _ member: String, among names: [String], _ machine: Machine)
      throws(MigrationMappingError)
    {
      if names.contains(name) { return }
      let hint = nearestName(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw MigrationMappingError(
        place: "\(place)/\(member)", message: "\(machine.identity) has no '\(name)'\(hint)")
    }
    let (oldStates, newStates) = (old.model.states.map(\.name), new.model.states.map(\.name))
    let (oldSteps, newSteps) = (old.model.callNames, new.model.callNames)
    for (name, target) in mapping.states.sorted(by: { $0.key < $1.key }) {
      try check(name, "states", among: oldStates, old)
      try check(target.state, "states/\(name)", among: newStates, new)
    }
    for (name, target) in mapping.steps.sorted(by: { $0.key < $1.key }) {
      try check(name, "steps", among: oldSteps, old)
      try check(target, "steps/\(name)", among: newSteps, new)
      // Calls of the old step have gone out under keys made of its name.
      if target != name, newSteps.contains(name) {
        throw MigrationMappingError(
          place: "\(place)/steps/\(name)",
          message:
            "\(new.identity) has another step '\(name)', whose calls would have the idempotency keys of the old one; "
            + "give it a name that no step had")
      }
    }
    for name in mapping.skip { try check(name, "skip", among: new.model.nodes.map(\.name), new) }
  }

  /// Expressions see the instance's data as it was in the old version, and may be checked against that.
  private static func assignment(
    _ member: RoleMapping.Member, _ old: Machine, _ place: String
  ) throws(MigrationMappingError) -> Assignment {
    Assignment(name: member.name, value: try template(member.value, old, "\(place)/\(member.name)"))
  }

  private static func template(_ json: JSON, _ old: Machine, _ place: String) throws(MigrationMappingError)
    -> TemplateModel
  {
    switch json {
    case .string(let text):
      let variables: [ScopeVariable] = [.data, .saga, .now]
      let environment = CELEnvironment(variables: [
        ("data", old.model.dataSchema?.celType ?? .dyn), ("saga", .object(ScopeTypes.saga)), ("now", .timestamp),
      ])
      do {
        let program = try environment.compile(text)
        let start = SourcePosition(offset: 0, line: 1, column: 1)
        return .expression(Expression(program: program, variables: variables, position: start))
      } catch {
        throw MigrationMappingError(place: place, message: "'\(text)': \(error.message)")
      }
    case .array(let elements):
      var result: [TemplateModel] = []
      for (index, element) in elements.enumerated() { result.append(try template(element, old, "\(place)/\(index)")) }
      return .array(result)
    case .object(let members):
      var result: [(name: String, value: TemplateModel)] = []
      for (name, value) in members { result.append((name: name, value: try template(value, old, "\(place)/\(name)"))) }
      return .object(result)
    case .null, .bool, .int, .double: return .constant(json)
    }
  }

  /// The steps of the new version that are not in the old one at and below a node, and that no mapping skips.
  ///
  /// What stands in a branch of a `choose` or in a `catch` is no part of the way everybody takes.
  func newSteps(in node: Int) -> [String] {
    let model = new.model.nodes[node]
    if mapping.skip.contains(model.name) { return [] }
    switch model.kind {
    case .call, .set, .fail, .publish, .choose: return steps.source[node] == nil ? [model.name] : []
    case .attempt(let body, _): return newSteps(in: body)
    case .sequence, .forEach, .parallel: return model.children.flatMap { newSteps(in: $0) }
    }
  }

  /// Which `after` of the new list is which of the old one: first by the same delay, then in order.
  static func pairs(_ old: [AfterModel], _ new: [AfterModel]) -> [Int?] {
    var taken: Set<Int> = []
    var result: [Int?] = old.map { entry in
      guard let found = new.indices.first(where: { !taken.contains($0) && new[$0].text == entry.text }) else {
        return nil
      }
      taken.insert(found)
      return found
    }
    for index in result.indices where result[index] == nil {
      guard let found = new.indices.first(where: { !taken.contains($0) }) else { continue }
      taken.insert(found)
      result[index] = found
    }
    return result
  }
}

extension MachineModel {
  /// The names of all calls, in the order of the text.
  var callNames: [String] { parts.nodes.filter(\.isCall).map(\.name) }
}
