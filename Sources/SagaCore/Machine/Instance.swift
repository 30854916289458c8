/// Where an instance stands. The raw values are the file format.
public enum InstanceStatus: Int64, Sendable, Hashable, CaseIterable {
  case running = 1
  case compensating = 2
  case completed = 3
  case compensated = 4
  case stuck = 5

  public var isFinal: Bool { self == .completed || self == .compensated }
  public var name: String {
    switch self {
    case .running: "running"
    case .compensating: "compensating"
    case .completed: "completed"
    case .compensated: "compensated"
    case .stuck: "stuck"
    }
  }
}

/// Why a saga, a step or a `try` failed.
public enum FailureKind: String, Sendable, Hashable, CaseIterable {
  case business, unknown, cancelled, deadline, `operator`
}

/// The first failure of an instance (`saga.failure`).
public struct Failure: Sendable, Hashable {
  public var reason: String
  public var step: String
  public var kind: FailureKind
  public var time: Timestamp
  public init(reason: String, step: String, kind: FailureKind, time: Timestamp) {
    self.reason = reason
    self.step = step
    self.kind = kind
    self.time = time
  }
}

/// One durable execution of a role of a saga: everything that its next decision depends on, as a value.
public struct Instance: Sendable, Hashable {
  /// Hash of saga, role, key and the starting message: deterministic, different in every life of a key.
  public var uid: Hash128
  public var key: String
  public var revision: Int64
  public var status: InstanceStatus
  public var isPaused: Bool
  public var startedAt: Timestamp
  /// The logical time of the last decision.
  public var updatedAt: Timestamp
  public var closedAt: Timestamp?
  /// Index of the current state in the machine.
  public var state: Int
  /// How many states have been entered; part of every idempotency key, so that a new visit has new ones.
  public var visit: Int64
  public var data: JSON
  public var failure: Failure?
  public var correlations: [Correlation]
  /// The `correlationid` of the message that started the instance: what a parent saga waits for.
  public var starterCorrelation: String?
  /// The `traceparent` of the message that started the instance.
  public var traceParent: String?
  public var isPivoted: Bool
  /// The running `do` of the current state.
  public var block: Frame?
  /// What earlier visits owe, oldest first.
  public var owed: [Owed]
  public var unwinding: Unwinding?
  /// A cancel or deadline that waits for the pivot's outcome.
  public var pending: PendingCompensation?
  public var timers: [InstanceTimer]
  /// Messages kept for a later state, oldest first; the engine maintains the list.
  public var deferred: [DeferredMessage]
  /// Actions of unknown outcome whose undo went out without the reply: a late success owes the undo once more.
  public var abandoned: [OwedUndo]
  /// Undos owed once more, worked off beside whatever else the instance does.
  public var repairs: [OwedUndo]
  /// The last calls that were answered, so that a second, contradicting answer is recognised.
  public var answered: [AnsweredCall]
  /// Why the current state could not be entered fully (a timer's expression failed); the instance is stuck there.
  public var entryProblem: String?
  /// Numbers calls, so that timers can name them.
  public var nextCall: Int64
}

/// What a call was answered with.
public struct AnsweredCall: Sendable, Hashable {
  /// The high half of the call's idempotency key.
  public var key: UInt64
  public var type: String
}

/// A message kept at the instance; its bytes are in the journal row `sequence`.
public struct DeferredMessage: Sendable, Hashable {
  public var sequence: Int64
  public var id: Hash128
  public var type: String
  public init(sequence: Int64, id: Hash128, type: String) {
    self.sequence = sequence
    self.id = id
    self.type = type
  }
}

/// Names a timer within its instance.
public enum TimerName: Sendable, Hashable {
  /// Entry `index` of the current state's `after`.
  case state(index: Int)
  /// Entry `index` of the role's `after`.
  case role(index: Int)
  /// The one timer of an open call: its timeout, backoff or settling time.
  case call(Int64)
}

/// An armed timer: when it was set and for how long, so that a clock that leapt can be told from a long delay.
public struct InstanceTimer: Sendable, Hashable {
  public var name: TimerName
  public var armedRevision: Int64
  public var setAt: Timestamp
  public var delayMilliseconds: Int64
  public var due: Timestamp { setAt.advanced(byMilliseconds: delayMilliseconds) }

  fileprivate var isOfCall: Bool { if case .call = name { true } else { false } }

  /// Stands for a delay whose expression failed: no real one is as long.
  static let incalculable = Int64.max
  /// Stands for a timer that fired and whose transition could not be computed: no real delay is negative.
  static let undecided: Int64 = -1
  /// The instance is stuck because of this timer; an operator's `retry` evaluates it again.
  package var isFaulty: Bool { delayMilliseconds == InstanceTimer.incalculable || delayMilliseconds < 0 }
}

extension Instance {
  /// The earliest due time, or nil when nothing is armed or an operator or a stuck step holds the timers.
  public var wakeAt: Timestamp? {
    #if SAGA_MUTANTS
      if Mutant.is(.pausedTimersFire), isPaused { return timers.map(\.due).min() }
      if Mutant.is(.deadlinesWhileCompensating), status == .compensating { return timers.map(\.due).min() }
    #endif
    if isPaused || status.isFinal { return nil }
    var earliest: Timestamp?
    for timer in timers where status == .running || timer.isOfCall {
      earliest = min(earliest ?? timer.due, timer.due)
    }
    return earliest
  }

  /// The timers that may fire now, in no particular order.
  public var activeTimers: [InstanceTimer] {
    #if SAGA_MUTANTS
      if Mutant.is(.pausedTimersFire), isPaused { return timers }
      if Mutant.is(.deadlinesWhileCompensating), status == .compensating { return timers }
    #endif
    if isPaused || status.isFinal { return [] }
    // While the instance undoes or is stuck only its calls go on; deadlines are held until that is over.
    if status == .running { return timers }
    return timers.filter(\.isOfCall)
  }

  /// The next firing at or before `now`, by (due, name): what the engine feeds back as an input.
  public func dueTimer(now: Timestamp) -> (firing: TimerFiring, due: Timestamp)? {
    let due = activeTimers.filter { $0.due <= now }
    guard let first = due.min(by: { ($0.due, $0.name.order) < ($1.due, $1.name.order) }) else { return nil }
    return (TimerFiring(timer: first.name, armedRevision: first.armedRevision), first.due)
  }
}

extension TimerName {
  /// Orders timers that are due at the same time: calls before states before the role's deadlines.
  package var order: Int64 {
    switch self {
    case .call(let number): number
    case .state(let index): (1 << 40) + Int64(index)
    case .role(let index): (1 << 50) + Int64(index)
    }
  }
}
