import SagaCore

/// The decoded instances in memory, by id and by key hash. Unfolded ones stay; of the others the least recently used go
/// when there are too many.
struct LiveTable {
  private var byID: [InstanceID: LiveInstance] = [:]
  private var byKey: [Hash128: LiveInstance] = [:]
  private let maximum: Int
  /// Counts batches.
  private var clock: UInt64 = 0

  init(maximum: Int) { self.maximum = maximum }

  var count: Int { byID.count }

  subscript(_ id: InstanceID) -> LiveInstance? { byID[id] }

  /// The instance that a key leads to, which counts as used.
  func instance(key: Hash128) -> LiveInstance? {
    guard let instance = byKey[key] else { return nil }
    instance.lastUsed = clock
    return instance
  }

  mutating func add(_ instance: LiveInstance) {
    instance.lastUsed = clock
    byID[instance.id] = instance
  }

  mutating func link(_ key: Hash128, to instance: LiveInstance) {
    guard byKey[key] !== instance else { return }
    byKey[key] = instance
    instance.keyHashes.append(key)
  }

  /// Instances that the table does not have as they are, by id.
  var unfolded: [LiveInstance] { byID.values.filter { !$0.isFolded }.sorted { $0.id < $1.id } }

  /// All instances in memory, by id.
  var all: [LiveInstance] { byID.values.sorted { $0.id < $1.id } }

  /// Every instance, in no particular order.
  func visit(_ body: (LiveInstance) -> Void) { for live in byID.values { body(live) } }

  /// Begins a batch; between batches memory is made free.
  mutating func advance() {
    clock += 1
    guard byID.count > maximum + maximum / 4 else { return }
    var candidates = byID.values.filter { $0.isFolded && !$0.isQueuedForFold && !$0.isBusy && $0.pending == nil }
    candidates.sort { ($0.lastUsed, $0.id) < ($1.lastUsed, $1.id) }
    for instance in candidates.prefix(byID.count - maximum) { remove(instance) }
  }

  /// Drops instances whose state may have been pruned from the store.
  mutating func forgetClosed(before cut: Timestamp) {
    for instance in byID.values where instance.isFolded && !instance.isQueuedForFold {
      if let closedAt = instance.committed?.instance?.closedAt, closedAt < cut { remove(instance) }
    }
  }

  private mutating func remove(_ instance: LiveInstance) {
    byID[instance.id] = nil
    for key in instance.keyHashes where byKey[key] === instance { byKey[key] = nil }
  }
}
