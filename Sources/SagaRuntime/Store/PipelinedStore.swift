import SagaCore

/// Makes commits durable on a thread of its own while the engine decides the next ones.
///
/// Between `joinCommits` and `handOver` commits are only collected; what is handed over is one transaction of the store
/// below, and one at a time is on its way. Whatever asks for more than keys and instances that nothing on its way touches waits
/// and is done as without a pipeline, so that what is read is always what was decided.
///
/// When a transaction fails, nothing that was decided after it can become durable: everything throws until `recover`.
///
/// Source of the idea: group commit with early lock release, as in DeWitt et al., "Implementation Techniques for Main Memory
/// Database Systems" (1984), 5: a transaction is answered when its log record is durable, and others go on meanwhile.
public final class PipelinedStore: ForwardingStore {
  /// Where a transaction that is handed over is done.
  public enum Worker: Sendable {
    /// On a thread of its own.
    case thread
    /// By the caller, when it is waited for: as late as it may be, and the same in every run. For tests.
    case caller
  }

  /// What becomes of a commit.
  private enum Mode {
    /// It is a transaction of its own.
    case apart
    /// It waits for the others that are joined.
    case collecting
    /// It is done in the store below, whose transaction is open.
    case joined
  }

  private let worker: CommitWorker
  /// Reads beside the transaction that is on its way; nil where nothing can.
  private var lookup: (any Store)?
  private var mode = Mode.apart
  private var collected: [CommitBatch] = []
  /// What is collected, and what is on its way, changes of keys and instances.
  private var touched = Touched()
  private var touchedOnItsWay = Touched()
  /// Why nothing goes on.
  private var failure: (any Error)?
  private var logFrames = 0

  /// - Parameters:
  ///   - inner: nobody else uses it.
  ///   - lookup: sees what of `inner` is durable, at each call; used on the caller's thread. Without one, what is not in memory
  ///     is waited for.
  ///   - worker: where transactions that are handed over are done.
  public init(_ inner: any Store, lookup: (any Store)?, worker: Worker = .thread) {
    // What nobody has begun leaves the store as it is.
    self.lookup = lookup ?? (worker == .caller ? inner : nil)
    self.worker = CommitWorker(inner, hasThread: worker == .thread)
    super.init(inner)
  }

  deinit {
    worker.stop()
    // Before the writer, which is the last to close.
    lookup = nil
  }

  // MARK: Commits

  /// From now on commits are collected.
  override public func joinCommits() { mode = .collecting }

  override public func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    switch mode {
    case .apart:
      try finish()
      return try note(inner.commit(batch))
    case .joined: return try inner.commit(batch)
    case .collecting:
      try requireUsable()
      collected.append(batch)
      touched.add(batch)
      return CommitReceipt(lastSequence: batch.expectedLast + Int64(batch.rows.count), logFrames: logFrames)
    }
  }

  /// Makes what is collected durable on the caller's thread, after what was handed over.
  ///
  /// - Returns: nil where nothing was collected.
  /// - Throws: `CommitError`, also for what was handed over before.
  override public func commitJoined() throws(CommitError) -> CommitReceipt? {
    defer { mode = .apart }
    // Also what a read found out: the store below may have a part of what was decided.
    try requireUsable()
    if mode == .collecting, !collected.isEmpty { try join() }
    guard mode == .joined else {
      try finish()
      return nil
    }
    do throws(CommitError) {
      guard let receipt = try inner.commitJoined() else { return nil }
      return note(receipt)
    } catch {
      throw fail(error)
    }
  }

  /// As `commitJoined`, and may come back before the commits are durable. Waits for the ones handed over before.
  ///
  /// - Parameter told: called when they are durable, on any thread.
  /// - Returns: whether they are on their way; false where they are durable already.
  /// - Throws: `CommitError`, also for what was handed over before.
  public func handOver(_ told: @escaping @Sendable () -> Void) throws(CommitError) -> Bool {
    guard mode == .collecting, !collected.isEmpty else {
      // A duplicate of what is on its way is durable when that is.
      _ = try commitJoined()
      told()
      return false
    }
    mode = .apart
    try finish()
    let batches = collected
    collected = []
    touchedOnItsWay = touched
    touched = Touched()
    #if SAGA_MUTANTS
      if Mutant.is(.toldBeforeDurable) {
        told()
        worker.begin(batches) {}
        return true
      }
    #endif
    worker.begin(batches, told)
    return true
  }

  /// Waits until nothing is on its way.
  ///
  /// - Returns: the frames in the write-ahead log.
  /// - Throws: `CommitError` when it did not become durable.
  @discardableResult
  public func finish() throws(CommitError) -> Int {
    try requireUsable()
    guard worker.isBusy else { return logFrames }
    touchedOnItsWay = Touched()
    do throws(CommitError) {
      return note(try worker.wait()).logFrames
    } catch {
      throw fail(error)
    }
  }

  @discardableResult
  private func note(_ receipt: CommitReceipt) -> CommitReceipt {
    logFrames = receipt.logFrames
    return receipt
  }

  /// What follows is done in the store below, where what is collected has to be before it.
  private func join() throws(CommitError) {
    try finish()
    let batches = collected
    collected = []
    touched = Touched()
    mode = .joined
    inner.joinCommits()
    do throws(CommitError) {
      for batch in batches { _ = try inner.commit(batch) }
    } catch {
      throw fail(error)
    }
  }

  private func fail(_ error: CommitError) -> CommitError {
    failure = error
    return error
  }

  private func requireUsable() throws(CommitError) {
    if let failure { throw .outcomeUnknown(failure) }
  }

  // MARK: Reads

  /// What is read must have been written.
  private func settle() throws {
    if mode == .collecting { try join() } else { try finish() }
  }

  override public func load(_ wanted: LoadRequest) throws -> Loaded {
    if mode != .joined, wanted.asksForInstancesOnly, !touched.hasAny(of: wanted), !touchedOnItsWay.hasAny(of: wanted) {
      try requireUsable()
      if !worker.isBusy { return try inner.load(wanted) }
      if let lookup { return try lookup.load(wanted) }
    }
    try settle()
    return try inner.load(wanted)
  }

  override public func recover() throws -> Recovered {
    if worker.isBusy {
      do throws(CommitError) { _ = try worker.wait() } catch {
        // Recovering is what comes after it.
      }
    }
    (mode, collected, touched, touchedOnItsWay, failure) = (.apart, [], Touched(), Touched(), nil)
    return try inner.recover()
  }

  override public func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow] {
    try settle()
    return try super.journal(after: sequence, limit: limit)
  }

  override public func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] {
    try settle()
    return try super.rows(sequences)
  }

  override public func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try settle()
    return try super.wakes(through: through, after: after, limit: limit)
  }

  override public func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    try settle()
    return try super.page(query, after: after, limit: limit)
  }

  override public func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    try settle()
    if case .checkpoint = work { logFrames = 0 }
    return try super.maintain(work, budget: budget)
  }

  override public func copy(to destination: BackupDestination) throws {
    try settle()
    try super.copy(to: destination)
  }
}

extension PipelinedStore: TransactionalStore {
  public var isShared: Bool { (inner as? any TransactionalStore)?.isShared ?? false }

  public func transact(
    _ works: [(any ServiceTransaction) throws -> Void], at now: Timestamp, routing: ServiceRouting
  ) throws(CommitError) -> (outcomes: [(any Error)?], receipt: CommitReceipt) {
    guard let store = inner as? any TransactionalStore else {
      throw .refused(constraint: "\(ServiceTransactionError.unsupported)")
    }
    if mode == .collecting { try join() } else { try finish() }
    return try store.transact(works, at: now, routing: routing)
  }
}

/// The keys and instances that commits change.
private struct Touched {
  private var keys: Set<Hash128> = []
  private var instances: Set<InstanceID> = []

  mutating func add(_ batch: CommitBatch) {
    for key in batch.keys {
      switch key {
      case .insert(let hash, _), .replace(let hash, _), .remove(let hash): keys.insert(hash)
      }
    }
    for instance in batch.births { instances.insert(instance.id) }
    for instance in batch.fold?.instances ?? [] { instances.insert(instance.id) }
  }

  func hasAny(of wanted: LoadRequest) -> Bool {
    if !keys.isEmpty, wanted.keys.contains(where: keys.contains) { return true }
    return !instances.isEmpty && wanted.instances.contains(where: instances.contains)
  }
}

extension LoadRequest {
  fileprivate var asksForInstancesOnly: Bool {
    seen.isEmpty && parkedByKey.isEmpty && fingerprints.isEmpty && inherited.isEmpty
  }
}
