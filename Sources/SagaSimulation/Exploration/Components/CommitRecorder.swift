import SagaCore
import SagaRuntime

/// A store in memory that keeps what each commit left: where a crash may come between.
final class CommitRecorder: ForwardingStore {
  private let memory: MemoryStore
  /// The contents after each commit.
  private(set) var afterCommits: [MemoryContents] = []

  init(_ contents: MemoryContents) {
    memory = MemoryStore(contents)
    super.init(memory)
  }

  var contents: MemoryContents { memory.contents }

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let receipt = try super.commit(batch)
    afterCommits.append(memory.contents)
    return receipt
  }
}
