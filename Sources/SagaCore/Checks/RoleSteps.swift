/// A role in the middle of a commit: steps run on as far as they go.
struct RoleRun {
  enum Progress: Hashable {
    case running(StepFrame)
    case completed, failed
  }

  /// What tells one way from another.
  struct Visible: Hashable {
    var progress: Progress
    var situation: RoleSituation
    var sent: [Int]
    var givesUp: Bool
  }

  var progress = Progress.completed
  var situation: RoleSituation
  var sent: [Int] = []
  var notes: [String] = []
  var isGuarded = false
  var givesUp = false
  /// There are more ways than are followed.
  var isCut = false

  var visible: Visible { Visible(progress: progress, situation: situation, sent: sent, givesUp: givesUp) }
}

/// Runs the step trees of a role on all ways at once, without data.
///
/// A `forEach` runs its steps once or not at all; what a participant answers is anybody's guess.
struct RoleSteps {
  let model: MachineModel
  let vocabulary: ComposedVocabulary

  func enter(_ node: Int, _ run: RoleRun) -> [RoleRun] {
    var run = run
    run.progress = .completed
    switch model.nodes[node].kind {
    case .set: return [run]
    case .fail:
      run.progress = .failed
      run.notes.append("fails")
      return [run]
    case .publish(let publications, let undo):
      send(publications, &run)
      if let undo, !run.situation.isPivoted, takesBack(undo) { run.situation.owed.append(node) }
      return [run]
    case .call(let call): return [begin(call, node, run)]
    case .sequence(let children): return runSequence(node, children, from: 0, [run])
    case .forEach(_, _, let body): return [run] + enter(body, run).map { wrap($0) { .inside($0) } }
    case .choose(let choices):
      var result: [RoleRun] = []
      let open = alternatives(choices.map(\.when))
      for choice in open {
        var branch = run
        branch.isGuarded = run.isGuarded || open.count > 1
        result += choice.map { enter(choices[$0].body, branch).map { wrap($0) { .inside($0) } } } ?? [branch]
      }
      return result
    case .parallel(let children):
      return branches(children.map { .unentered($0) }, run)
    case .attempt(let body, _):
      let base = run.situation.owed.count
      return enter(body, run).flatMap { rescue($0, node: node, base: base) }
    }
  }

  /// Ends the open step `node` in a frame and runs on from there.
  func resume(_ frame: StepFrame, node: Int, succeeds: Bool, _ run: RoleRun) -> [RoleRun] {
    switch frame {
    case .open(node):
      var run = run
      run.progress = succeeds ? .completed : .failed
      guard case .call(let call) = model.nodes[node].kind else { return [run] }
      if succeeds { complete(call, node, &run) }
      return [run]
    case .open: return [kept(frame, run)]
    case .inside(let child): return resume(child, node: node, succeeds: succeeds, run).map { wrap($0) { .inside($0) } }
    case .sequence(let parent, let position, let child):
      guard case .sequence(let children) = model.nodes[parent].kind else { return [] }
      return resume(child, node: node, succeeds: succeeds, run).flatMap { after in
        switch after.progress {
        case .running(let frame): [kept(.sequence(node: parent, position: position, child: frame), after)]
        case .failed: [after]
        case .completed: runSequence(parent, children, from: position + 1, [after])
        }
      }
    case .parallel(let open):
      return branches(
        open.map { $0.map { .open($0, resuming: $0.openNodes.contains(node) ? node : nil, succeeds) } ?? .done }, run)
    case .attempt(let parent, let base, let child):
      return resume(child, node: node, succeeds: succeeds, run).flatMap { rescue($0, node: parent, base: base) }
    }
  }

  private func runSequence(_ node: Int, _ children: [Int], from position: Int, _ runs: [RoleRun]) -> [RoleRun] {
    var open = runs
    var ended: [RoleRun] = []
    for position in children.indices.dropFirst(position) {
      var next: [RoleRun] = []
      for after in open.flatMap({ enter(children[position], $0) }) {
        switch after.progress {
        case .running(let frame): ended.append(kept(.sequence(node: node, position: position, child: frame), after))
        case .failed: ended.append(after)
        case .completed: next.append(after)
        }
      }
      // Ways that others cannot tell apart are one; otherwise branch after branch would double them.
      open = distinct(next)
      if open.isEmpty { break }
    }
    return distinct(ended + open)
  }

  private enum Branch {
    case unentered(Int)
    case open(StepFrame, resuming: Int?, Bool)
    case done
  }

  private func branches(_ branches: [Branch], _ run: RoleRun) -> [RoleRun] {
    var partial: [(run: RoleRun, frames: [StepFrame?], isFailed: Bool)] = [(run, [], false)]
    for branch in branches {
      let next = partial.flatMap { state -> [(run: RoleRun, frames: [StepFrame?], isFailed: Bool)] in
        if state.isFailed { return [state] }
        let after: [RoleRun]
        switch branch {
        case .done: return [(state.run, state.frames + [nil], false)]
        case .open(let frame, nil, _): return [(state.run, state.frames + [frame], false)]
        case .unentered(let node): after = enter(node, state.run)
        case .open(let frame, let node?, let succeeds):
          after = resume(frame, node: node, succeeds: succeeds, state.run)
        }
        return after.map { run in
          switch run.progress {
          case .running(let frame): (run, state.frames + [frame], false)
          case .completed: (run, state.frames + [nil], false)
          case .failed: (run, state.frames, true)
          }
        }
      }
      partial = Array(next.prefix(CheckLimits.maximumWays))
      if next.count > partial.count { for index in partial.indices { partial[index].run.isCut = true } }
    }
    return distinct(
      partial.map { state in
        var run = state.run
        run.progress = state.isFailed ? .failed : .completed
        if !state.isFailed, state.frames.contains(where: { $0 != nil }) {
          run.progress = .running(.parallel(state.frames))
        }
        return run
      })
  }

  /// Each way once, whatever led to it, and at most `CheckLimits.maximumWays`.
  func distinct(_ runs: [RoleRun]) -> [RoleRun] {
    guard runs.count > 1 else { return runs }
    var seen: Set<RoleRun.Visible> = []
    var found = runs.filter { seen.insert($0.visible).inserted }
    guard found.count > CheckLimits.maximumWays else { return found }
    found.removeLast(found.count - CheckLimits.maximumWays)
    for index in found.indices { found[index].isCut = true }
    return found
  }

  /// A `try` that fails takes back what it published and goes on with its `catch`.
  private func rescue(_ run: RoleRun, node: Int, base: Int) -> [RoleRun] {
    guard case .attempt(_, let recovery) = model.nodes[node].kind else { return [run] }
    switch run.progress {
    case .completed: return [run]
    case .running(let frame): return [kept(.attempt(node: node, base: base, child: frame), run)]
    case .failed:
      var run = run
      takeBack(from: base, &run)
      return enter(recovery, run).map { wrap($0) { .inside($0) } }
    }
  }

  private func wrap(_ run: RoleRun, _ form: (StepFrame) -> StepFrame) -> RoleRun {
    guard case .running(let frame) = run.progress else { return run }
    return kept(form(frame), run)
  }

  private func kept(_ frame: StepFrame, _ run: RoleRun) -> RoleRun {
    var run = run
    run.progress = .running(frame)
    return run
  }

  private func begin(_ call: CallModel, _ node: Int, _ run: RoleRun) -> RoleRun {
    var run = run
    if let command = call.command, let type = vocabulary.index[command.type] {
      run.sent.append(type)
      run.notes.append("sends \(command.type)")
    }
    if call.replies.isEmpty { complete(call, node, &run) } else { run.progress = .running(.open(node)) }
    return run
  }

  private func complete(_ call: CallModel, _ node: Int, _ run: inout RoleRun) {
    if call.isPivot {
      run.situation.isPivoted = true
      run.situation.owed = []
    } else if let undo = call.undo, !run.situation.isPivoted, takesBack(undo) {
      run.situation.owed.append(node)
    }
  }

  /// Whether an undo tells another role.
  private func takesBack(_ undo: UndoModel) -> Bool {
    guard case .publish(let publications) = undo.form else { return false }
    return publications.contains { vocabulary.index[$0.type] != nil }
  }

  /// Publishes the undos owed since `base`, newest first.
  func takeBack(from base: Int, _ run: inout RoleRun) {
    while run.situation.owed.count > base {
      guard case .publish(let publications) = model.undo(of: run.situation.owed.removeLast())?.form else { continue }
      send(publications, &run)
    }
  }

  func send(_ publications: [Publication], _ run: inout RoleRun) {
    for publication in publications {
      if let type = vocabulary.index[publication.type] { run.sent.append(type) }
      run.notes.append("publishes \(publication.type)")
    }
  }

  /// Which of the alternatives can be the first that holds; nil for none of them.
  func alternatives(_ guards: [Expression?]) -> [Int?] {
    var found: [Int?] = []
    for (index, expression) in guards.enumerated() {
      var value: Bool? = true
      if let expression {
        value = nil
        if case .bool(let constant) = expression.program.constantValue { value = constant }
      }
      if value != false { found.append(index) }
      if value == true { return found }
    }
    return found + [nil]
  }
}
