import SagaCore

/// The listings a store can page through.
public enum StoreQuery: Sendable {
  /// Folded instances by id, optionally of some statuses (`InstanceStatus.rawValue`) and machines.
  case instances(statuses: [Int64]?, machines: [MachineID]?)
  /// The same, without what instances carry with them: for whoever counts them, or wants to know that they are there.
  case headers(statuses: [Int64]?, machines: [MachineID]?)
  /// Dead letters by sequence.
  case deadLetters(onlyUnresolved: Bool)
  /// Parked messages by (expiry, sequence); only those that expire at or before the time, when given.
  case parked(expiringBy: Timestamp?)
  /// Held messages by (lane, sequence, effect).
  case held(lane: LaneID?)
}

/// Where the next page begins; opaque outside the store that made it.
public struct PageToken: Sendable, Hashable {
  /// The natural key of the last element.
  public var parts: [Int64]
  /// For stores.
  public init(_ parts: [Int64]) { self.parts = parts }
}

/// One page: only the list that the query named is filled.
public struct Page: Sendable {
  /// Filled for `.instances`.
  public var instances: [StoredInstance] = []
  /// Filled for `.headers`.
  public var headers: [InstanceHeader] = []
  /// Filled for `.deadLetters`.
  public var deadLetters: [DeadLetterEntry] = []
  /// Filled for `.parked`.
  public var parked: [ParkedMessage] = []
  /// Filled for `.held`.
  public var held: [HeldMessage] = []
  /// nil at the end and only there: a page with fewer elements than asked for, even none, may have a next one.
  public var next: PageToken?
  /// An empty page, and the last one.
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
  /// from owners that closed before it, and what participants and consumers of a service remembered before it. That an instance
  /// was reported as late (rows of `alerts/late`, whose body is the instance's id in 8 bytes, the most significant first) is
  /// remembered as long as the instance is there. Remembers between calls where it is, with the time of its first call, and
  /// begins again after it reported the end.
  case forget(closedBefore: Timestamp)
}

/// How much a call of `maintain` may do: how many rows it looks at.
public struct PageBudget: Sendable {
  /// How many rows one call may look at.
  public var rows: Int
  /// A budget of rows.
  public init(rows: Int = 1000) { self.rows = rows }
}

/// How far background work has come.
public struct MaintenanceProgress: Sendable, Hashable {
  /// Rows that were looked at.
  public var examined: Int
  /// Rows that were written or deleted.
  public var changed: Int
  /// Whether there is nothing left to do: the next call begins anew.
  public var isFinished: Bool
  /// What one call came to.
  public init(examined: Int, changed: Int, isFinished: Bool) {
    self.examined = examined
    self.changed = changed
    self.isFinished = isFinished
  }
}

/// Where a copy goes.
public struct BackupDestination: Sendable, Hashable {
  /// The file of the copy; it must not be there.
  public var path: String
  /// A file to be made.
  public init(path: String) { self.path = path }
}
