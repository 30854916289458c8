import SagaCore

/// A store that hands everything on to another one: a base for stores that watch, count or fail. Override what matters.
///
/// Above a `PipelinedStore` a subclass sees each commit when it is decided; what is handed over becomes durable without it.
open class ForwardingStore: Store {
  /// Where everything goes.
  public let inner: any Store

  /// A store that does what `inner` does.
  public init(_ inner: any Store) { self.inner = inner }

  /// What makes commits durable beside decisions, below whatever stands before it; nil where nothing does.
  package final var pipeline: PipelinedStore? { self as? PipelinedStore ?? (inner as? ForwardingStore)?.pipeline }

  open func recover() throws -> Recovered { try inner.recover() }
  open func load(_ wanted: LoadRequest) throws -> Loaded { try inner.load(wanted) }
  open func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt { try inner.commit(batch) }
  open func joinCommits() { inner.joinCommits() }
  open func commitJoined() throws(CommitError) -> CommitReceipt? { try inner.commitJoined() }
  open func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow] {
    try inner.journal(after: sequence, limit: limit)
  }
  open func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] { try inner.rows(sequences) }
  open func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try inner.wakes(through: through, after: after, limit: limit)
  }
  open func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    try inner.page(query, after: after, limit: limit)
  }
  open func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    try inner.maintain(work, budget: budget)
  }
  open func copy(to destination: BackupDestination) throws { try inner.copy(to: destination) }
}
