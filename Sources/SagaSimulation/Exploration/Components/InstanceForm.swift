import SagaCore

/// One form for instances that act alike from now on.
///
/// What is given one value is what no decision depends on:
/// - `revision` and a timer's `armedRevision`: the machine compares a firing's with its timer's, and the engine takes the
///   firing from the timer. Message ids are made of the revision too; the explorer names messages itself (`MessageNames`).
/// - the order of `timers`: the next one is found by time and name.
/// - the numbers of open calls, as long as they keep their order: they name timers, and say which of those that are due at
///   the same time is first.
/// - `answered`: it serves only to raise an alert when a second answer contradicts the first.
/// - times that were only noted, where no expression reads times. Of a timer only the time that is left counts, and of
///   timers that are due already only their order.
struct InstanceForm {
  /// The time that "now" gets; nil leaves all times as they are.
  var now: Timestamp?
  /// Whether the replies that owed undos keep lose their ids: nothing reads them, and answers of two attempts are alike.
  var anonymises = false
  /// Whether nobody takes the alert that a second answer contradicts the first.
  var forgetsAnswers = false
  /// Whether revisions, and with them the engine's own message ids, stay as they are.
  var keepsRevisions = false

  func form(of instance: Instance, at time: Timestamp) -> Instance {
    var form = instance
    if !keepsRevisions { form.revision = 1 }
    if forgetsAnswers { form.answered = [] }
    if !keepsRevisions { for index in form.timers.indices { form.timers[index].armedRevision = 1 } }
    form.timers.sort { $0.name.order < $1.name.order }
    if let now { place(&form, from: time, at: now) }
    let numbers = self.numbers(of: form)
    for index in form.timers.indices {
      if case .call(let number) = form.timers[index].name, let new = numbers[number] {
        form.timers[index].name = .call(new)
      }
    }
    form.nextCall = Int64(numbers.count) + 1
    let plain = PlainCalls(numbers: numbers, form: self)
    form.failure = timeless(form.failure)
    for index in form.pending.indices { form.pending[index].failure = timeless(form.pending[index].failure) }
    form.block = form.block.map(plain.plain)
    form.owed = form.owed.map(plain.plain)
    form.repairs = form.repairs.map(plain.plain)
    if let unwinding = form.unwinding {
      form.unwinding?.tree = plain.plain(unwinding.tree)
      if case .transition(let reference, let event) = unwinding.then {
        form.unwinding?.then = .transition(reference, event: anonymous(event))
      }
    }
    return form
  }

  /// Moves an instance in time: what waits keeps its distance from now, what was noted is noted now.
  private func place(_ form: inout Instance, from time: Timestamp, at now: Timestamp) {
    let overdue = Set(form.timers.map(\.due).filter { $0 < time }).sorted()
    for index in form.timers.indices where !form.timers[index].isFaulty {
      let due = form.timers[index].due
      // The earliest of those that are due was due longest ago.
      let rank = overdue.firstIndex(of: due).map { Int64(overdue.count - $0) } ?? 0
      form.timers[index].setAt = now.advanced(byMilliseconds: -rank)
      form.timers[index].delayMilliseconds = rank > 0 ? 0 : due.milliseconds(since: time)
    }
    form.startedAt = now
    form.updatedAt = now
    if form.closedAt != nil { form.closedAt = now }
  }

  /// New numbers by old ones.
  private func numbers(of instance: Instance) -> [Int64: Int64] {
    var numbers: [Int64: Int64] = [:]
    for (index, number) in instance.numbersOfOpenCalls.enumerated() { numbers[number] = Int64(index) + 1 }
    return numbers
  }

  fileprivate func anonymous(_ event: CloudEvent?) -> CloudEvent? {
    guard anonymises, var event else { return event }
    event.id = ""
    event.causationid = nil
    return event
  }

  fileprivate func timeless(_ failure: Failure?) -> Failure? { failure.map(timeless) }

  fileprivate func timeless(_ failure: Failure) -> Failure {
    guard let now else { return failure }
    var failure = failure
    failure.time = now
    return failure
  }
}

/// The walk over everything in an instance that holds a call, a reply or a failure.
private struct PlainCalls {
  let numbers: [Int64: Int64]
  let form: InstanceForm

  func plain(_ call: Call) -> Call {
    var call = call
    call.number = numbers[call.number] ?? call.number
    switch call.phase {
    case .failed(let failure, let isUnknown): call.phase = .failed(form.timeless(failure), isUnknown: isUnknown)
    case .answered(let event): call.phase = .answered(form.anonymous(event) ?? event)
    case .waiting, .backingOff, .repeating, .settling, .stuck: break
    }
    return call
  }

  func plain(_ undo: OwedUndo) -> OwedUndo {
    var undo = undo
    undo.event = form.anonymous(undo.event)
    switch undo.phase {
    case .settling(let call): undo.phase = .settling(plain(call))
    case .undoing(let call): undo.phase = .undoing(plain(call))
    case .owed, .stuck: break
    }
    return undo
  }

  func plain(_ owed: Owed) -> Owed {
    switch owed {
    case .undo(let undo): .undo(plain(undo))
    case .sequence(let items): .sequence(items.map(plain))
    case .concurrent(let items, let limit): .concurrent(items.map(plain), limit: limit)
    }
  }

  func plain(_ frame: Frame) -> Frame {
    switch frame {
    case .ready: return frame
    case .sequence(let node, let position, let child, let owed):
      return .sequence(node: node, position: position, child: plain(child), owed: owed.map(plain))
    case .call(let call): return .call(plain(call))
    case .forEach(let node, let items, let next, let active, let owed):
      let frames = active.map { entry in
        var entry = entry
        entry.frame = plain(entry.frame)
        return entry
      }
      return .forEach(node: node, items: items, next: next, active: frames, owed: owed.map(plain))
    case .parallel(let node, let branches, let owed):
      return .parallel(node: node, branches: branches.map { $0.map(plain) }, owed: owed.map(plain))
    case .choose(let node, let branch, let child): return .choose(node: node, branch: branch, child: plain(child))
    case .attempt(let node, let child): return .attempt(node: node, child: plain(child))
    case .recovering(let node, let tree, let failure):
      return .recovering(node: node, tree: plain(tree), failure: form.timeless(failure))
    case .catching(let node, let child, let failure):
      return .catching(node: node, child: plain(child), failure: form.timeless(failure))
    case .finished(let owed, let problem): return .finished(owed: owed.map(plain), problem: problem)
    }
  }
}
