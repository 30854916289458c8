import SagaCore

extension ShardReader {
  /// A row of an instance and what the instance was after it.
  package struct Stage {
    package var entry: HistoryEntry
    /// nil where earlier rows were swept, so that nobody can tell.
    package var after: Instance?
  }

  /// The rows of an instance with what each made of it, oldest first.
  ///
  /// - Throws: `DecodingFault`, or what the store throws.
  package func evolution(of id: InstanceID) throws -> [Stage] {
    var rows: [JournalRow] = []
    var next = try instance(id)?.sequence
    while let sequence = next, let row = try store.rows([sequence]).first {
      rows.append(row)
      next = row.previousSequence
    }
    var state: [UInt8]?
    var isKnown = rows.last?.revision == 1
    return try rows.reversed().map { row in
      let change = try DecidedRecord(decoding: row.decided).state
      // A row that carries all of the state ends what is not known of it.
      if case .image = change { isKnown = true }
      if isKnown { state = try change.applied(to: state) }
      return Stage(
        entry: try HistoryEntry(row, in: store), after: try state.map { try Instance(decoding: $0) })
    }
  }
}
