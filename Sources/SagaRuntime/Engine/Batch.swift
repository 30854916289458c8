import SagaCore

/// The overlay of one commit: everything decided and nothing durable yet. Dropped whole when the commit does not happen.
///
/// Its lists are not watched for overlapping accesses at run time: what is put into them is made before the access begins,
/// and nothing that a list calls comes back to the batch.
final class Batch {
  /// The logical time of the call.
  let now: Timestamp
  /// The journal's last sequence before the batch.
  let base: JournalSequence
  @exclusivity(unchecked) var rows: [JournalRow] = []
  @exclusivity(unchecked) var births: [StoredInstance] = []
  @exclusivity(unchecked) var keys: [KeyChange] = []
  /// Keys that pass to another owner in this batch, with the one that had them.
  @exclusivity(unchecked) var inherited: [Inheritance] = []
  @exclusivity(unchecked) var machines: [LoadedMachine] = []
  @exclusivity(unchecked) var parked = Changes<ParkedMessage>()
  @exclusivity(unchecked) var deadLetters = Changes<DeadLetterEntry>()
  @exclusivity(unchecked) var held = Changes<HeldMessage>()

  /// Instances with a pending version, in the order they were first decided.
  @exclusivity(unchecked) private(set) var touched: [LiveInstance] = []
  /// Who owns a key since this batch.
  @exclusivity(unchecked) private(set) var keyOwners: [Hash128: LiveInstance] = [:]
  /// Dead letters of this batch.
  @exclusivity(unchecked) private(set) var fingerprints: Set<Hash128> = []
  /// What goes out, by lane.
  @exclusivity(unchecked) var outgoing: [(lane: Lane, entry: Lane.Entry)] = []
  /// Instances whose cascade reached its limit.
  @exclusivity(unchecked) var busy: [LiveInstance] = []
  /// Wakes taken off the timer queue; they return to it when the batch is dropped.
  @exclusivity(unchecked) var takenWakes: [Wake] = []
  /// Messages that reached nothing.
  @exclusivity(unchecked) var foreignCount: Int64 = 0
  /// What the engine's observer will be told of; empty without one.
  @exclusivity(unchecked) var observed: [ObservedRow] = []
  @exclusivity(unchecked) var timersLateMilliseconds: [Int64] = []
  /// The portion of a flush pass that rides along.
  @exclusivity(unchecked) var fold: FoldPass.Portion?
  /// Values that its instances claim, with the shards that are their homes; empty where there is one shard.
  @exclusivity(unchecked) var reserved: [(key: Hash128, home: Int)] = []
  /// What else becomes true when the batch is durable.
  @exclusivity(unchecked) var onCommit: [() -> Void] = []

  init(now: Timestamp, base: JournalSequence) {
    self.now = now
    self.base = base
  }

  var nextSequence: JournalSequence { base + Int64(rows.count) + 1 }

  /// Whether there is anything to write.
  var isEmpty: Bool {
    rows.isEmpty && parked.isEmpty && deadLetters.isEmpty && held.isEmpty && fold == nil && keys.isEmpty
  }

  /// A row of this batch.
  func row(_ sequence: JournalSequence) -> JournalRow? {
    let index = Int(sequence - base - 1)
    return rows.indices.contains(index) ? rows[index] : nil
  }

  func touch(_ instance: LiveInstance) {
    if instance.pending == nil { touched.append(instance) }
  }

  func own(_ key: Hash128, _ instance: LiveInstance) { keyOwners[key] = instance }

  func owner(of key: Hash128) -> LiveInstance? { keyOwners[key] }

  func addFingerprint(_ fingerprint: Hash128) -> Bool { fingerprints.insert(fingerprint).inserted }

  func use(_ machine: LoadedMachine) {
    if !machine.isStored, !machines.contains(where: { $0 === machine }) { machines.append(machine) }
  }

  func park(_ message: ParkedMessage) { parked.written.append(message) }

  /// Takes a parked message away, whether the store or only this batch has it.
  func unpark(_ message: ParkedMessage) {
    if let index = parked.written.firstIndex(of: message) {
      parked.written.remove(at: index)
    } else {
      parked.removed.append(message)
    }
  }

  /// Forgets the overlay of every instance.
  func rollBack() {
    for instance in touched { instance.rollBack() }
  }
}
