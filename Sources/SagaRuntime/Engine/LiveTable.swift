import SagaCore

/// The decoded instances in memory, by id and by key hash. Unfolded ones stay; of the others the least recently used go
/// when all together are too large.
struct LiveTable {
  private var byID: [InstanceID: LiveInstance] = [:]
  private var byKey: [Hash128: LiveInstance] = [:]
  private let maximumBytes: Int
  /// What the instances take, as they were when they were last counted.
  private(set) var bytes = 0
  /// Counts batches.
  private var clock: UInt64 = 0

  init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

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
    recount(instance)
  }

  /// Counts an instance that may have become another size; one that is not in the table stays uncounted.
  mutating func count(_ instance: LiveInstance) {
    if instance.countedBytes > 0 { recount(instance) }
  }

  private mutating func recount(_ instance: LiveInstance) {
    let size = instance.approximateBytes
    bytes += size - instance.countedBytes
    instance.countedBytes = size
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
    // More than a little goes at a time: each time all instances are looked at.
    guard bytes > maximumBytes + maximumBytes / 4 else { return }
    var candidates = byID.values.filter { $0.isFolded && !$0.isQueuedForFold && !$0.isBusy && $0.pending == nil }
    candidates.sort { ($0.lastUsed, $0.id) < ($1.lastUsed, $1.id) }
    for instance in candidates {
      if bytes <= maximumBytes { break }
      remove(instance)
    }
  }

  /// Drops instances whose state may have been pruned from the store.
  mutating func forgetClosed(before cut: Timestamp) {
    for instance in byID.values where instance.isFolded && !instance.isQueuedForFold {
      let closedAt = instance.committed?.instance.map(\.closedAt) ?? instance.tombstone?.closedAt
      if let closedAt, closedAt < cut { remove(instance) }
    }
  }

  private mutating func remove(_ instance: LiveInstance) {
    byID[instance.id] = nil
    bytes -= instance.countedBytes
    instance.countedBytes = 0
    for key in instance.keyHashes where byKey[key] === instance { byKey[key] = nil }
  }
}
