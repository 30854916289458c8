import SagaCore

/// One form for instances that act alike from now on.
///
/// What is given one value is what no decision depends on:
/// - `revision` and a timer's `armedRevision`: the machine compares a firing's with its timer's, and the engine takes the
///   firing from the timer. Message ids are made of the revision too; the explorer names messages itself (`MessageNames`).
/// - the order of `timers` (the next one is found by time and name) and of `answered` (looked up by key; a stable sort
///   keeps the last of each key last, and fewer than `maximumAnswered` of them are never cut).
/// - times that were only noted, where no expression reads times: what waits keeps its distance from now.
struct InstanceForm {
  /// The time that "now" gets; nil leaves all times as they are.
  var now: Timestamp?
  /// Whether revisions, and with them the engine's own message ids, stay as they are.
  var keepsRevisions = false

  func form(of instance: Instance, at time: Timestamp) -> Instance {
    var form = instance
    if !keepsRevisions { form.revision = 1 }
    if form.answered.count < MachineLimits.maximumAnswered {
      form.answered = form.answered.enumerated()
        .sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }.map(\.element)
    }
    if !keepsRevisions { for index in form.timers.indices { form.timers[index].armedRevision = 1 } }
    form.timers.sort { $0.name.order < $1.name.order }
    guard let now else { return form }
    let shift = now.milliseconds(since: time)
    for index in form.timers.indices {
      form.timers[index].setAt = form.timers[index].setAt.advanced(byMilliseconds: shift)
    }
    form.startedAt = now
    form.updatedAt = now
    if form.closedAt != nil { form.closedAt = now }
    form.failure?.time = now
    form.pending?.failure.time = now
    form.block = form.block.map { timeless($0, now) }
    form.owed = form.owed.map { timeless($0, now) }
    if let tree = form.unwinding?.tree { form.unwinding?.tree = timeless(tree, now) }
    form.repairs = form.repairs.map { timeless($0, now) }
    return form
  }

  private func timeless(_ failure: Failure?, _ now: Timestamp) -> Failure? {
    var failure = failure
    failure?.time = now
    return failure
  }

  private func timeless(_ call: Call, _ now: Timestamp) -> Call {
    guard case .failed(var failure, let isUnknown) = call.phase else { return call }
    failure.time = now
    var call = call
    call.phase = .failed(failure, isUnknown: isUnknown)
    return call
  }

  private func timeless(_ undo: OwedUndo, _ now: Timestamp) -> OwedUndo {
    var undo = undo
    switch undo.phase {
    case .settling(let call): undo.phase = .settling(timeless(call, now))
    case .undoing(let call): undo.phase = .undoing(timeless(call, now))
    case .owed, .stuck: break
    }
    return undo
  }

  private func timeless(_ owed: Owed, _ now: Timestamp) -> Owed {
    switch owed {
    case .undo(let undo): .undo(timeless(undo, now))
    case .sequence(let items): .sequence(items.map { timeless($0, now) })
    case .concurrent(let items, let limit): .concurrent(items.map { timeless($0, now) }, limit: limit)
    }
  }

  private func timeless(_ frame: Frame, _ now: Timestamp) -> Frame {
    func all(_ owed: [Owed]) -> [Owed] { owed.map { timeless($0, now) } }
    switch frame {
    case .ready: return frame
    case .sequence(let node, let position, let child, let owed):
      return .sequence(node: node, position: position, child: timeless(child, now), owed: all(owed))
    case .call(let call): return .call(timeless(call, now))
    case .forEach(let node, let items, let next, let active, let owed):
      let frames = active.map { entry in
        var entry = entry
        entry.frame = timeless(entry.frame, now)
        return entry
      }
      return .forEach(node: node, items: items, next: next, active: frames, owed: all(owed))
    case .parallel(let node, let branches, let owed):
      return .parallel(node: node, branches: branches.map { $0.map { timeless($0, now) } }, owed: all(owed))
    case .choose(let node, let branch, let child):
      return .choose(node: node, branch: branch, child: timeless(child, now))
    case .attempt(let node, let child): return .attempt(node: node, child: timeless(child, now))
    case .recovering(let node, let tree, let failure):
      return .recovering(node: node, tree: timeless(tree, now), failure: timeless(failure, now))
    case .catching(let node, let child, let failure):
      return .catching(node: node, child: timeless(child, now), failure: timeless(failure, now))
    case .finished(let owed, let problem): return .finished(owed: all(owed), problem: problem)
    }
  }
}
