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
  /// nil at the end and only there: a page with fewer elements than asked for, even none, may have a next one.
  public var next: PageToken?
  public init() {}
}

/// Background work of a store.
public enum Maintenance {
  /// Moves the write-ahead log into the database; with `truncate` the log file is emptied as well.
  case checkpoint(truncate: Bool)
  /// Deletes journal rows, in sequence order, up to and including the least of `through`, the folded position and the last
  /// row but one, after handing them to `archive`: rows whose instance closed before the cut, and rows without an instance
  /// (or of a forgotten one) that are themselves older than the cut. Rows that a parked message, a held message or an
  /// unresolved dead letter points to stay. An instance whose last row goes loses its state.
  ///
  /// The store remembers between calls where it is. After a call that reported the end, the next one begins at the journal's
  /// beginning again, because rows that stayed for an open instance may go once that has closed; while a `forget` is under
  /// way, a finished sweep with the same cut stays finished.
  case sweep(closedBefore: Timestamp, through: JournalSequence, archive: (([JournalRow]) throws -> Void)?)
  /// Forgets identity, keys and seen ids of instances that closed before the time and have no state any more, ids inherited
  /// from owners that closed before it, and what participants and consumers of a service remembered before it. Remembers
  /// between calls where it is, with the time of its first call, and begins again after it reported the end.
  case forget(closedBefore: Timestamp)
}

/// How much a call of `maintain` may do: how many rows it looks at.
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
