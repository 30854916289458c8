import SagaCore

/// An instance as a reader shows it.
public struct InstanceView: Sendable {
  /// Its number in this database: the sequence of its first row.
  public var id: InstanceID
  /// The saga, version and role it belongs to.
  public var machine: MachineIdentity
  /// What it is called in every database: of the message that started it.
  public var uid: Hash128
  /// Its primary key.
  public var key: String
  /// How many decisions it has seen.
  public var revision: Int64
  /// The journal row that made it what it is.
  public var sequence: JournalSequence
  /// Where it stands.
  public var status: InstanceStatus
  /// Whether an operator holds it.
  public var isPaused: Bool
  /// When it wants to be woken next.
  public var wakeAt: Timestamp?
  /// When it ended; nil while it is open.
  public var closedAt: Timestamp?
  /// nil once the state was pruned.
  public var instance: Instance?
}

/// Which instances a listing shows; nil means all.
public struct InstanceFilter: Sendable, Hashable {
  /// Of this saga.
  public var saga: String?
  /// Of this role.
  public var role: String?
  /// Of one of these statuses.
  public var statuses: [InstanceStatus]?
  /// Only those that an operator paused, or only the others.
  public var isPaused: Bool?
  /// Everything, unless something is named.
  public init(
    saga: String? = nil, role: String? = nil, statuses: [InstanceStatus]? = nil, isPaused: Bool? = nil
  ) {
    self.saga = saga
    self.role = role
    self.statuses = statuses
    self.isPaused = isPaused
  }
}

/// One row of an instance's history.
public struct HistoryEntry: Sendable {
  /// What came in.
  public enum Cause: Sendable {
    /// `isReoffered`: it had been kept or parked before.
    case message(CloudEvent, isReoffered: Bool)
    /// A timer, an operator or a fault of delivery.
    case record(InputRecord)
    /// The message was swept, or its bytes cannot be read.
    case unreadable
  }
  /// The row.
  public var sequence: JournalSequence
  /// The instance's revision after it.
  public var revision: Int64
  /// The row's logical time.
  public var at: Timestamp
  /// What came in.
  public var cause: Cause
  /// What became of it.
  public var outcome: DeliveryReceipt.Outcome
  /// What the machine did, in order.
  public var facts: [Fact]
  /// What it sent, in order.
  public var outgoing: [OutgoingMessage]
}

/// A refused message with its reason.
public struct DeadLetterView: Sendable {
  /// The row, by which it is replayed and discarded.
  public var sequence: JournalSequence
  /// When it was refused, in logical time.
  public var at: Timestamp
  /// The code and the reason.
  public var fault: MessageFault
  /// The role that refused it, where it got that far.
  public var machine: MachineIdentity?
  /// The instance that refused it, where it got that far.
  public var instance: InstanceID?
  /// The state its instance was in; nil where it got to none, or in a journal written before this was recorded.
  public var state: String?
  /// The message as it came; an oversized one is cut.
  public var bytes: [UInt8]
  /// How it was resolved; nil while it waits.
  public var resolution: DeadLetterResolution?
  /// The shard whose row it is; 0 where there is one.
  public var shard = 0
}

/// A lane's standing.
public struct LaneView: Sendable, Hashable {
  /// The lane's name.
  public var name: String
  /// Everything before it is confirmed or held.
  public var position: OutgoingPosition
  /// Journal rows after the cursor.
  public var lagRows: Int64
  /// Messages that the cursor has passed and that wait beside it.
  public var held: Int
}

/// A held message with its bytes.
public struct HeldView: Sendable {
  /// The lane's name.
  public var lane: String
  /// Why it is held, how often it was tried, and when it is tried again.
  public var held: HeldMessage
  /// nil when its row was swept.
  public var message: OutgoingMessage?
}

/// Counts over the whole shard.
public struct ShardStatistics: Sendable {
  /// By `InstanceStatus.rawValue` order.
  public var instances: [(status: InstanceStatus, count: Int)] = []
  /// Instances that an operator holds.
  public var paused = 0
  /// Every lane, in the order they were first used.
  public var lanes: [LaneView] = []
  /// When the earliest timer is due; nil when none is armed.
  public var oldestDue: Timestamp?
  /// Dead letters that nobody has replayed or discarded.
  public var unresolvedDeadLetters = 0
  /// Messages that wait for an instance.
  public var parked = 0
  /// The journal's last row.
  public var lastSequence: JournalSequence = 0
  /// The rows up to here are folded into the tables.
  public var foldedSequence: JournalSequence = 0
  /// How often the journal was restored.
  public var epoch: Epoch = 0
  /// The greatest logical time of a row.
  public var clock = Timestamp(milliseconds: 0)
}
