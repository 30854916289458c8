/// Expressions that read a field of the data which is not there on every way to them.
func checkData(_ role: CheckedRole, _ findings: inout Findings) {
  var check = DataCheck(flow: DataFlow(role))
  check.run()
  for finding in check.found { finding.add(to: &findings, role) }
}

private struct DataCheck {
  let flow: DataFlow
  var found: [UnsetRead] = []
  var role: CheckedRole { flow.role }

  mutating func run() {
    for handler in role.role.start { read(handler.transitions, flow.initial) }
    for handler in role.role.on { read(handler.transitions, flow.always) }
    for entry in role.role.after {
      read(entry.delay, flow.started)
      read(entry.transitions, flow.always)
    }
    if let settle = role.role.settle, let facts = whileCalling { read(settle, facts) }
    for (index, state) in role.states.enumerated() {
      guard let entry = flow.entries[index] else { continue }
      for handler in state.on { read(handler.transitions, entry) }
      for after in state.after {
        read(after.delay, entry)
        read(after.transitions, entry)
      }
      let steps = state.steps ?? []
      read(steps, entry)
      if let done = state.done { read([done], flow.pass(steps, entry)) }
      if let failed = state.failed { read([failed], entry) }
    }
  }

  /// Present whenever calls are in flight, which only steps make; nil where there are none.
  private var whileCalling: Set<String>? {
    let running = role.states.indices.filter { role.states[$0].steps != nil }.compactMap { flow.entries[$0] }
    return running.first.map { first in running.dropFirst().reduce(first) { $0.intersection($1) } }
  }

  private mutating func read(_ transitions: [TransitionDefinition], _ facts: Set<String>) {
    for transition in transitions {
      read(transition.when, facts)
      read(transition.set + transition.correlate, facts)
      read(transition.compensate, facts)
      read(transition.publish, facts.union(flow.required).union(transition.set.map(\.name)))
    }
  }

  private mutating func read(_ steps: [StepDefinition], _ facts: Set<String>) {
    var facts = facts
    for step in steps {
      read(step, facts)
      facts = flow.pass(step, facts)
    }
  }

  private mutating func read(_ step: StepDefinition, _ facts: Set<String>) {
    switch step {
    case .set(let members, _): read(members, facts)
    case .fail(let reason, _): read(reason, facts)
    case .publish(let publish):
      read(publish.messages, facts)
      read(publish.undo, of: nil, facts)
    case .call(let call): read(call, facts)
    case .forEach(let loop):
      read(loop.list, facts)
      read(loop.steps, facts)
    case .parallel(let branches, _): for branch in branches { read(branch, facts) }
    case .choose(let choices, _):
      for choice in choices {
        read(choice.when, facts)
        read(choice.steps, facts)
      }
    case .attempt(let steps, let recovery, _):
      read(steps, facts)
      read(recovery, facts)
    }
  }

  private mutating func read(_ call: CallDefinition, _ facts: Set<String>) {
    if let command = call.command { read(command.with, facts) }
    for delay in [call.timeout, call.retry?.delay, call.retry?.maxDelay].compactMap(\.self) { read(delay, facts) }
    for reply in call.replies {
      read(reply.when, facts)
      read(reply.set + reply.correlate, facts)
      let answered = facts.union(reply.set.map(\.name))
      read(reply.fail, answered)
      if let again = reply.again { read(again, answered) }
    }
    read(call.undo, of: call, facts)
  }

  /// An undo may run when the outcome is unknown: then no reply of its call has set anything.
  private mutating func read(_ undo: UndoDefinition?, of call: CallDefinition?, _ facts: Set<String>) {
    let before = found.count
    switch undo {
    case .call(let undo): read(undo, facts)
    case .publish(let members, _): read(members, facts)
    case .some(.none), nil: return
    }
    let own = Set((call?.replies ?? []).flatMap { $0.set.map(\.name) })
    for index in found.indices.dropFirst(before) {
      found[index].undoOf = call?.name ?? "publish"
      found[index].isOwnReply = own.contains(found[index].field)
    }
  }

  private mutating func read(_ members: [TemplateMember], _ facts: Set<String>) {
    for member in members { read(member.value, facts) }
  }

  private mutating func read(_ template: Template, _ facts: Set<String>) {
    switch template {
    case .constant: break
    case .expression(let source): read(source, facts)
    case .array(let elements): for element in elements { read(element, facts) }
    case .object(let members): read(members, facts)
    }
  }

  private mutating func read(_ delay: Delay, _ facts: Set<String>) {
    if case .expression(let source) = delay.value { read(source, facts) }
  }

  private mutating func read(_ source: ExpressionSource?, _ facts: Set<String>) {
    guard let source, let expression = role.compiled(source) else { return }
    for reference in expression.program.references {
      guard reference.variable == ScopeVariable.data.rawValue, let field = reference.path.first else { continue }
      if reference.isGuarded || facts.contains(field) { continue }
      let position = source.position.advanced(by: reference.offset)
      found.append(UnsetRead(field: field, position: position, isSetSomewhere: flow.anywhere.contains(field)))
    }
  }
}

private struct UnsetRead {
  var field: String
  var position: SourcePosition
  var isSetSomewhere: Bool
  /// The step whose undo reads it.
  var undoOf: String?
  /// Only the reply whose absence makes the undo necessary sets it.
  var isOwnReply = false

  func add(to findings: inout Findings, _ role: CheckedRole) {
    let missing =
      isSetSomewhere
      ? "is not set on every way to here" : "is never set\(role.suffix.isEmpty ? "" : " in role '\(role.role.name)'")"
    guard let undoOf else {
      return findings.add(
        .dataUnset, position,
        "'data.\(field)' \(missing), and has no default: where it is missing, the expression fails",
        mend: "give it a \"default\" in `data`, set it on every way, or test it with has(data.\(field))",
        severity: isSetSomewhere ? nil : .error)
    }
    let reason = isOwnReply ? "is set by the reply, which is missing when the outcome is unknown" : missing
    findings.add(
      .undoUnset, position, "'data.\(field)' \(reason): the undo of '\(undoOf)' would be stuck",
      mend: isOwnReply
        ? "write event != null ? event.data.… : …, and let the participant find the action by its idempotency key"
        : "give it a \"default\" in `data`, or set it before the step on every way",
      severity: isOwnReply || !isSetSomewhere ? .error : nil)
  }
}
