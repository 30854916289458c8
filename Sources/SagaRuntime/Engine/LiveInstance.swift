import SagaCore

/// An instance decoded in memory: its committed version and, inside a batch, the one that the batch has decided.
/// Like what its engine holds, what it holds is not watched for overlapping accesses at run time.
final class LiveInstance {
  /// An instance after one of its rows. A class, because an `Instance` has many references to count when it is copied.
  final class Version {
    /// nil once the state was pruned, or where no machine fits a closed instance: it absorbs everything.
    let instance: Instance?
    /// `instance` as the journal has it: what the next row's patch is made against.
    let encoded: [UInt8]
    let sequence: JournalSequence
    let revision: Int64
    let wakeAt: Timestamp?
    /// The time of the row, where there is no instance to say it and the row was written by this engine.
    let absorbedAt: Timestamp?

    init(
      instance: Instance?, encoded: [UInt8], sequence: JournalSequence, revision: Int64, absorbedAt: Timestamp? = nil
    ) {
      self.instance = instance
      self.encoded = encoded
      self.sequence = sequence
      self.revision = revision
      self.absorbedAt = absorbedAt
      wakeAt = instance?.wakeAt
    }
  }

  let id: InstanceID
  /// What decides: the instance's own machine; for a closed one whose stored definition compiles no more the newest of its role.
  @exclusivity(unchecked) private(set) var machine: LoadedMachine
  /// The machine that the instance was started on, and keeps unless an operator moves it.
  @exclusivity(unchecked) private(set) var machineID: MachineID
  /// What decided before the batch that moves the instance.
  @exclusivity(unchecked) private var movedFrom: LoadedMachine?
  let uid: Hash128
  let key: String
  let slot: Slot
  /// The hash of the ordering key that nearly all of its messages have: the instance's own.
  private let keyOrdering: Hash128
  /// nil while the batch that starts the instance is not durable.
  @exclusivity(unchecked) private(set) var committed: Version?
  @exclusivity(unchecked) private(set) var pending: Version?
  @exclusivity(unchecked) var seen: SeenIDs
  /// The status and closing time of an instance without a state.
  let tombstone: (status: Int64, closedAt: Timestamp?)?

  /// Hashes this instance is found by in memory.
  @exclusivity(unchecked) var keyHashes: [Hash128] = []
  /// The last row that the instance table has.
  @exclusivity(unchecked) var foldedSequence: JournalSequence
  /// Whether the instance stands in the list of those to be folded.
  @exclusivity(unchecked) var isQueuedForFold = false
  /// Kept messages remain to be offered after a long cascade.
  @exclusivity(unchecked) var isBusy = false
  /// When it was last used, in batches: the least recently used go first when memory is short.
  @exclusivity(unchecked) var lastUsed: UInt64 = 0
  /// What the table of instances in memory counts it as; 0 where it is not in the table.
  @exclusivity(unchecked) var countedBytes = 0
  /// Decoded kept messages, by the row that has their bytes.
  @exclusivity(unchecked) var deferredEvents: [JournalSequence: CloudEvent] = [:]

  /// - Parameter keyHash: `Hash128.of(key)` where it is known.
  init(
    id: InstanceID, machine: LoadedMachine, uid: Hash128, key: String, keyHash: Hash128? = nil, seen: SeenIDs,
    committed: Version?, foldedSequence: JournalSequence, tombstone: (status: Int64, closedAt: Timestamp?)? = nil,
    machineID: MachineID? = nil
  ) {
    self.id = id
    self.machine = machine
    self.machineID = machineID ?? machine.id
    self.uid = uid
    self.key = key
    keyOrdering = keyHash ?? OutgoingRecord.ordering(of: key)
    slot = Slot(keyHash: keyOrdering)
    self.seen = seen
    self.committed = committed
    self.foldedSequence = foldedSequence
    self.tombstone = tombstone
  }

  /// What the next decision is made on.
  var current: Version {
    guard let version = pending ?? committed else { preconditionFailure("instance \(id) has no version") }
    return version
  }

  /// About what it takes in memory. Decoded, a state is several times as large as its bytes are: each text and list has
  /// memory of its own.
  var approximateBytes: Int {
    let encoded = committed?.encoded.count ?? 0
    return 1024 + 5 * encoded + 32 * seen.recent.count + 2048 * deferredEvents.count
  }

  var isFolded: Bool { (committed?.sequence ?? 0) <= foldedSequence }

  var isOpen: Bool { !(current.instance?.status.isFinal ?? true) }

  func decide(_ version: Version) { pending = version }

  /// The instance goes on under another machine; the state that fits it is decided next.
  func move(to machine: LoadedMachine) {
    if movedFrom == nil { movedFrom = self.machine }
    (self.machine, machineID) = (machine, machine.id)
    // They have the form of the old machine's schemas.
    deferredEvents.removeAll()
  }

  func commit() {
    if let pending { committed = pending }
    pending = nil
    if movedFrom != nil { movedFrom = nil }
    seen.commit()
  }

  func rollBack() {
    pending = nil
    if let machine = movedFrom {
      (self.machine, machineID, movedFrom) = (machine, machine.id, nil)
      deferredEvents.removeAll()
    }
    seen.rollBack()
    // Sequences of rows that did not happen are given again.
    let last = committed?.sequence ?? 0
    if !deferredEvents.isEmpty { deferredEvents = deferredEvents.filter { $0.key <= last } }
  }

  /// The hash of an ordering key.
  func ordering(of key: String) -> Hash128 { key == self.key ? keyOrdering : OutgoingRecord.ordering(of: key) }

  /// The instance as the table shall have it.
  func stored(skippingSeen skipped: Int) -> StoredInstance {
    let version = current
    let instance = version.instance
    #if SAGA_MUTANTS
      let machineID = Mutant.is(.movedToNewestDefinition) ? machine.id : machineID
    #endif
    return StoredInstance(
      id: id, machine: machineID, uid: uid, key: key, sequence: version.sequence, revision: version.revision,
      status: instance?.status.rawValue ?? tombstone?.status ?? InstanceStatus.completed.rawValue,
      isPaused: instance?.isPaused ?? false, wakeAt: version.wakeAt,
      closedAt: instance.map(\.closedAt) ?? tombstone?.closedAt, state: version.encoded.isEmpty ? nil : version.encoded,
      seen: seen.encode(skipping: skipped))
  }
}
