import SagaCore
import SagaRuntime

extension SQLiteStore {
  /// At most `limit` rows after a sequence, in order.
  ///
  /// - Throws: `SQLiteStoreError`, `SQLiteError`.
  public func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow] {
    try reading {
      let statement = try connection.statement(.rowsAfter)
      statement.bind(1, sequence)
      statement.bind(2, Int64(max(0, limit)))
      return try readRows(statement)
    }
  }

  /// The rows named that there are, in the order asked for.
  ///
  /// - Throws: `SQLiteStoreError`, `SQLiteError`.
  public func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] {
    try reading { try readRows(sequences) }
  }

  func readRows(_ sequences: [JournalSequence]) throws -> [JournalRow] {
    let statement = try connection.statement(.row)
    var rows: [JournalRow] = []
    rows.reserveCapacity(sequences.count)
    for sequence in sequences {
      statement.bind(1, sequence)
      rows += try readRows(statement)
    }
    return rows
  }

  private func readRows(_ statement: Statement) throws -> [JournalRow] {
    try collect(statement) { $0.journalRow() }.map { try $0.get() }
  }

  /// At most `limit` instances to wake at or before a time, by (time, instance).
  ///
  /// - Throws: `SQLiteStoreError`, `SQLiteError`.
  public func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try reading {
      var wakes: [Wake] = []
      // Two ranges of the index: many instances may share one time, and a page must not scan those of the pages before.
      if let after, after.at <= through {
        let statement = try connection.statement(.wakesAt)
        statement.bind(1, after.at)
        statement.bind(2, after.instance)
        statement.bind(3, Int64(max(0, limit)))
        wakes = try collect(statement) { Wake(at: $0.timestamp(0), instance: $0.integer(1)) }
      }
      let statement = try connection.statement(.wakesAfter)
      statement.bind(1, after?.at ?? Timestamp(milliseconds: .min))
      statement.bind(2, through)
      statement.bind(3, Int64(max(0, limit - wakes.count)))
      wakes += try collect(statement) { Wake(at: $0.timestamp(0), instance: $0.integer(1)) }
      return wakes
    }
  }
}
