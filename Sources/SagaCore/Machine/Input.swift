/// What moves an instance: one value per journal row.
public enum Input: Sendable, Hashable {
  /// A message addressed to the instance, normalised by `Machine.normalise`.
  case message(CloudEvent)
  /// A timer of the instance is due.
  case timer(TimerFiring)
  /// A command could not be delivered and will not be tried again; the outcome at the participant is unknown.
  ///
  /// `isPermanent`: no further attempt can succeed.
  case undeliverable(idempotencyKey: String, reason: String, isPermanent: Bool = false)
  /// An operator acts on the instance.
  case operation(Operation)
}

/// A due timer, naming the revision that armed it so that a firing of an earlier arming is recognised as stale.
public struct TimerFiring: Sendable, Hashable {
  /// Which timer.
  public var timer: TimerName
  /// The revision of the instance that had armed it.
  public var armedRevision: Int64
  /// A firing, as an engine makes it of a stored wake.
  public init(timer: TimerName, armedRevision: Int64) {
    self.timer = timer
    self.armedRevision = armedRevision
  }
}

/// What an operator can do to one instance.
public struct Operation: Sendable, Hashable {
  /// The verbs of `saga cancel`, `pause`, `resume`, `retry`, `skip` and `resolve`.
  public enum Verb: String, Sendable, Hashable, CaseIterable {
    /// Compensates, as a cancel event of the definition would.
    case cancel
    /// Holds messages and timers until `resume`.
    case pause
    /// Ends a `pause`.
    case resume
    /// Tries again what made the instance stuck.
    case retry
    /// Treats what made the instance stuck as done.
    case skip
    /// Closes a stuck instance as it is, after a person has put the world right.
    case resolve
    /// Leads an open instance to a state, whatever the definition says of the way there.
    case force
  }
  /// What is done.
  public var verb: Verb
  /// Who acts; kept in the history.
  public var by: String
  /// Why; kept in the history.
  public var reason: String
  /// The state that `force` leads to.
  public var state: String?
  /// `force` even where an effect is lost or never undone by it.
  public var isUnsafe: Bool

  /// An operation to be offered to one instance.
  public init(verb: Verb, by: String, reason: String, state: String? = nil, isUnsafe: Bool = false) {
    self.verb = verb
    self.by = by
    self.reason = reason
    self.state = state
    self.isUnsafe = isUnsafe
  }
}

/// What a decision may depend on besides the instance and the input.
public struct DecisionContext: Sendable, Hashable {
  /// Logical time; never before the instance's last.
  public var now: Timestamp
  /// The journal's epoch, part of every message id.
  public var epoch: Int64
  /// The slot of the instance's key, where the caller knows it; it is computed otherwise.
  public var slot: Slot?
  /// What the instance takes in its stored form, in bytes, before the decision.
  public var storedBytes: Int
  /// The context of one decision.
  public init(now: Timestamp, epoch: Int64, slot: Slot? = nil, storedBytes: Int = 0) {
    self.now = now
    self.epoch = epoch
    self.slot = slot
    self.storedBytes = storedBytes
  }
}
