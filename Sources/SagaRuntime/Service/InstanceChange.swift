import SagaCore

/// One step of an instance, as the journal has it.
public struct InstanceChange: Sendable {
  /// Which instance.
  public var address: InstanceAddress
  /// The definition that the instance runs on.
  public var machine: MachineIdentity
  /// What came in, what was decided and what goes out.
  public var entry: HistoryEntry
}

extension ShardEngine {
  /// Changes of instances in journal order.
  ///
  /// - Parameters:
  ///   - after: the last row seen.
  ///   - limit: how many rows are looked at.
  /// - Returns: the changes, and the last row looked at.
  /// - Throws: `DecodingFault` for a damaged journal, or what the store throws.
  public func changes(
    after: JournalSequence, limit: Int
  ) throws -> (changes: [InstanceChange], last: JournalSequence) {
    try checkUsable()
    let rows = try store.journal(after: after, limit: limit)
    let changes = try rows.compactMap { row -> InstanceChange? in
      guard let id = row.instance, let instance = try instance(id) else { return nil }
      let machine = instance.machine.machine.identity
      let address = InstanceAddress(saga: machine.saga, role: machine.role, key: instance.key)
      return InstanceChange(address: address, machine: machine, entry: try HistoryEntry(row, in: store))
    }
    return (changes, rows.last?.sequence ?? after)
  }

  /// An instance as of the last commit.
  ///
  /// - Throws: what the store throws.
  public func view(_ address: InstanceAddress) throws -> InstanceView? {
    try checkUsable()
    let hash = KeyHash.primary(address)
    absentKeys.remove(hash)
    guard let instance = try owner(of: hash, Batch(now: clock, base: lastSequence)) else { return nil }
    let stored = instance.stored(skippingSeen: 0)
    return InstanceView(
      id: instance.id, machine: instance.machine.machine.identity, uid: instance.uid, key: instance.key,
      revision: stored.revision, sequence: stored.sequence,
      status: InstanceStatus(rawValue: stored.status) ?? .stuck, isPaused: stored.isPaused, wakeAt: stored.wakeAt,
      closedAt: stored.closedAt, instance: instance.current.instance)
  }

  /// Reads over the engine's own store, between two commits.
  func read<Value>(_ body: (ShardReader) throws -> Value) throws -> Value {
    try checkUsable()
    return try body(ShardReader(store: store))
  }
}

/// Changes of instances, each once, in the order of the journal, from a row on and then as they happen.
///
/// Nothing is lost when the reader is slow or comes back later: the sequence reads the journal, it does not listen. It ends when the engine
/// stops or the task is cancelled.
public struct InstanceChanges: AsyncSequence, Sendable {
  public typealias Element = InstanceChange
  /// Or why there is nothing to read.
  let runner: Result<ShardRunner, SagaEngineError>
  let start: JournalSequence?
  let address: InstanceAddress?

  public struct AsyncIterator: AsyncIteratorProtocol {
    let runner: Result<ShardRunner, SagaEngineError>
    let address: InstanceAddress?
    var cursor: JournalSequence?
    var buffer: ArraySlice<InstanceChange> = []

    /// How many rows are read at a time.
    static let page = 256

    /// - Throws: what the store throws when it cannot be read; `SagaEngineError.shardNeeded`.
    public mutating func next() async throws -> InstanceChange? {
      let runner = try runner.get()
      while true {
        if let change = buffer.popFirst() { return change }
        do {
          let position = if let cursor { cursor } else { try await runner.ask { $0.lastSequence } }
          let found = try await runner.ask { try $0.changes(after: position, limit: Self.page) }
          cursor = found.last
          buffer = found.changes.filter { address == nil || $0.address == address }[...]
          if buffer.isEmpty, found.last == position, await !runner.advances.wait(after: position) { return nil }
        } catch RunnerError.stopped {
          return nil
        }
      }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(runner: runner, address: address, cursor: start) }
}

extension SagaEngine {
  /// Changes of instances.
  ///
  /// - Parameters:
  ///   - address: of one instance; nil for all.
  ///   - after: the last row that was seen (`InstanceChange.entry.sequence`), to go on where an earlier reader was; nil begins with what
  ///     happens from now on. Rows that `prune` has swept are gone.
  ///   - shard: whose instances; needed where there are several shards and no `address`: each has rows of its own.
  public func changes(
    of address: InstanceAddress? = nil, after: JournalSequence? = nil, shard: Int? = nil
  ) -> InstanceChanges {
    let chosen = address.map { owner(of: $0) } ?? shard ?? (runners.count == 1 ? 0 : nil)
    guard let chosen, runners.indices.contains(chosen) else {
      return InstanceChanges(runner: .failure(.shardNeeded(count: runners.count)), start: after, address: address)
    }
    return InstanceChanges(runner: .success(runners[chosen]), start: after, address: address)
  }
}
