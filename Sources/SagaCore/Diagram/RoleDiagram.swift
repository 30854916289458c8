/// The state machine of one role of a choreography.
struct RoleDiagram {
  private(set) var diagram: Diagram
  private let role: RoleDefinition
  private var ids: [String: String] = [:]

  init(saga: String, role: RoleDefinition) {
    diagram = Diagram(saga: saga, role: role.name)
    self.role = role
    let start = diagram.add(.start, [])
    for state in role.states { ids[state.name] = diagram.add(kind(of: state), lines(of: state)) }
    for handler in role.start { add(handler.transitions, handler.type, from: start) }
    for state in role.states { addEdges(of: state) }
    if !role.on.isEmpty || !role.after.isEmpty { addRoleWide() }
  }

  private func kind(of state: StateDefinition) -> Diagram.Node.Kind {
    switch state.final {
    case .completed: .completed
    case .compensated: .compensated
    case nil: .step
    }
  }

  /// The state's name, its steps, and what it does without leaving.
  private func lines(of state: StateDefinition) -> [String] {
    var lines = [state.name]
    for step in state.steps ?? [] { lines += RoleDiagram.lines(of: step) }
    for (trigger, transitions) in RoleDiagram.triggers(on: state.on, after: state.after) {
      for transition in transitions where transition.goto == nil {
        lines.append(DiagramText.transition(trigger, transition))
      }
    }
    return lines
  }

  private static func lines(of step: StepDefinition) -> [String] {
    switch step {
    case .call(let call):
      let line = call.command.map { "\(call.name): \(DiagramText.command($0))" } ?? "\(call.name): waits"
      return [line] + undoLines(call.undo)
    case .publish(let publish): return [DiagramText.publish(publish.messages)] + undoLines(publish.undo)
    case .set, .fail: return []
    case .forEach(let loop): return ["for each of \(loop.list.text)"] + loop.steps.flatMap(lines)
    case .parallel(let branches, _): return ["side by side"] + branches.joined().flatMap(lines)
    case .choose(let branches, _): return ["one of"] + branches.flatMap { $0.steps.flatMap(lines) }
    case .attempt(let steps, let recovery, _): return ["try"] + (steps + recovery).flatMap(lines)
    }
  }

  private static func undoLines(_ undo: UndoDefinition?) -> [String] {
    undo.flatMap(DiagramText.undo).map { ["↩ \($0)"] } ?? []
  }

  private static func triggers(
    on handlers: [Handler], after: [AfterDefinition]
  ) -> [(trigger: String, transitions: [TransitionDefinition])] {
    handlers.map { ($0.type, $0.transitions) } + after.map { ("after \($0.delay.text)", $0.transitions) }
  }

  private mutating func addEdges(of state: StateDefinition) {
    guard let id = ids[state.name] else { return }
    if let done = state.done { add([done], "done", from: id) }
    if let failed = state.failed { add([failed], "failed", from: id, isCompensation: true) }
    for (trigger, transitions) in RoleDiagram.triggers(on: state.on, after: state.after) {
      add(transitions, trigger, from: id)
    }
  }

  private mutating func addRoleWide() {
    let id = diagram.add(.anytime, ["any open state"])
    for (trigger, transitions) in RoleDiagram.triggers(on: role.on, after: role.after) {
      add(transitions, trigger, from: id)
    }
  }

  private mutating func add(
    _ transitions: [TransitionDefinition], _ trigger: String, from: String, isCompensation: Bool = false
  ) {
    for transition in transitions {
      guard let name = transition.goto?.value, let to = ids[name] else { continue }
      diagram.connect(
        from, to, DiagramText.transition(trigger, transition),
        isCompensation: isCompensation || transition.compensate != nil)
    }
  }
}
