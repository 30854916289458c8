import SagaCore

extension ShardEngine {
  /// Makes the journal of the only shard ready to be divided: everything is folded into the tables.
  ///
  /// - Parameters:
  ///   - count: how many shards there will be.
  ///   - now: the caller's clock.
  /// - Returns: the shards of dead letters of no instance, whose rows do not say whose they would be.
  /// - Throws: `EngineError.interrupted`, or what the store throws.
  public func prepareToDivide(into count: Int, now: Timestamp) throws -> [JournalSequence: Int] {
    guard busy.isEmpty else { throw EngineError.interrupted }
    while try maintain(now: now, isIdle: true).hasMore {}
    var homes: [JournalSequence: Int] = [:]
    var token: PageToken?
    repeat {
      let page = try store.page(.deadLetters(onlyUnresolved: false), after: token, limit: 256)
      for row in try store.rows(page.deadLetters.map(\.sequence)) where row.instance == nil {
        homes[row.sequence] = try home(of: row, among: count)
      }
      token = page.next
    } while token != nil
    return homes
  }

  /// The shard that a dead letter would come to if it came again.
  private func home(of row: JournalRow, among count: Int) throws -> Int {
    let fingerprint = try DecidedRecord(decoding: row.decided).fingerprint
    let message = prepare(row.input ?? [])
    let refused = message.deliveries.first { $0.fingerprint(message.identity) == fingerprint }
    return ShardPlace(index: 0, of: count).owner(ofKey: refused?.keyHash == nil ? nil : refused?.key)
  }
}
