/// Where an instance stands. The raw values are the file format.
public enum InstanceStatus: Int64, Sendable, Hashable, CaseIterable {
  /// It goes its way; messages and timers move it.
  case running = 1
  /// What it has done is being undone.
  case compensating = 2
  /// It has ended with everything done.
  case completed = 3
  /// It has ended with everything undone.
  case compensated = 4
  /// It waits for an operator.
  case stuck = 5

  /// Whether it has ended. A late success may open a compensated one again.
  public var isFinal: Bool { self == .completed || self == .compensated }
  /// The word that the command line and reports use.
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
  /// In this order: a participant or the definition said no; nobody knows what became of a step; a message cancelled it; its time was up;
  /// an operator cancelled it.
  case business, unknown, cancelled, deadline, `operator`
}

/// The first failure of an instance (`saga.failure`).
public struct Failure: Sendable, Hashable {
  /// What a person reads, as the definition or the engine put it.
  public var reason: String
  /// The step that failed; empty where it was none.
  public var step: String
  /// What kind of failure it was.
  public var kind: FailureKind
  /// When it failed.
  public var time: Timestamp
  /// A failure as a decision records it.
  public init(reason: String, step: String, kind: FailureKind, time: Timestamp) {
    self.reason = reason
    self.step = step
    self.kind = kind
    self.time = time
  }
}

/// One durable execution of a role of a saga: everything that its next decision depends on, as a value.
///
/// A value that is one reference wide: instances stand in versions, decisions and views, and with their two dozen fields a
/// copy would count a dozen references. What is shared is copied when it is changed.
public struct Instance: Sendable, Hashable {
  /// What an instance is.
  struct Fields: Sendable, Hashable {
    var uid: Hash128
    var key: String
    var revision: Int64
    var status: InstanceStatus
    var isPaused: Bool
    var startedAt: Timestamp
    var updatedAt: Timestamp
    var closedAt: Timestamp?
    var state: Int
    var visit: Int64
    var data: JSON
    var failure: Failure?
    var correlations: [Correlation]
    var starterCorrelation: String?
    var traceParent: String?
    var isPivoted: Bool
    var block: Frame?
    var owed: [Owed]
    var unwinding: Unwinding?
    var pending: [PendingExit]
    var timers: [InstanceTimer]
    var deferred: [DeferredMessage]
    var abandoned: [OwedUndo]
    var repairs: [OwedUndo]
    var answered: [AnsweredCall]
    var entryProblem: String?
    var nextCall: Int64
  }

  /// `@unchecked Sendable`, because only an instance that alone refers to it changes it. For the same reason its fields are
  /// not watched for overlapping accesses at run time.
  private final class Storage: @unchecked Sendable {
    @exclusivity(unchecked) var fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  private var storage: Storage

  init(_ fields: Fields) { storage = Storage(fields) }

  /// The storage, to be changed: shared with no other instance.
  private var own: Storage {
    mutating get {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.fields) }
      return storage
    }
  }

  /// Hash of saga, role, key and the starting message: deterministic, different in every life of a key.
  public var uid: Hash128 {
    get { storage.fields.uid }
    _modify { yield &own.fields.uid }
  }
  /// The primary key that it was started under.
  public var key: String {
    get { storage.fields.key }
    _modify { yield &own.fields.key }
  }
  /// Counts the decisions: one more with each of its journal rows.
  public var revision: Int64 {
    get { storage.fields.revision }
    _modify { yield &own.fields.revision }
  }
  /// Where it stands.
  public var status: InstanceStatus {
    get { storage.fields.status }
    _modify { yield &own.fields.status }
  }
  /// Whether an operator holds its messages and timers.
  public var isPaused: Bool {
    get { storage.fields.isPaused }
    _modify { yield &own.fields.isPaused }
  }
  /// The logical time of its first decision.
  public var startedAt: Timestamp {
    get { storage.fields.startedAt }
    _modify { yield &own.fields.startedAt }
  }
  /// The logical time of the last decision.
  public var updatedAt: Timestamp {
    get { storage.fields.updatedAt }
    _modify { yield &own.fields.updatedAt }
  }
  /// When it ended; nil while it is open.
  public var closedAt: Timestamp? {
    get { storage.fields.closedAt }
    _modify { yield &own.fields.closedAt }
  }
  /// Index of the current state in the machine.
  public var state: Int {
    get { storage.fields.state }
    _modify { yield &own.fields.state }
  }
  /// How many states have been entered; part of every idempotency key, so that a new visit has new ones.
  public var visit: Int64 {
    get { storage.fields.visit }
    _modify { yield &own.fields.visit }
  }
  /// Its data, as `set` made it.
  public var data: JSON {
    get { storage.fields.data }
    _modify { yield &own.fields.data }
  }
  /// What made it fail; nil while nothing has.
  public var failure: Failure? {
    get { storage.fields.failure }
    _modify { yield &own.fields.failure }
  }
  /// The further values it answers to.
  public var correlations: [Correlation] {
    get { storage.fields.correlations }
    _modify { yield &own.fields.correlations }
  }
  /// The `correlationid` of the message that started the instance: what a parent saga waits for.
  public var starterCorrelation: String? {
    get { storage.fields.starterCorrelation }
    _modify { yield &own.fields.starterCorrelation }
  }
  /// The `traceparent` of the message that started the instance.
  public var traceParent: String? {
    get { storage.fields.traceParent }
    _modify { yield &own.fields.traceParent }
  }
  /// Whether there is no way back any more.
  public var isPivoted: Bool {
    get { storage.fields.isPivoted }
    _modify { yield &own.fields.isPivoted }
  }
  /// The running `do` of the current state.
  public var block: Frame? {
    get { storage.fields.block }
    _modify { yield &own.fields.block }
  }
  /// What earlier visits owe, oldest first.
  public var owed: [Owed] {
    get { storage.fields.owed }
    _modify { yield &own.fields.owed }
  }
  /// The compensation that is under way; nil when there is none.
  public var unwinding: Unwinding? {
    get { storage.fields.unwinding }
    _modify { yield &own.fields.unwinding }
  }
  /// What waits for the pivot's outcome, in the order in which it was asked for.
  public var pending: [PendingExit] {
    get { storage.fields.pending }
    _modify { yield &own.fields.pending }
  }
  /// Its armed timers.
  public var timers: [InstanceTimer] {
    get { storage.fields.timers }
    _modify { yield &own.fields.timers }
  }
  /// Messages kept for a later state, oldest first; the engine maintains the list.
  public var deferred: [DeferredMessage] {
    get { storage.fields.deferred }
    _modify { yield &own.fields.deferred }
  }
  /// Actions of unknown outcome whose undo went out without the reply: a late success owes the undo once more.
  public var abandoned: [OwedUndo] {
    get { storage.fields.abandoned }
    _modify { yield &own.fields.abandoned }
  }
  /// Undos owed once more, worked off beside whatever else the instance does.
  public var repairs: [OwedUndo] {
    get { storage.fields.repairs }
    _modify { yield &own.fields.repairs }
  }
  /// The last calls that were answered, so that a second, contradicting answer is recognised.
  public var answered: [AnsweredCall] {
    get { storage.fields.answered }
    _modify { yield &own.fields.answered }
  }
  /// Why the current state could not be entered fully (a timer's expression failed); the instance is stuck there.
  public var entryProblem: String? {
    get { storage.fields.entryProblem }
    _modify { yield &own.fields.entryProblem }
  }
  /// Numbers calls, so that timers can name them.
  public var nextCall: Int64 {
    get { storage.fields.nextCall }
    _modify { yield &own.fields.nextCall }
  }

  public static func == (left: Instance, right: Instance) -> Bool {
    left.storage === right.storage || left.storage.fields == right.storage.fields
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(storage.fields) }
}

/// What a call was answered with.
public struct AnsweredCall: Sendable, Hashable {
  /// The high half of the call's idempotency key.
  public var key: UInt64
  /// The type of the answer.
  public var type: String
}

/// A message kept at the instance; its bytes are in the journal row `sequence`.
public struct DeferredMessage: Sendable, Hashable {
  /// The row that has the message.
  public var sequence: Int64
  /// The hash of the message's source and id.
  public var id: Hash128
  /// The message's type.
  public var type: String
  /// A message as the engine keeps it.
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
  /// Which timer.
  public var name: TimerName
  /// The revision that armed it; a firing that names another one is stale.
  public var armedRevision: Int64
  /// When it was armed.
  public var setAt: Timestamp
  /// How long it runs, in milliseconds.
  public var delayMilliseconds: Int64
  /// When it is over.
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
