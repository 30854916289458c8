import SagaCore
import SagaRuntime

/// A store in memory that keeps what each commit left: where a crash may come between.
final class CommitRecorder: Store {
  private let inner: MemoryStore
  /// The contents after each commit.
  private(set) var afterCommits: [MemoryContents] = []

  init(_ contents: MemoryContents) { inner = MemoryStore(contents) }

  var contents: MemoryContents { inner.contents }

  func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let receipt = try inner.commit(batch)
    afterCommits.append(inner.contents)
    return receipt
  }

  func recover() throws -> Recovered { try inner.recover() }
  func load(_ wanted: LoadRequest) throws -> Loaded { try inner.load(wanted) }
  func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow] {
    try inner.journal(after: sequence, limit: limit)
  }
  func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] { try inner.rows(sequences) }
  func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try inner.wakes(through: through, after: after, limit: limit)
  }
  func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    try inner.page(query, after: after, limit: limit)
  }
  func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    try inner.maintain(work, budget: budget)
  }
  func copy(to destination: BackupDestination) throws { try inner.copy(to: destination) }
}
