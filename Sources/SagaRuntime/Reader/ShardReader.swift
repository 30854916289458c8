import SagaCore

/// Answers questions about a shard beside its running engine: as fresh as the last commit when it was made.
///
/// The store it is given must answer from one snapshot (a read transaction); the reader folds the unfolded tail over the
/// tables, which takes no definition. Make one, ask, and drop it: a snapshot that stays open pins the log.
public final class ShardReader {
  package let store: any Store
  /// What the store said of itself at the snapshot.
  public let recovered: Recovered
  let tail: TailFold
  private let machines: [MachineID: StoredMachine]

  /// - Throws: what the store throws, or `DecodingFault` for a damaged journal.
  public init(store: any Store) throws {
    self.store = store
    recovered = try store.recover()
    tail = try TailFold(store, recovered)
    machines = Dictionary(recovered.machines.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The definitions in the store, in the order they were first used.
  public var definitions: [StoredMachine] { recovered.machines }

  /// The journal's time.
  package var clock: Timestamp { tail.clock }

  /// The name of a stored machine.
  public func identity(of machine: MachineID) -> MachineIdentity {
    guard let stored = machines[machine] else { return MachineIdentity(saga: "?", version: machine, role: "") }
    return MachineIdentity(saga: stored.saga, version: stored.version, role: stored.role)
  }

  /// One instance by its primary key.
  public func instance(_ address: InstanceAddress) throws -> InstanceView? {
    var wanted = LoadRequest()
    let hash = KeyHash.primary(address)
    wanted.keys = [hash]
    guard let id = try store.load(wanted).keys[hash] else { return nil }
    return try instance(id)
  }

  /// Instances with a key, of any saga and role, in the order they started.
  public func instances(key: String) throws -> [InstanceView] {
    var wanted = LoadRequest()
    var seen: Set<Hash128> = []
    for machine in recovered.machines {
      let hash = KeyHash.primary(InstanceAddress(saga: machine.saga, role: machine.role, key: key))
      if seen.insert(hash).inserted { wanted.keys.append(hash) }
    }
    let loaded = try store.load(wanted)
    return try wanted.keys.compactMap { loaded.keys[$0] }.sorted().compactMap { try instance($0) }
  }

  /// One instance by its id.
  public func instance(_ id: InstanceID) throws -> InstanceView? {
    if let (stored, _, state) = try tail.instance(id) { return view(stored, state) }
    var wanted = LoadRequest()
    wanted.instances = [id]
    return try store.load(wanted).instances[id].map { try view($0) }
  }

  func view(_ stored: StoredInstance) throws -> InstanceView {
    try view(stored, stored.state.map { try Instance(decoding: $0) })
  }

  private func view(_ stored: StoredInstance, _ state: Instance?) -> InstanceView {
    InstanceView(
      id: stored.id, machine: identity(of: stored.machine), uid: stored.uid, key: stored.key,
      revision: stored.revision, sequence: stored.sequence,
      status: InstanceStatus(rawValue: stored.status) ?? .stuck, isPaused: stored.isPaused, wakeAt: stored.wakeAt,
      closedAt: stored.closedAt, instance: state)
  }
}

/// Key hashes without a compiled machine; the same as `Machine.keyHash`.
package enum KeyHash {
  package static func primary(_ address: InstanceAddress) -> Hash128 {
    named(Correlation(name: "", value: address.key), saga: address.saga, role: address.role)
  }

  /// The same for a value that was recorded with `correlate`.
  package static func named(_ correlation: Correlation, saga: String, role: String) -> Hash128 {
    var builder = HashBuilder()
    builder.append(saga)
    builder.append(role)
    builder.append(correlation.name)
    builder.append(correlation.value)
    return builder.finalize()
  }
}
