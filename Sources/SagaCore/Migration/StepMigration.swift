/// Carries the running steps of an instance, and what they owe, over to another version, and notes what stands in the way.
///
/// Its results mean something only where it found no obstacle.
struct StepMigration {
  let plan: MigrationPlan
  private(set) var obstacles: [MigrationObstacle] = []
  private var old: MachineModel { plan.old.model }
  private var new: MachineModel { plan.new.model }

  init(_ plan: MigrationPlan) { self.plan = plan }

  mutating func note(_ code: MigrationObstacle.Code, _ subject: String, _ message: String) {
    let obstacle = MigrationObstacle(code, subject, message)
    if !obstacles.contains(obstacle) { obstacles.append(obstacle) }
  }

  private var version: String { "v\(plan.new.identity.version)" }

  // MARK: The running steps

  /// The frame under the new version, where it has to be the node `target`.
  mutating func move(_ frame: Frame, to target: Int) -> Frame {
    switch frame {
    case .ready(let node, let problem):
      return .ready(node: expect(node, target), problem: problem)
    case .sequence(let node, let position, let child, let owed):
      return moveSequence(node, position, child, owed, to: target)
    case .call(var call):
      checkCall(call, isUndo: false)
      call.node = expect(call.node, target)
      call.phase = move(call.phase)
      return .call(call)
    case .forEach(let node, let items, let next, let active, let owed):
      let found = expect(node, target)
      guard case .forEach(let list, _, _) = old.nodes[node].kind,
        case .forEach(let newList, _, let body) = new.nodes[found].kind
      else { return frame }
      if list.program.source != newList.program.source {
        note(
          .branches, new.nodes[found].name,
          "the loop \(old.nodes[node].name) is under way over '\(list.program.source)', and \(version) goes through "
            + "'\(newList.program.source)'")
      }
      if next > active.count { checkFinished(body) }
      let frames = active.map { IndexedFrame(index: $0.index, frame: move($0.frame, to: body)) }
      return .forEach(node: found, items: items, next: next, active: frames, owed: owed.map { move($0) })
    case .parallel(let node, let branches, let owed):
      let found = expect(node, target)
      guard case .parallel(let bodies) = new.nodes[found].kind else { return frame }
      guard bodies.count == branches.count else {
        note(
          .branches, new.nodes[found].name,
          "\(branches.count) branches of \(old.nodes[node].name) are under way, and \(version) has \(bodies.count)")
        return frame
      }
      var moved: [Frame?] = []
      for (branch, body) in zip(branches, bodies) {
        if branch == nil { checkFinished(body) }
        moved.append(branch.map { move($0, to: body) })
      }
      return .parallel(node: found, branches: moved, owed: owed.map { move($0) })
    case .choose(let node, let branch, let child):
      let found = expect(node, target)
      guard case .choose(let choices) = old.nodes[node].kind, case .choose(let newChoices) = new.nodes[found].kind
      else {
        return frame
      }
      let body = plan.steps.target[choices[branch].body]
      guard let body, let index = newChoices.firstIndex(where: { $0.body == body }) else {
        note(
          .step, steps(in: choices[branch].body),
          "a branch of \(old.nodes[node].name) is under way that \(version) has not")
        return frame
      }
      return .choose(node: found, branch: index, child: move(child, to: body))
    case .attempt(let node, let child):
      let found = expect(node, target)
      guard case .attempt(let body, _) = new.nodes[found].kind else { return frame }
      return .attempt(node: found, child: move(child, to: body))
    case .recovering(let node, let tree, let failure):
      return .recovering(node: expect(node, target), tree: move(tree), failure: failure)
    case .catching(let node, let child, let failure):
      let found = expect(node, target)
      guard case .attempt(_, let recovery) = new.nodes[found].kind else { return frame }
      return .catching(node: found, child: move(child, to: recovery), failure: failure)
    case .finished(let owed, let problem):
      checkFinished(target)
      return .finished(owed: owed.map { move($0) }, problem: problem)
    }
  }

  private mutating func moveSequence(
    _ node: Int, _ position: Int, _ child: Frame, _ owed: [Owed], to target: Int
  ) -> Frame {
    let found = expect(node, target)
    guard case .sequence(let children) = old.nodes[node].kind, case .sequence(let newChildren) = new.nodes[found].kind,
      children.indices.contains(position)
    else { return .sequence(node: found, position: position, child: child, owed: owed) }
    let current = children[position]
    guard let place = newChildren.firstIndex(where: { plan.steps.source[$0] == current }) else {
      noteMissing(current)
      return .sequence(node: found, position: position, child: child, owed: owed.map { move($0) })
    }
    for done in children[..<position] {
      guard let again = newChildren.firstIndex(where: { plan.steps.source[$0] == done }), again > place else {
        continue
      }
      note(
        .runsAgain, steps(in: done),
        "\(steps(in: done)) has run, and in \(version) comes after \(steps(in: current)): it would run again")
    }
    let ran = Set(children[..<position])
    for before in newChildren[..<place] {
      if let source = plan.steps.source[before] {
        if ran.contains(source) {
          checkFinished(before)
        } else {
          noteNeverRuns(new.calls(in: before).first ?? new.nodes[before].name, before: current)
        }
      } else {
        for name in plan.newSteps(in: before) { noteNeverRuns(name, before: current) }
      }
    }
    let moved = move(child, to: newChildren[place])
    return .sequence(node: found, position: place, child: moved, owed: owed.map { move($0) })
  }

  private mutating func noteNeverRuns(_ name: String, before current: Int) {
    note(
      .neverRuns, name,
      "the instance is at \(steps(in: current)) already: \(name) of \(version), which comes before it, would never run")
  }

  /// A part that has run: what the new version adds to it would never run.
  private mutating func checkFinished(_ node: Int) {
    for name in plan.newSteps(in: node) {
      note(.neverRuns, name, "the instance is past the place where \(version) runs \(name): it would never run")
    }
  }

  /// The node that an old one has become, which has to be `target`.
  private mutating func expect(_ node: Int, _ target: Int) -> Int {
    if plan.steps.target[node] != target { noteMissing(node) }
    return target
  }

  private mutating func noteMissing(_ node: Int) {
    let name = steps(in: node)
    let moved = old.nodes[node].isCall && plan.steps.target[node] != nil
    note(
      .step, old.nodes[node].isCall ? old.nodes[node].name : name,
      moved
        ? "\(name) is under way, and in \(version) stands in another part of the steps"
        : "\(name) is under way, and \(version) has no such step")
  }

  /// How a part is called: its call, or where it stands.
  private func steps(in node: Int) -> String {
    let calls = old.calls(in: node)
    return calls.count == 1 ? calls[0] : old.nodes[node].name
  }

  // MARK: Calls

  private mutating func checkCall(_ call: Call, isUndo: Bool) {
    let name = old.nodes[call.node].name
    guard let found = plan.steps.target[call.node], let before = old.call(of: call.node, isUndo: isUndo) else { return }
    let label = isUndo ? "the undo of \(name)" : name
    guard let after = new.call(of: found, isUndo: isUndo) else {
      return note(isUndo ? .undo : .step, name, "\(label) is under way, and \(version) has no call there")
    }
    checkOpen(before, after, label)
  }

  /// Whether an open call may be gone on with: what is out stays what it was, and whatever answers it is taken.
  mutating func checkOpen(_ before: CallModel, _ after: CallModel, _ label: String) {
    let (was, becomes) = (CallText(before), CallText(after))
    if was != becomes {
      note(
        .command, label,
        "\(label) is under way as \(was), and \(version) would go on with \(becomes) under the same idempotency key")
    }
    for type in before.replies.keys.sorted() where after.replies[type] == nil {
      note(.reply, type, "\(label) is under way and may be answered with \(type), which \(version) does not take there")
    }
    if before.isPivot != after.isPivot {
      note(.pivot, label, "\(label) is under way, and it is the pivot in one version and not in the other")
    }
  }

  private mutating func move(_ phase: Call.Phase) -> Call.Phase {
    guard case .answered(let event) = phase else { return phase }
    return .answered(move(event))
  }

  /// A message that the instance keeps, in the newest form of its type.
  mutating func move(_ event: CloudEvent) -> CloudEvent {
    do throws(MessageFault) {
      return try plan.new.normalise(event)
    } catch {
      note(.message, event.type, "the instance keeps a \(event.type) that does not fit \(version): \(error.message)")
      return event
    }
  }

  // MARK: What is owed

  mutating func move(_ owed: Owed) -> Owed {
    switch owed {
    case .undo(let undo): .undo(move(undo))
    case .sequence(let items): .sequence(items.map { move($0) })
    case .concurrent(let items, let limit): .concurrent(items.map { move($0) }, limit: limit)
    }
  }

  mutating func move(_ undo: OwedUndo) -> OwedUndo {
    let name = old.nodes[undo.node].name
    guard let found = plan.steps.target[undo.node] else {
      note(.step, name, "the undo of \(name) is owed, and \(version) has no such step")
      return undo
    }
    guard let form = new.undo(of: found) else {
      note(.undo, name, "the undo of \(name) is owed, and \(version) does not undo it")
      return undo
    }
    if case .call(let before) = old.nodes[undo.node].kind, case .call(let after) = new.nodes[found].kind,
      CallText(before) != CallText(after)
    {
      note(
        .command, name,
        "the undo of \(name) is owed for \(CallText(before)), and in \(version) \(name) is \(CallText(after))")
    }
    if form.usesEvent, undo.event == nil, !undo.isUnknown {
      note(.undo, name, "the undo of \(name) reads the reply in \(version), and the reply was not kept")
    }
    var moved = undo
    moved.node = found
    moved.event = undo.event.map { move($0) }
    switch undo.phase {
    case .settling(var call):
      checkCall(call, isUndo: false)
      call.node = found
      moved.phase = .settling(call)
    case .undoing(var call):
      checkCall(call, isUndo: true)
      call.node = found
      call.phase = move(call.phase)
      moved.phase = .undoing(call)
    case .owed, .stuck: break
    }
    return moved
  }
}

/// What a call sends, as far as a participant can tell one from another.
struct CallText: Equatable, CustomStringConvertible {
  let command: String?
  let destination: String?

  init(_ call: CallModel) {
    command = call.command?.type
    destination = call.command?.destination
  }

  var description: String {
    guard let command else { return "a wait" }
    return destination.map { "\(command) to \($0)" } ?? command
  }
}
