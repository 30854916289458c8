import SagaCore
import SagaRuntime

/// What an engine commits to: the world hears of each commit as soon as the engine has made it.
final class ObservedStore: ForwardingStore {
  private let committed: (CommitBatch, ObservedStore) -> Void

  init(_ inner: any Store, committed: @escaping (CommitBatch, ObservedStore) -> Void) {
    self.committed = committed
    super.init(inner)
  }

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    do throws(CommitError) {
      let receipt = try inner.commit(batch)
      committed(batch, self)
      return receipt
    } catch {
      if case .outcomeUnknown(let cause as FailingStore.Uncertain) = error, cause.isDone { committed(batch, self) }
      throw error
    }
  }
}
