import SagaCore
import SagaRuntime

/// A store whose commits the world watches, and lets fail.
final class ObservedStore: Store {
  /// What may happen to a commit.
  enum Fate { case done, failsUndone, failsDone, full }

  struct Uncertain: Error, CustomStringConvertible {
    var description: String { "the simulated store does not say whether the commit is durable" }
  }

  private let inner: any Store
  /// Asked before each commit.
  var fate: (() -> Fate)?
  /// Told after each commit that happened.
  var committed: ((CommitBatch) -> Void)?

  init(_ inner: any Store) { self.inner = inner }

  func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let fate = fate?() ?? .done
    switch fate {
    case .failsUndone: throw .outcomeUnknown(Uncertain())
    case .full: throw .full
    case .done, .failsDone: break
    }
    let receipt = try inner.commit(batch)
    committed?(batch)
    if fate == .failsDone { throw .outcomeUnknown(Uncertain()) }
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
