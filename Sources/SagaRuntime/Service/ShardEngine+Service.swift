import SagaCore

extension ShardEngine {
  /// Lets the embedding service write in a transaction of the engine's store, and takes note of what it publishes.
  ///
  /// It stands beside the engine's six methods: it decides nothing and moves no instance (`STORAGE.md` rule 2).
  ///
  /// - Parameters:
  ///   - works: run in order in one transaction, which costs one fsync; one that throws leaves nothing.
  ///   - now: the caller's clock.
  /// - Returns: what each work threw, or nil.
  /// - Throws: `EngineError`; then nothing of any work is durable, or nobody knows (`.outcomeUnknown`).
  public func transact(
    _ works: [(any ServiceTransaction) throws -> Void], now: Timestamp
  ) throws -> [(any Error)?] {
    try checkUsable()
    guard let store = store as? any TransactionalStore else { throw ServiceTransactionError.unsupported }
    let outcomes: [(any Error)?]
    do throws(CommitError) {
      let written = try store.transact(works, now: logicalTime(now))
      outcomes = written.outcomes
      logFrames = written.receipt.logFrames
    } catch {
      throw stop(error)
    }
    try noteServiceRows()
    return outcomes
  }

  /// Takes note of rows that transactions of the embedding service have appended, in `transact` or on a connection of its own.
  ///
  /// - Throws: `EngineError.foreignWriter` for any other row, or what the store throws.
  public func noteServiceRows() throws {
    try checkUsable()
    while true {
      let rows = try store.journal(after: lastSequence, limit: configuration.relayPage)
      guard let last = rows.last else { return }
      for row in rows where row.kind != .outgoing {
        isPoisoned = true
        throw EngineError.foreignWriter(row.sequence)
      }
      // The lanes read the rows from the journal; one that did not exist begins here.
      try openLanes(for: rows)
      lastSequence = last.sequence
      for row in rows { clock = max(clock, row.at) }
    }
  }

  /// Makes the lanes by which messages of a service's transactions leave.
  func openLanes(for rows: [JournalRow]) throws {
    for row in rows { _ = try entries(of: row) }
  }
}
