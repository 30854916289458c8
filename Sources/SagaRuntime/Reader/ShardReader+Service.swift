import SagaCore

extension ShardReader {
  /// What transactions of the embedding service have published, replies of participants among it, in the order of the journal as far as
  /// it was not swept.
  ///
  /// - Throws: `DecodingFault`, or what the store throws.
  package func serviceMessages() throws -> [OutgoingMessage] {
    var messages: [OutgoingMessage] = []
    var last: JournalSequence = 0
    while true {
      let rows = try store.journal(after: last, limit: 256)
      guard let end = rows.last else { return messages }
      last = end.sequence
      for row in rows where row.kind == .outgoing {
        messages += try OutgoingRecord.decode(row.outgoing ?? []).map { try $0.message() }
      }
    }
  }
}
