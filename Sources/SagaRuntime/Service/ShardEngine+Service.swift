import SagaCore

extension ShardEngine {
  /// Lets the embedding service write in a transaction of the engine's store, and takes note of what it publishes.
  ///
  /// It stands beside the engine's six methods: it decides nothing and moves no instance
  /// (`docs/decisions/0014-how-a-service-shares-the-engines-transaction.md`).
  ///
  /// - Parameters:
  ///   - works: run in order in one transaction, which costs one fsync; one that throws leaves nothing.
  ///   - now: the caller's clock.
  /// - Returns: what each work threw, or nil.
  /// - Throws: `EngineError`; then nothing of any work is durable, or nobody knows (`.outcomeUnknown`).
  public func transact(
    _ works: [(any ServiceTransaction) throws -> Void], now: Timestamp
  ) throws -> [(any Error)?] {
    if !isJoining { try finishHandedOver() }
    try checkUsable()
    guard let store = store as? any TransactionalStore else { throw ServiceTransactionError.unsupported }
    let outcomes: [(any Error)?]
    do throws(CommitError) {
      let written = try store.transact(works, at: logicalTime(now), routing: serviceRouting)
      outcomes = written.outcomes
      logFrames = written.receipt.logFrames
    } catch {
      throw stop(error)
    }
    try noteServiceRows()
    return outcomes
  }

  /// Whether the service appends rows by ways of its own.
  var isShared: Bool { (store as? any TransactionalStore)?.isShared ?? false }

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
      let outgoing = try noteLanes(of: rows)
      let previous = lastSequence
      lastSequence = last.sequence
      feedLanes(outgoing, previous: previous)
      for row in rows { advanceClock(after: row) }
    }
  }

  /// Lanes are chosen now; one that no row has named is named by the message's own.
  private var serviceRouting: ServiceRouting {
    ServiceRouting { [self] message, sequence in
      let chosen = lanes(of: message, from: sequence)
      let unnamed = chosen.filter { !$0.isAnnounced }
      return (
        chosen.isEmpty ? [noLane] : chosen.map(\.id), unnamed.isEmpty ? nil : LaneMark.encode(unnamed.map(\.mark))
      )
    }
  }

  /// A row names lanes, or leaves it to the engine to choose them: then those that did not exist begin here.
  ///
  /// - Returns: what the rows send, in order.
  @discardableResult
  func noteLanes(of rows: [JournalRow]) throws -> [(lane: Lane, entry: Lane.Entry)] {
    var outgoing: [(lane: Lane, entry: Lane.Entry)] = []
    for row in rows {
      for mark in try row.marks.map({ try LaneMark.decode($0) }) ?? [] { lanes[id: mark.lane]?.isAnnounced = true }
      for (lanes, entry) in try entries(of: row) {
        for lane in lanes { outgoing.append((lane, entry)) }
      }
    }
    return outgoing
  }
}
