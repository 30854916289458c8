import SagaCore

/// Folds the journal's tail over the tables: what the engine recovers from and what a reader answers from.
struct TailFold {
  /// An instance while its rows are folded: bytes only, no definition needed.
  struct Folded {
    var stored: StoredInstance
    var seen: SeenIDs
    /// The last row that the table has.
    let tableSequence: JournalSequence
  }

  private(set) var instances: [InstanceID: Folded] = [:]
  /// Ids of the folded instances in the order of their first row in the tail.
  private(set) var order: [InstanceID] = []
  /// The lanes of the table, moved by the marks of the tail.
  private(set) var lanes: [LanePosition]
  /// Rows of the embedding service's own transactions.
  private(set) var serviceRows: [JournalRow] = []
  /// The journal's time after its last row.
  private(set) var clock: Timestamp
  /// The journal's time, or a later one that a row had while the clock was far ahead, if nobody has confirmed the clock since.
  private(set) var latest: Timestamp
  private(set) var lastSequence: JournalSequence

  private let maxClockLeapMilliseconds: Int64

  /// Reads the whole tail.
  ///
  /// - Parameter maxClockLeapMilliseconds: a row that is earlier by more sets the journal's time back, as when it was written; by
  ///   default none does.
  init(
    _ store: any Store, _ recovered: Recovered, maxClockLeapMilliseconds: Int64 = .max, page: Int = 1000
  ) throws {
    self.maxClockLeapMilliseconds = maxClockLeapMilliseconds
    lanes = recovered.lanes
    clock = recovered.clock
    latest = recovered.clock
    lastSequence = recovered.foldedSequence
    // The table has `latest`.
    if maxClockLeapMilliseconds < .max, let row = try store.rows([lastSequence]).first {
      clock = TailFold.time(after: row.at, clock, maxClockLeapMilliseconds)
    }
    while true {
      let rows = try store.journal(after: lastSequence, limit: page)
      guard let last = rows.last else { break }
      try loadInstances(of: rows, store)
      for row in rows { try apply(row) }
      lastSequence = last.sequence
    }
  }

  private mutating func loadInstances(of rows: [JournalRow], _ store: any Store) throws {
    var wanted = LoadRequest()
    for case let id? in rows.lazy.map(\.instance) where instances[id] == nil && wanted.instances.last != id {
      wanted.instances.append(id)
    }
    if wanted.instances.isEmpty { return }
    let loaded = try store.load(wanted)
    for id in wanted.instances where instances[id] == nil {
      // A row whose instance is gone was swept and not yet deleted.
      guard let stored = loaded.instances[id] else { continue }
      instances[id] = Folded(
        stored: stored, seen: try SeenIDs(decoding: stored.seen), tableSequence: stored.sequence)
      order.append(id)
    }
  }

  /// The journal's time after a row: the latest, unless the row is earlier by far.
  static func time(after row: Timestamp, _ time: Timestamp, _ maxClockLeapMilliseconds: Int64) -> Timestamp {
    time.milliseconds(since: row) > maxClockLeapMilliseconds ? row : max(time, row)
  }

  /// `latest` after a row, with the journal's time after it. Within what a clock may leap the two are one.
  static func latest(
    _ latest: Timestamp, after row: JournalRow, _ time: Timestamp, _ maxClockLeapMilliseconds: Int64
  ) -> Timestamp {
    let isFarAhead = latest.milliseconds(since: time) > maxClockLeapMilliseconds
    return isFarAhead && !InputRecord.confirmsClock(row) ? max(latest, row.at) : max(time, row.at)
  }

  private mutating func apply(_ row: JournalRow) throws {
    clock = TailFold.time(after: row.at, clock, maxClockLeapMilliseconds)
    latest = TailFold.latest(latest, after: row, clock, maxClockLeapMilliseconds)
    if let marks = row.marks { for mark in try LaneMark.decode(marks) { try apply(mark) } }
    #if SAGA_MUTANTS
      if Mutant.is(.timerRowsSkippedAtRecovery), row.kind == .timer { return }
    #endif
    if row.kind == .outgoing { serviceRows.append(row) }
    guard let id = row.instance, var folded = instances[id], row.sequence > folded.stored.sequence else { return }
    instances[id] = nil
    try TailFold.apply(row, to: &folded)
    instances[id] = folded
  }

  private static func apply(_ row: JournalRow, to folded: inout Folded) throws {
    let record = try DecidedRecord(decoding: row.decided)
    if folded.stored.state != nil || record.state != .none {
      folded.stored.state = try record.state.applied(to: folded.stored.state)
    }
    folded.stored.sequence = row.sequence
    folded.stored.revision = row.revision ?? folded.stored.revision
    if let machine = record.machine { folded.stored.machine = machine }
    #if SAGA_MUTANTS
      if Mutant.is(.seenForgottenAtRecovery) { return }
    #endif
    if let identity = record.identity { folded.seen.append(identity) }
  }

  private mutating func apply(_ mark: LaneMark) throws {
    guard let index = lanes.firstIndex(where: { $0.id == mark.lane }) else {
      lanes.append(LanePosition(id: mark.lane, name: mark.name, sequence: mark.sequence, effect: mark.effect))
      return
    }
    // The table may be ahead of the tail's marks.
    if (mark.sequence, mark.effect) > (lanes[index].sequence, lanes[index].effect) {
      lanes[index].sequence = mark.sequence
      lanes[index].effect = mark.effect
    }
  }

  /// An instance as of the journal's end.
  func instance(_ id: InstanceID) throws -> (stored: StoredInstance, seen: SeenIDs, state: Instance?)? {
    guard var folded = instances[id] else { return nil }
    folded.seen.commit()
    folded.stored.seen = folded.seen.encode(skipping: 0)
    guard let bytes = folded.stored.state else { return (folded.stored, folded.seen, nil) }
    let state = try Instance(decoding: bytes)
    folded.stored.status = state.status.rawValue
    folded.stored.isPaused = state.isPaused
    folded.stored.wakeAt = state.wakeAt
    folded.stored.closedAt = state.closedAt
    return (folded.stored, folded.seen, state)
  }
}
