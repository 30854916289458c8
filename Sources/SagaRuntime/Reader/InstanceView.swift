import SagaCore

/// An instance as a reader shows it.
public struct InstanceView: Sendable {
  public var id: InstanceID
  public var machine: MachineIdentity
  public var uid: Hash128
  public var key: String
  public var revision: Int64
  /// The journal row that made it what it is.
  public var sequence: JournalSequence
  public var status: InstanceStatus
  public var isPaused: Bool
  /// When it wants to be woken next.
  public var wakeAt: Timestamp?
  public var closedAt: Timestamp?
  /// nil once the state was pruned.
  public var instance: Instance?
}

/// Which instances a listing shows; nil means all.
public struct InstanceFilter: Sendable, Hashable {
  public var saga: String?
  public var role: String?
  public var statuses: [InstanceStatus]?
  /// Only those that an operator paused, or only the others.
  public var isPaused: Bool?
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
    case record(InputRecord)
    /// The message was swept, or its bytes cannot be read.
    case unreadable
  }
  public var sequence: JournalSequence
  public var revision: Int64
  public var at: Timestamp
  public var cause: Cause
  public var outcome: DeliveryReceipt.Outcome
  public var facts: [Fact]
  public var outgoing: [OutgoingMessage]
}

/// A refused message with its reason.
public struct DeadLetterView: Sendable {
  public var sequence: JournalSequence
  public var at: Timestamp
  public var fault: MessageFault
  /// The role that refused it, where it got that far.
  public var machine: MachineIdentity?
  public var instance: InstanceID?
  /// The state its instance was in; nil where it got to none, or in a journal written before this was recorded.
  public var state: String?
  /// The message as it came; an oversized one is cut.
  public var bytes: [UInt8]
  public var resolution: DeadLetterResolution?
}

/// A lane's standing.
public struct LaneView: Sendable, Hashable {
  public var name: String
  /// Everything before it is confirmed or held.
  public var position: OutgoingPosition
  /// Journal rows after the cursor.
  public var lagRows: Int64
  public var held: Int
}

/// A held message with its bytes.
public struct HeldView: Sendable {
  public var lane: String
  public var held: HeldMessage
  /// nil when its row was swept.
  public var message: OutgoingMessage?
}

/// Counts over the whole shard.
public struct ShardStatistics: Sendable {
  /// By `InstanceStatus.rawValue` order.
  public var instances: [(status: InstanceStatus, count: Int)] = []
  public var paused = 0
  public var lanes: [LaneView] = []
  public var oldestDue: Timestamp?
  public var unresolvedDeadLetters = 0
  public var parked = 0
  public var lastSequence: JournalSequence = 0
  public var foldedSequence: JournalSequence = 0
  public var epoch: Epoch = 0
  public var clock = Timestamp(milliseconds: 0)
}
