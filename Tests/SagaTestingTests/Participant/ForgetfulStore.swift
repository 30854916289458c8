import SagaCore
import SagaRuntime

/// Keeps nothing of what a service's transactions remember, as a database without the table `consumed`.
final class ForgetfulStore: WrongStore, TransactionalStore {
  static var source: StoreSource { StoreSource { StoreSource.Opened(store: ForgetfulStore.new()) } }

  func transact(
    _ works: [(any ServiceTransaction) throws -> Void], at now: Timestamp, routing: ServiceRouting
  ) throws(CommitError) -> (outcomes: [(any Error)?], receipt: CommitReceipt) {
    let forgetful = works.map { work in { try work(Transaction(inner: $0)) } as (any ServiceTransaction) throws -> Void
    }
    return try memory.transact(forgetful, at: now, routing: routing)
  }

  private final class Transaction: ServiceTransaction {
    let inner: any ServiceTransaction
    init(inner: any ServiceTransaction) { self.inner = inner }
    var now: Timestamp { inner.now }
    func nextMessageID() -> String { inner.nextMessageID() }
    func append(_ message: OutgoingMessage) throws { try inner.append(message) }
    func consumed(by consumer: String, id: Hash128) throws -> ConsumedMessage? { nil }
    func remember(_ message: ConsumedMessage) throws {}
  }
}
