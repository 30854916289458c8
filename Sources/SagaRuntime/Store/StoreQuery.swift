import SagaCore

/// The listings a store can page through.
public enum StoreQuery: Sendable {
  /// Folded instances by id, optionally of some statuses (`InstanceStatus.rawValue`) and machines.
  case instances(statuses: [Int64]?, machines: [MachineID]?)
  /// Dead letters by sequence.
  case deadLetters(onlyUnresolved: Bool)
  /// Parked messages by (expiry, sequence); only those that expire at or before the time, when given.
  case parked(expiringBy: Timestamp?)
  /// Held messages by (lane, sequence, effect).
  case held(lane: LaneID?)
}

/// Where the next page begins; opaque outside the store that made it.
public struct PageToken: Sendable, Hashable {
  public var parts: [Int64]
  public init(_ parts: [Int64]) { self.parts = parts }
}

/// One page: only the list that the query named is filled.
public struct Page: Sendable {
  public var instances: [StoredInstance] = []
  public var deadLetters: [DeadLetterEntry] = []
  public var parked: [ParkedMessage] = []
  public var held: [HeldMessage] = []
  /// nil at the end.
  public var next: PageToken?
  public init() {}
}

/// Background work of a store.
public enum Maintenance {
  /// Moves the write-ahead log into the database; with `truncate` the log file is emptied as well.
  case checkpoint(truncate: Bool)
  /// Deletes journal rows (in sequence order, up to and including `through`) whose instance closed before the cut, or
  /// that belong to no instance, after handing them to `archive`; and the states of those instances.
  case sweep(closedBefore: Timestamp, through: JournalSequence, archive: (([JournalRow]) throws -> Void)?)
  /// Forgets identity, keys and seen ids of instances that closed before the time and are swept.
  case forget(closedBefore: Timestamp)
}

/// How much a call of `maintain` may do.
public struct PageBudget: Sendable {
  public var rows: Int
  public init(rows: Int = 1000) { self.rows = rows }
}

public struct MaintenanceProgress: Sendable, Hashable {
  public var examined: Int
  public var changed: Int
  public var isFinished: Bool
  public init(examined: Int, changed: Int, isFinished: Bool) {
    self.examined = examined
    self.changed = changed
    self.isFinished = isFinished
  }
}

public struct BackupDestination: Sendable, Hashable {
  public var path: String
  public init(path: String) { self.path = path }
}
