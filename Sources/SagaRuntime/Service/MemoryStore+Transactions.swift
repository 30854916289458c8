import SagaCore

extension MemoryStore: TransactionalStore {
  public func transact(
    _ works: [(any ServiceTransaction) throws -> Void], at now: Timestamp, routing: ServiceRouting
  ) throws(CommitError) -> (outcomes: [(any Error)?], receipt: CommitReceipt) {
    var outcomes: [(any Error)?] = []
    for work in works {
      let transaction = MemoryTransaction(contents, at: now, routing: routing)
      do {
        defer { transaction.end() }
        try work(transaction)
        contents.append(transaction.appended, transaction.remembered)
        outcomes.append(nil)
      } catch {
        outcomes.append(error)
      }
    }
    return (outcomes, CommitReceipt(lastSequence: contents.lastSequence, logFrames: 0))
  }
}

/// A transaction on a store in memory. It has no rows of a service's own.
final class MemoryTransaction: ServiceTransaction {
  let now: Timestamp
  private(set) var appended: [JournalRow] = []
  private var rows: ServiceRows
  private(set) var remembered: [ConsumedMessage] = []
  private let contents: MemoryContents
  private var hasEnded = false

  init(_ contents: MemoryContents, at now: Timestamp, routing: ServiceRouting) {
    self.contents = contents
    self.now = now
    rows = ServiceRows(
      journalID: contents.journalID, epoch: contents.epoch, after: contents.lastSequence, at: now,
      routing: routing)
  }

  func end() { hasEnded = true }

  func nextMessageID() -> String { rows.nextMessageID() }

  func append(_ message: OutgoingMessage) throws {
    if hasEnded { throw ServiceTransactionError.ended }
    appended.append(try rows.append(message))
  }

  func consumed(by consumer: String, id: Hash128) throws -> ConsumedMessage? {
    if hasEnded { throw ServiceTransactionError.ended }
    return remembered.last { $0.consumer == consumer && $0.id == id }
      ?? contents.consumed[ConsumedPlace(consumer: consumer, id: id)]
  }

  func remember(_ message: ConsumedMessage) throws {
    if hasEnded { throw ServiceTransactionError.ended }
    try InheritedConsumer.refuse(message.consumer)
    remembered.append(message)
  }
}

/// The primary key of the table `consumed`.
package struct ConsumedPlace: Sendable, Hashable {
  package var consumer: String
  package var id: Hash128
  package init(consumer: String, id: Hash128) {
    self.consumer = consumer
    self.id = id
  }
}

extension MemoryContents {
  mutating func append(_ rows: [JournalRow], _ remembered: [ConsumedMessage]) {
    for row in rows { append(row) }
    for message in remembered { consumed[ConsumedPlace(consumer: message.consumer, id: message.id)] = message }
  }
}
