/// An orchestration as a flow of its steps, with the way back.
struct StepsDiagram {
  private(set) var diagram: Diagram
  private let compensated: String
  /// Where a failure goes: what is owed last is undone first; nil behind the pivot, where there is no way back.
  private var wayBack: String?

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
    let triggers = role.on.map { ($0.type, $0.transitions) } + role.after.map { ("after \($0.delay.text)", $0.transitions) }
    guard !triggers.isEmpty else { return }
    let anytime = diagram.add(.anytime, ["at any time"])
    for (trigger, transitions) in triggers {
      for transition in transitions where transition.compensate != nil {
        diagram.connect(anytime, compensated, DiagramText.transition(trigger, transition), isCompensation: true)
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
      return addPlain("publish \(publish.messages.map(\.name).joined(separator: ", "))", after: exits)
    case .fail(let reason, _):
      let node = diagram.add(.step, ["fail", reason.text])
      connect(exits, to: node)
      if let wayBack { diagram.connect(node, wayBack, isCompensation: true) }
      return []
    case .forEach(let loop):
      let limit = loop.concurrency > 1 ? ["\(loop.concurrency) at a time"] : []
      return addFrame(["for each of \(loop.list.text)"] + limit, after: exits, [loop.steps])
    case .parallel(let branches, _): return addFrame(["side by side"], after: exits, branches)
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
    let back = wayBack
    if let back, !failures.isEmpty { diagram.connect(node, back, DiagramText.types(failures), isCompensation: true) }
    if call.isPivot {
      wayBack = nil
    } else if case .call(let undo) = call.undo, let command = undo.command, let back {
      let undoing = diagram.add(.undo, ["undo \(call.name)", DiagramText.command(command)])
      if isAwaited { diagram.connect(node, undoing, "no answer", isCompensation: true) }
      diagram.connect(undoing, back, isCompensation: true)
      wayBack = undoing
    } else if let back, isAwaited {
      diagram.connect(node, back, "no answer", isCompensation: true)
    }
    let successes = call.command == nil ? [] : call.replies.filter { $0.fail == nil && $0.again == nil }.map(\.type)
    return [Exit(node: node, label: DiagramText.types(successes))]
  }

  /// Steps between a fork and a join. What one branch owes is undone beside the others: each has a way back of its own.
  private mutating func addFrame(_ lines: [String], after exits: [Exit], _ branches: [[StepDefinition]]) -> [Exit] {
    let fork = diagram.add(.fork, lines)
    connect(exits, to: fork)
    let before = wayBack
    var ends: [Exit] = []
    var backs: [String] = []
    for branch in branches {
      wayBack = before
      ends += add(branch, after: [Exit(node: fork)])
      if let wayBack, wayBack != before, !backs.contains(wayBack) { backs.append(wayBack) }
    }
    let join = diagram.add(.join, [])
    connect(ends, to: join)
    wayBack = before
    if backs.count == 1 { wayBack = backs[0] }
    if backs.count > 1 {
      let undoing = diagram.add(.undo, ["undo side by side"])
      for back in backs { diagram.connect(undoing, back, isCompensation: true) }
      wayBack = undoing
    }
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
    let caught = diagram.add(.join, [])
    wayBack = caught
    let attempt = diagram.add(.fork, ["try"])
    connect(exits, to: attempt)
    let ends = add(steps, after: [Exit(node: attempt)])
    let kept = wayBack
    wayBack = before
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
