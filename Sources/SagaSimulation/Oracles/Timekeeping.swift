import SagaCore
import SagaRuntime

/// Timers as a journal and the definition tell it, whatever the engine's own table of timers says: never early, not
/// after what they stood for was over, and with the pauses that the definition asks for. `World.checkTimers` looks at that table.
struct Timekeeping {
  /// What waits: for an answer until a timeout, or for the next attempt until a delay is over.
  fileprivate struct Wait {
    var attempt: Int64 = 0
    var since: Timestamp
    var milliseconds: Int64
    var isUndo = false

    var end: Timestamp { since.advanced(byMilliseconds: milliseconds) }
  }

  fileprivate struct Course {
    var state = ""
    /// The times of its rows, by revision; a clock that had been far ahead takes them back with it.
    var times: [Timestamp] = []
    /// Attempts that are out, by step with its `forEach` positions.
    var awaited: [String: [Wait]] = [:]
    /// Attempts that are put off. Several undos of one step may be, where a late success owes one more.
    var putOff: [String: [Wait]] = [:]
    /// Steps of which an answer or a failure may be about another call than the one that is out: they were begun in several
    /// visits, or are undone.
    var ambiguous: Set<String> = []
    var begun: Set<String> = []
    /// Steps of which the last command was an undo.
    var undoing: Set<String> = []
    /// How many undos of a step are begun and not over.
    var openUndos: [String: Int] = [:]
  }

  private var courses: [InstanceID: Course] = [:]

  /// Reads on by one row of an instance.
  mutating func enter(
    _ row: JournalRow, _ facts: [Fact], of id: InstanceID, key: String, _ delays: RoleDelays, _ service: String
  ) throws {
    var course = courses[id] ?? Course()
    defer { courses[id] = course }
    var firing: TimerFiring?
    if row.kind == .timer, let input = row.input {
      switch try InputRecord(decoding: input) {
      case .timer(let fired): firing = fired
      case .rearmed: course.rearm(at: row.at)
      default: break
      }
    }
    if let firing, let delay = delays.delay(of: firing.timer, in: course.state),
      let armed = course.time(ofRevision: firing.armedRevision), row.at.milliseconds(since: armed) < delay
    {
      throw early(row, key, service, "an `after` of \(delay) ms", row.at.milliseconds(since: armed))
    }
    for fact in facts {
      switch fact {
      case .entered(let state):
        course.state = state
        course.leaveActions()
      case .compensating:
        course.leaveActions()
        course.awaited.changeAll { if !$0.isUndo { $0.milliseconds = min($0.milliseconds, delays.settle) } }
      case .undone(let step):
        // Where two are out, which of them is over cannot be told: the older one stays, and is the more lenient.
        let open = course.openUndos[step] ?? 0
        course.openUndos[step] = max(0, open - 1)
        if open <= 1 { course.awaited[step]?.removeAll(where: \.isUndo) }
      case .called(let step, let attempt, _), .undoing(let step, let attempt, _):
        let isUndo = if case .undoing = fact { true } else { false }
        // Another call of the step may go out meanwhile: the undo of what was put off.
        if let wait = course.takePutOff(step, attempt, isUndo), firing != nil,
          row.at.milliseconds(since: wait.since) < wait.milliseconds
        {
          throw early(row, key, service, "the next attempt of \(step)", row.at.milliseconds(since: wait.since))
        }
        if isUndo || (attempt == 1 && !course.begun.insert(step).inserted) { course.ambiguous.insert(step) }
        if isUndo, attempt == 1 { course.openUndos[step, default: 0] += 1 }
        if isUndo { course.undoing.insert(step) } else { course.undoing.remove(step) }
        let timeout = delays.leastWait(for: step.withoutIndexes, isUndo: isUndo)
        course.awaited[step, default: []].append(
          Wait(attempt: attempt, since: row.at, milliseconds: timeout, isUndo: isUndo))
      case .waiting(let step):
        course.awaited[step, default: []].append(
          Wait(since: row.at, milliseconds: delays.leastWait(for: step.withoutIndexes, isUndo: false)))
      case .retrying(let step, let attempt, let delay):
        let said = [delays.attempts, delays.undoAttempts].compactMap { $0[step.withoutIndexes] }
        // Of a step that only publishes it is the undo of something that nobody was asked for.
        if !said.isEmpty, !said.contains(where: { $0.allows(pause: delay, beforeAttempt: attempt) }) {
          throw Violation(
            "timer",
            "row \(row.sequence) of \(service): \(key) pauses for \(delay) ms before attempt \(attempt) of \(step)")
        }
        course.putOff[step, default: []].append(
          Wait(attempt: attempt, since: row.at, milliseconds: delay, isUndo: course.undoing.contains(step)))
      case .again(let step, _, let delay):
        course.awaited[step] = nil
        course.putOff[step, default: []].append(
          Wait(attempt: 1, since: row.at, milliseconds: delay, isUndo: course.undoing.contains(step)))
      case .replied(let step, _), .stepFailed(let step, _, _):
        if !course.ambiguous.contains(step) { course.awaited[step]?.removeAll { !$0.isUndo } }
      case .operated(let verb, _, _) where verb == Operation.Verb.retry.rawValue: course.hasten()
      case .noted(let text):
        // A message that came back to a paused instance: its timer is over at once.
        for step in course.awaited.keys where text.hasPrefix("\(step) could not be delivered") {
          for index in course.awaited[step, default: []].indices { course.awaited[step]?[index].milliseconds = 0 }
        }
      case .timedOut(let step, _):
        guard let wait = course.takeOldest(step) else {
          if course.ambiguous.contains(step) { break }
          throw Violation("timer", "row \(row.sequence) of \(service): \(key) gives up on \(step), which is over")
        }
        if row.at.milliseconds(since: wait.since) < wait.milliseconds {
          throw early(row, key, service, "the timeout of \(step)", row.at.milliseconds(since: wait.since))
        }
      default: break
      }
    }
    course.times.append(row.at)
  }

  private func early(
    _ row: JournalRow, _ key: String, _ service: String, _ what: String, _ after: Int64
  ) -> Violation {
    Violation("timer", "row \(row.sequence) of \(service): \(what) of \(key) is over after \(after) ms already")
  }
}

extension Timekeeping.Course {
  fileprivate func time(ofRevision revision: Int64) -> Timestamp? {
    // A row's number is one more than those before it.
    let index = Int(revision) - 1
    return times.indices.contains(index) ? times[index] : nil
  }

  /// Timers are set again from now on.
  fileprivate mutating func rearm(at time: Timestamp) {
    for index in times.indices { times[index] = min(times[index], time) }
    awaited.changeAll { wait in
      // Where compensation had begun only what was left of it is waited for again, and how much only the engine knows.
      if wait.since > time { (wait.since, wait.milliseconds) = (time, 0) }
    }
    putOff.changeAll { $0.since = min($0.since, time) }
  }

  /// What was put off is not asked for again where a state is left or undone.
  fileprivate mutating func leaveActions() { putOff = putOff.mapValues { $0.filter(\.isUndo) } }

  /// What was put off comes at once: an operator wants it.
  fileprivate mutating func hasten() { putOff.changeAll { $0.milliseconds = 0 } }

  /// Of several that were put off the one that comes first.
  fileprivate mutating func takePutOff(_ step: String, _ attempt: Int64, _ isUndo: Bool) -> Timekeeping.Wait? {
    guard let waits = putOff[step] else { return nil }
    let matching = waits.indices.filter { waits[$0].attempt == attempt && waits[$0].isUndo == isUndo }
    guard let first = matching.min(by: { waits[$0].end < waits[$1].end }) else { return nil }
    return putOff[step]?.remove(at: first)
  }

  /// Of several attempts the one that is out for longest.
  fileprivate mutating func takeOldest(_ step: String) -> Timekeeping.Wait? {
    guard let waits = awaited[step], let oldest = waits.indices.min(by: { waits[$0].since < waits[$1].since }) else {
      return nil
    }
    return awaited[step]?.remove(at: oldest)
  }
}

extension [String: [Timekeeping.Wait]] {
  fileprivate mutating func changeAll(_ change: (inout Timekeeping.Wait) -> Void) {
    self = mapValues { waits in
      var waits = waits
      for index in waits.indices { change(&waits[index]) }
      return waits
    }
  }
}
