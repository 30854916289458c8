/// An orchestration as a flow of its steps, with the way back.
struct StepsDiagram {
  private(set) var diagram: Diagram
  private let compensated: String
  /// Where a failure goes: what is owed last is undone first; nil behind the pivot, where there is no way back.
  private var wayBack: String?
  /// Inside steps that run side by side: what a failure leads to, as it undoes all of them.
  private var frameFailure: String?
  private var failureTarget: String? { wayBack == nil ? nil : frameFailure ?? wayBack }

  /// An end of what is drawn so far, from which the next step is reached.
  private struct Exit {
    var node: String
    var label = ""
  }

  init(saga: String, role: RoleDefinition) {
    diagram = Diagram(saga: saga, role: role.name)
    let start = diagram.add(.start, [])
    let working = role.states.first { $0.steps != nil }
    let failure = working?.failed?.publish.map(\.name) ?? []
    compensated = diagram.add(.compensated, ["compensated"] + failure.map { "publish \($0)" })
    wayBack = compensated
    let exits = add(
      working?.steps ?? [], after: [Exit(node: start, label: DiagramText.types(role.start.map(\.type)))])
    let success = working?.done?.publish.map(\.name) ?? []
    let completed = diagram.add(.completed, ["completed"] + success.map { "publish \($0)" })
    connect(exits, to: completed)
    addRoleWide(role)
  }

  private mutating func addRoleWide(_ role: RoleDefinition) {
    let triggers =
      role.on.map { ($0.type, $0.transitions) } + role.after.map { ("after \($0.delay.text)", $0.transitions) }
    guard !triggers.isEmpty else { return }
    let anytime = diagram.add(.anytime, ["at any time"])
    for (trigger, transitions) in triggers {
      for transition in transitions where transition.compensate != nil {
        diagram.connect(anytime, compensated, trigger, isCompensation: true)
      }
    }
  }

  private mutating func connect(_ exits: [Exit], to node: String) {
    for exit in exits { diagram.connect(exit.node, node, exit.label) }
  }

  /// - Returns: where the flow goes on.
  private mutating func add(_ steps: [StepDefinition], after exits: [Exit]) -> [Exit] {
    var exits = exits
    for step in steps { exits = add(step, after: exits) }
    return exits
  }

  private mutating func add(_ step: StepDefinition, after exits: [Exit]) -> [Exit] {
    switch step {
    case .call(let call): return add(call, after: exits)
    case .set(let members, _): return addPlain("set \(members.map(\.name).joined(separator: ", "))", after: exits)
    case .publish(let publish):
      let line = DiagramText.publish(publish.messages)
      let ends = addPlain(line, after: exits)
      if let undoing = addUndo(publish.undo, of: line) { leadBack(over: undoing) }
      return ends
    case .fail(let reason, _):
      let node = diagram.add(.step, ["fail", reason.text])
      connect(exits, to: node)
      if let failureTarget { diagram.connect(node, failureTarget, isCompensation: true) }
      return []
    case .forEach(let loop):
      let limit = loop.concurrency > 1 ? ["\(loop.concurrency) at a time"] : []
      return addFrame(["for each of \(loop.list.text)"] + limit, undo: "undo each", after: exits, [loop.steps])
    case .parallel(let branches, _):
      return addFrame(["side by side"], undo: "undo side by side", after: exits, branches)
    case .choose(let branches, _): return add(branches, after: exits)
    case .attempt(let steps, let recovery, _): return addAttempt(steps, recovery, after: exits)
    }
  }

  private mutating func addPlain(_ line: String, after exits: [Exit]) -> [Exit] {
    let node = diagram.add(.step, [line])
    connect(exits, to: node)
    return [Exit(node: node)]
  }

  private mutating func add(_ call: CallDefinition, after exits: [Exit]) -> [Exit] {
    let node = diagram.add(.step, DiagramText.call(call))
    connect(exits, to: node)
    let failures = call.replies.filter { $0.fail != nil }.map(\.type)
    let isAwaited = !call.replies.isEmpty && (call.command != nil || call.timeout != nil)
    let target = failureTarget
    if let target, !failures.isEmpty {
      diagram.connect(node, target, DiagramText.types(failures), isCompensation: true)
    }
    if call.isPivot {
      wayBack = nil
    } else {
      let undoing = addUndo(call.undo, of: call.name)
      if isAwaited, let target = undoing.map({ frameFailure ?? $0 }) ?? target {
        diagram.connect(node, target, "no answer", isCompensation: true)
      }
      if let undoing { leadBack(over: undoing) }
    }
    let successes = call.command == nil ? [] : call.replies.filter { $0.fail == nil && $0.again == nil }.map(\.type)
    return [Exit(node: node, label: DiagramText.types(successes))]
  }

  /// The node of what undoes a step; nil where nothing does, or there is no way back any more.
  private mutating func addUndo(_ undo: UndoDefinition?, of step: String) -> String? {
    guard wayBack != nil, let line = undo.flatMap(DiagramText.undo) else { return nil }
    return diagram.add(.undo, ["undo \(step)", line])
  }

  /// Whatever fails from here on leads to this node first.
  private mutating func leadBack(over undoing: String) {
    if let wayBack { diagram.connect(undoing, wayBack, isCompensation: true) }
    wayBack = undoing
  }

  /// Steps between a fork and a join. A failure in one branch undoes what any of them has done, side by side.
  private mutating func addFrame(
    _ lines: [String], undo: String, after exits: [Exit], _ branches: [[StepDefinition]]
  ) -> [Exit] {
    let fork = diagram.add(.fork, lines)
    connect(exits, to: fork)
    let before = wayBack
    let outerFailure = frameFailure
    let undoing = before == nil || !branches.joined().contains(where: \.hasUndo) ? nil : diagram.add(.undo, [undo])
    if let undoing, outerFailure == nil { frameFailure = undoing }
    var ends: [Exit] = []
    var isUndoConnected = false
    for branch in branches {
      wayBack = before
      ends += add(branch, after: [Exit(node: fork)])
      guard let undoing, let back = wayBack, back != before else { continue }
      diagram.connect(undoing, back, isCompensation: true)
      isUndoConnected = true
    }
    if let undoing, let before, !isUndoConnected { diagram.connect(undoing, before, isCompensation: true) }
    let join = diagram.add(.join, [])
    connect(ends, to: join)
    frameFailure = outerFailure
    wayBack = before == nil ? nil : undoing ?? before
    return [Exit(node: join)]
  }

  private mutating func add(_ branches: [ChoiceDefinition], after exits: [Exit]) -> [Exit] {
    let choice = diagram.add(.choice, [])
    connect(exits, to: choice)
    let before = wayBack
    var ends: [Exit] = []
    var backs: [String?] = []
    for branch in branches {
      wayBack = before
      ends += add(branch.steps, after: [Exit(node: choice, label: branch.when?.text ?? "else")])
      if wayBack != before { backs.append(wayBack) }
    }
    if branches.allSatisfy({ $0.when != nil }) { ends.append(Exit(node: choice, label: "none holds")) }
    wayBack = before
    if let only = backs.first, backs.count == 1 { wayBack = only }
    if backs.count > 1 {
      let undoing = diagram.add(.undo, ["undo the branch taken"])
      for case let back? in backs { diagram.connect(undoing, back, isCompensation: true) }
      wayBack = undoing
    }
    return ends
  }

  private mutating func addAttempt(
    _ steps: [StepDefinition], _ recovery: [StepDefinition], after exits: [Exit]
  ) -> [Exit] {
    let before = wayBack
    let outerFailure = frameFailure
    let caught = diagram.add(.join, [])
    wayBack = caught
    frameFailure = nil
    let attempt = diagram.add(.fork, ["try"])
    connect(exits, to: attempt)
    let ends = add(steps, after: [Exit(node: attempt)])
    let kept = wayBack
    wayBack = before
    frameFailure = outerFailure
    let recovered = add(recovery, after: [Exit(node: caught, label: "catch")])
    if kept != caught, let back = wayBack {
      // What the tried steps owe is also undone when a later step fails.
      let undoing = diagram.add(.undo, ["undo what was tried"])
      diagram.connect(undoing, back, isCompensation: true)
      wayBack = undoing
    }
    return ends + recovered
  }
}

extension StepDefinition {
  /// Whether it, or a step in it, owes an undo.
  fileprivate var hasUndo: Bool {
    switch self {
    case .call(let call): call.undo.flatMap(DiagramText.undo) != nil
    case .publish(let publish): publish.undo.flatMap(DiagramText.undo) != nil
    case .set, .fail: false
    case .forEach(let loop): loop.steps.contains(where: \.hasUndo)
    case .parallel(let branches, _): branches.joined().contains(where: \.hasUndo)
    case .choose(let branches, _): branches.contains { $0.steps.contains(where: \.hasUndo) }
    case .attempt(let steps, let recovery, _): (steps + recovery).contains(where: \.hasUndo)
    }
  }
}
