import SagaRuntime

/// What the journal must hold, by what the store has acknowledged.
struct ExpectedJournal {
  /// What a call in flight would change.
  struct Change {
    var added: [JournalRow] = []
    var deleted: Set<JournalSequence> = []
    var foldedSequence: JournalSequence?
  }

  private(set) var rows: [JournalRow] = []
  private(set) var foldedSequence: JournalSequence = 0
  /// Begun and not acknowledged: it may or may not be there.
  private(set) var inFlight: Change?
  /// How many changes have been acknowledged.
  private(set) var acknowledged = 0

  /// The last row that is acknowledged.
  var lastSequence: JournalSequence { rows.last?.sequence ?? 0 }

  mutating func begin(_ change: Change) { inFlight = change }

  /// The change becomes durable together with those that are in flight.
  mutating func join(_ change: Change) {
    guard var joined = inFlight else { return begin(change) }
    joined.added += change.added
    joined.foldedSequence = change.foldedSequence ?? joined.foldedSequence
    inFlight = joined
  }

  /// The last change is not there.
  ///
  /// - Parameter before: what was in flight before it.
  mutating func abandon(to before: Change?) { inFlight = before }

  mutating func acknowledge() {
    acknowledged += 1
    guard let change = inFlight else { return }
    rows = changed(by: change)
    foldedSequence = change.foldedSequence ?? foldedSequence
    inFlight = nil
  }

  private func changed(by change: Change) -> [JournalRow] {
    var changed = rows + change.added
    if !change.deleted.isEmpty { changed.removeAll { change.deleted.contains($0.sequence) } }
    return changed
  }

  /// Holds what was found against what must be there, and learns what became of a change in flight.
  ///
  /// - Returns: what is wrong; nil when the journal is what was acknowledged, or that and the whole change in flight.
  mutating func settle(_ found: [JournalRow], foldedSequence: JournalSequence) -> SweepFinding.Fault? {
    if found == rows, foldedSequence == self.foldedSequence {
      inFlight = nil
      return nil
    }
    if let change = inFlight, found == changed(by: change),
      foldedSequence == change.foldedSequence ?? self.foldedSequence
    {
      acknowledge()
      return nil
    }
    return difference(found, foldedSequence)
  }

  private func difference(_ found: [JournalRow], _ folded: JournalSequence) -> SweepFinding.Fault {
    let known = Dictionary(found.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
    let deleting = inFlight?.deleted ?? []
    for row in rows where !deleting.contains(row.sequence) {
      guard let there = known[row.sequence] else { return .lost("row \(row.sequence) was acknowledged and is gone") }
      if there != row { return .lost("row \(row.sequence) was acknowledged and is another one") }
    }
    let writable = Set((rows + (inFlight?.added ?? [])).map(\.sequence))
    if let row = found.first(where: { !writable.contains($0.sequence) }) {
      return .phantom("row \(row.sequence) was never written")
    }
    if found == rows || inFlight.map({ found == changed(by: $0) }) ?? false {
      return .lost("the fold position is \(folded), and \(self.foldedSequence) was acknowledged")
    }
    return .phantom("a part of the commit in flight is there: \(found.count) rows, \(rows.count) acknowledged")
  }
}
