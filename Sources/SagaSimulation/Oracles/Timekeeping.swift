import SagaCore
import SagaRuntime

/// A role by its saga, whatever its version.
struct RoleName: Hashable, Sendable {
  var saga: String
  var role: String

  init(saga: String, role: String) {
    self.saga = saga
    self.role = role
  }

  init(_ identity: MachineIdentity) { self.init(saga: identity.saga, role: identity.role) }
}

/// What a definition says about time, in milliseconds; nil where an expression says it.
struct RoleDelays: Sendable {
  private(set) var role: [Int64?]
  private(set) var states: [String: [Int64?]]
  /// How long an attempt of a step is awaited.
  private(set) var actions: [String: Int64] = [:]
  /// The same of a step's undo.
  private(set) var undos: [String: Int64] = [:]
  /// Steps below a `try`: what is in flight there is awaited for less when another step fails, and undone while the saga
  /// goes on.
  private(set) var tried: Set<String> = []
  /// What is in flight when compensation begins is awaited for no longer than this.
  let settle: Int64

  init(_ definition: RoleDefinition) {
    role = definition.after.map(\.delay.literal)
    states = Dictionary(
      definition.states.map { ($0.name, $0.after.map(\.delay.literal)) }, uniquingKeysWith: { first, _ in first })
    settle = definition.settle.map { $0.literal ?? 0 } ?? MachineLimits.settleMilliseconds
    for state in definition.states { add(state.steps ?? [], isTried: false) }
  }

  private mutating func add(_ steps: [StepDefinition], isTried: Bool) {
    for step in steps {
      switch step {
      case .call(let call):
        let timeout = call.timeout.map { $0.literal ?? 0 } ?? MachineLimits.callTimeoutMilliseconds
        actions[call.name] = isTried ? min(timeout, settle) : timeout
        if isTried { tried.insert(call.name) }
        guard case .call(let undo)? = call.undo else { continue }
        undos[call.name] = undo.timeout.map { $0.literal ?? 0 } ?? MachineLimits.undoTimeoutMilliseconds
      case .set, .fail, .publish: break
      case .forEach(let loop): add(loop.steps, isTried: isTried)
      case .parallel(let branches, _): for branch in branches { add(branch, isTried: isTried) }
      case .choose(let choices, _): for choice in choices { add(choice.steps, isTried: isTried) }
      case .attempt(let steps, let recovery, _):
        add(steps, isTried: true)
        add(recovery, isTried: isTried)
      }
    }
  }

  /// What a timer of a state or role waits for at least.
  func delay(of timer: TimerName, in state: String) -> Int64? {
    let delays: [Int64?]
    let position: Int
    switch timer {
    case .role(let index): (delays, position) = (role, index)
    case .state(let index): (delays, position) = (states[state] ?? [], index)
    case .call: return nil
    }
    return delays.indices.contains(position) ? delays[position] : nil
  }
}

/// Timers as a journal and the definition tell it, whatever the engine's own table of timers says: never early, and not
/// after what they stood for was over.
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
  }

  private var courses: [InstanceID: Course] = [:]

  /// Reads on by one row.
  mutating func enter(
    _ row: JournalRow, _ facts: [Fact], _ view: InstanceView, _ delays: RoleDelays, _ service: String
  ) throws {
    var course = courses[view.id] ?? Course()
    defer { courses[view.id] = course }
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
      throw early(row, view, service, "an `after` of \(delay) ms", row.at.milliseconds(since: armed))
    }
    for fact in facts {
      switch fact {
      case .entered(let state):
        course.state = state
        course.leaveActions()
      case .compensating:
        course.leaveActions()
        for (step, waits) in course.awaited {
          course.awaited[step] = waits.map { wait in
            var wait = wait
            if !wait.isUndo { wait.milliseconds = min(wait.milliseconds, delays.settle) }
            return wait
          }
        }
      case .undone(let step):
        // Where two are out, which of them is over cannot be told: the older one stays, and is the more lenient.
        if let waits = course.awaited[step], let last = waits.lastIndex(where: \.isUndo) {
          course.awaited[step]?.remove(at: last)
        }
      case .called(let step, let attempt, _), .undoing(let step, let attempt, _):
        let isUndo = if case .undoing = fact { true } else { false }
        // Another call of the step may go out meanwhile: the undo of what was put off.
        if let wait = course.takePutOff(step, attempt, isUndo), firing != nil,
          row.at.milliseconds(since: wait.since) < wait.milliseconds
        {
          throw early(row, view, service, "the next attempt of \(step)", row.at.milliseconds(since: wait.since))
        }
        if isUndo || (attempt == 1 && !course.begun.insert(step).inserted) { course.ambiguous.insert(step) }
        if isUndo { course.undoing.insert(step) } else { course.undoing.remove(step) }
        let name = step.withoutIndexes
        let timeout = (isUndo ? delays.undos[name] : delays.actions[name]) ?? 0
        course.awaited[step, default: []].append(
          Wait(attempt: attempt, since: row.at, milliseconds: timeout, isUndo: isUndo))
      case .waiting(let step):
        course.awaited[step, default: []].append(
          Wait(since: row.at, milliseconds: delays.actions[step.withoutIndexes] ?? 0))
      case .retrying(let step, let attempt, let delay):
        course.putOff[step, default: []].append(
          Wait(attempt: attempt, since: row.at, milliseconds: delay, isUndo: course.undoing.contains(step)))
      case .again(let step, _, let delay):
        course.awaited[step] = nil
        course.putOff[step, default: []].append(
          Wait(attempt: 1, since: row.at, milliseconds: delay, isUndo: course.undoing.contains(step)))
      case .replied(let step, _), .stepFailed(let step, _, _): course.awaited[step]?.removeAll { !$0.isUndo }
      case .operated(let verb, _, _) where verb == Operation.Verb.retry.rawValue: course.hasten()
      case .noted(let text):
        // A message that came back to a paused instance: its timer is over at once.
        for step in course.awaited.keys where text.hasPrefix("\(step) could not be delivered") {
          for index in course.awaited[step, default: []].indices { course.awaited[step]?[index].milliseconds = 0 }
        }
      case .timedOut(let step, _):
        guard let wait = course.takeOldest(step) else {
          if course.ambiguous.contains(step) { break }
          throw Violation("timer", "row \(row.sequence) of \(service): \(view.key) gives up on \(step), which is over")
        }
        if row.at.milliseconds(since: wait.since) < wait.milliseconds {
          throw early(row, view, service, "the timeout of \(step)", row.at.milliseconds(since: wait.since))
        }
      default: break
      }
    }
    course.times.append(row.at)
  }

  private func early(
    _ row: JournalRow, _ view: InstanceView, _ service: String, _ what: String, _ after: Int64
  ) -> Violation {
    Violation("timer", "row \(row.sequence) of \(service): \(what) of \(view.key) is over after \(after) ms already")
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
    func rearmed(_ waits: [Timekeeping.Wait]) -> [Timekeeping.Wait] {
      waits.map { wait in
        var wait = wait
        wait.since = min(wait.since, time)
        return wait
      }
    }
    awaited = awaited.mapValues { waits in
      waits.map { wait in
        guard wait.since > time else { return wait }
        var wait = wait
        // Where compensation had begun only what was left of it is waited for again, and how much only the engine knows.
        (wait.since, wait.milliseconds) = (time, 0)
        return wait
      }
    }
    putOff = putOff.mapValues(rearmed)
  }

  /// What was put off is not asked for again where a state is left or undone.
  fileprivate mutating func leaveActions() { putOff = putOff.mapValues { $0.filter(\.isUndo) } }

  /// What was put off comes at once: an operator wants it.
  fileprivate mutating func hasten() {
    putOff = putOff.mapValues { waits in
      waits.map { wait in
        var wait = wait
        wait.milliseconds = 0
        return wait
      }
    }
  }

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
