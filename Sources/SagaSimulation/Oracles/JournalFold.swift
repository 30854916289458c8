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
  /// - Parameter visit: is shown each row, what it decided about its instance, and what that was before it.
  mutating func read(
    _ store: any Store, _ service: String,
    visit: (JournalRow, DecidedRecord?, [UInt8]?) throws -> Void = { _, _, _ in }
  ) throws {
    while true {
      let rows = try store.journal(after: sequence, limit: 1_000)
      if rows.isEmpty { return }
      for row in rows {
        guard row.sequence == sequence + 1 else { throw Violation("journal", "\(service) has no row \(sequence + 1)") }
        sequence = row.sequence
        guard let id = row.instance else {
          try visit(row, nil, nil)
          continue
        }
        let previous = last.updateValue((row.sequence, row.revision ?? 0), forKey: id)
        if row.previousSequence != previous?.sequence || row.revision != (previous?.revision ?? 0) + 1 {
          throw Violation("history", "row \(row.sequence) of \(service) does not follow its instance's last one")
        }
        let record = try DecidedRecord(decoding: row.decided)
        let before = states[id]
        try visit(row, record, before)
        states[id] = try record.state.applied(to: before)
      }
    }
  }

  /// Compares with instances as they are; what is not named is not compared.
  func compare(_ instances: [InstanceID: Instance], _ service: String) throws(Violation) {
    for (id, instance) in instances.sorted(by: { $0.key < $1.key }) where instance.encode() != states[id] {
      throw Violation("history", "the journal of \(service) folds to another state of \(instance.key) than it shows")
    }
  }
}
