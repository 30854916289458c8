import SagaCore
import SagaRuntime

/// A journal as it is read: its history has no gaps, and folds to the states that are there.
struct JournalFold {
  /// The last row that was read.
  private(set) var sequence: JournalSequence = 0
  private var states: [InstanceID: [UInt8]] = [:]
  private var last: [InstanceID: (sequence: JournalSequence, revision: Int64)] = [:]

  /// Reads on to the end.
  ///
  /// - Parameters:
  ///   - archive: rows that were swept from the journal.
  ///   - visit: is shown each row, what it decided about its instance, and what that was before and after it.
  mutating func read(
    _ store: any Store, archive: [JournalSequence: JournalRow], _ service: String,
    visit: (JournalRow, DecidedRecord?, [UInt8]?, [UInt8]?) throws -> Void = { _, _, _, _ in }
  ) throws {
    while true {
      let rows = try store.journal(after: sequence, limit: 1_000)
      if rows.isEmpty { return }
      for row in archive.isEmpty ? rows : JournalFold.merge(rows, archive, after: sequence) {
        guard row.sequence == sequence + 1 else { throw Violation("journal", "\(service) has no row \(sequence + 1)") }
        sequence = row.sequence
        guard let id = row.instance else {
          try visit(row, nil, nil, nil)
          continue
        }
        let previous = last.updateValue((row.sequence, row.revision ?? 0), forKey: id)
        if row.previousSequence != previous?.sequence || row.revision != (previous?.revision ?? 0) + 1 {
          throw Violation("history", "row \(row.sequence) of \(service) does not follow its instance's last one")
        }
        let record = try DecidedRecord(decoding: row.decided)
        let before = states[id]
        let after = try record.state.applied(to: before)
        states[id] = after
        try visit(row, record, before, after)
      }
    }
  }

  /// Rows with those that were swept before and between them.
  private static func merge(
    _ rows: [JournalRow], _ archive: [JournalSequence: JournalRow], after sequence: JournalSequence
  ) -> [JournalRow] {
    var merged: [JournalRow] = []
    var next = sequence + 1
    for row in rows {
      while next < row.sequence, let swept = archive[next] {
        merged.append(swept)
        next += 1
      }
      merged.append(row)
      next = row.sequence + 1
    }
    return merged
  }

  /// Compares with instances as they are; what is not named is not compared.
  func compare(_ instances: [InstanceID: Instance], _ service: String) throws(Violation) {
    for (id, instance) in instances.sorted(by: { $0.key < $1.key }) where instance.encode() != states[id] {
      throw Violation("history", "the journal of \(service) folds to another state of \(instance.key) than it shows")
    }
  }
}
