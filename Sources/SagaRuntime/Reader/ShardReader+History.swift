import SagaCore

extension ShardReader {
  /// The rows of an instance, oldest first, found from its last row backwards.
  ///
  /// - Parameters:
  ///   - id: the instance's number in this database.
  ///   - limit: how many of the newest rows; nil for all that were not swept.
  public func history(of id: InstanceID, limit: Int? = nil) throws -> [HistoryEntry] {
    guard let view = try instance(id) else { return [] }
    var entries: [HistoryEntry] = []
    var next: JournalSequence? = view.sequence
    while let sequence = next, entries.count < limit ?? .max {
      guard let row = try store.rows([sequence]).first else { break }
      entries.append(try HistoryEntry(row, in: store))
      next = row.previousSequence
    }
    return entries.reversed()
  }

  /// The undos of an instance that were under way before one of its rows.
  ///
  /// - Parameter sequence: the row, which has not been swept.
  package func undoing(before sequence: JournalSequence) throws -> UndoingSteps {
    var facts: [[Fact]] = []
    var next = try store.rows([sequence]).first?.previousSequence
    while let sequence = next, let row = try store.rows([sequence]).first {
      let record = try DecidedRecord(decoding: row.decided)
      if !record.facts.isEmpty { facts.append(try Fact.decode(record.facts)) }
      next = row.previousSequence
    }
    var undoing = UndoingSteps()
    for fact in facts.reversed().joined() { undoing.follow(fact) }
    return undoing
  }
}

extension HistoryEntry {
  /// One row of an instance, decoded.
  ///
  /// - Throws: `DecodingFault`, or what the store throws.
  init(_ row: JournalRow, in store: any Store) throws {
    let record = try DecidedRecord(decoding: row.decided)
    self.init(
      sequence: row.sequence, revision: row.revision ?? 0, at: row.at, cause: try Cause(of: row, in: store),
      outcome: record.receiptOutcome, facts: record.facts.isEmpty ? [] : try Fact.decode(record.facts),
      outgoing: try row.outgoing.map { try OutgoingRecord.decode($0).map { try $0.message() } } ?? [])
  }
}

extension HistoryEntry.Cause {
  fileprivate init(of row: JournalRow, in store: any Store) throws {
    if row.kind == .timer || row.kind == .operation {
      self = try row.input.map { .record(try InputRecord(decoding: $0)) } ?? .unreadable
      return
    }
    var bytes = row.input
    if bytes == nil, let sequence = row.inputSequence { bytes = try store.rows([sequence]).first?.input }
    guard let bytes, let event = try? CloudEvent.decodeStored(bytes) else {
      self = .unreadable
      return
    }
    self = .message(event, isReoffered: row.kind == .reoffer)
  }
}

extension DecidedRecord {
  /// The outcome as receipts name it.
  var receiptOutcome: DeliveryReceipt.Outcome {
    switch outcome {
    case .started: .started
    case .handled, .recorded: .handled
    case .deferred: .deferred
    case .late: .late
    case .parked: .parked
    case .dead: .deadLettered(code: fault?.code ?? "", message: fault?.message ?? "")
    }
  }
}

extension OutgoingRecord {
  /// The message as the machine sent it.
  func message() throws -> OutgoingMessage {
    let decoded = try CloudEvent.decodeStored(event)
    return OutgoingMessage(
      event: decoded, kind: kind, destination: destination,
      orderingKey: decoded.partitionkey ?? decoded.sagakey ?? decoded.source)
  }
}
