import SagaCore

/// The tables of a `MemoryStore`.
public struct MemoryContents: Sendable {
  /// Sixteen bytes that no other journal has; message ids are made of it.
  public var journalID: [UInt8]
  /// Added to by every restore.
  public var epoch: Epoch = 0
  /// Which shard it is.
  public var shard = ShardPlace.whole
  /// In the order of their sequences; the sweep leaves gaps.
  public package(set) var journal: [JournalRow] = []
  /// The rows up to here are folded.
  public package(set) var foldedSequence: JournalSequence = 0
  /// The greatest row that a sweep has deleted; 0 before the first.
  public package(set) var sweptSequence: JournalSequence = 0
  package var clock = Timestamp(milliseconds: 0)
  /// The definitions in use.
  public package(set) var machines: [StoredMachine] = []
  /// The folded instances by their numbers.
  public package(set) var instances: [InstanceID: StoredInstance] = [:]
  package var keys: [Hash128: InstanceID] = [:]
  package var seen: [SeenProbe: UInt64] = [:]
  /// Oldest first.
  package var parked: [Hash128: [ParkedMessage]] = [:]
  package private(set) var deadLetters: [Hash128: DeadLetterEntry] = [:]
  /// The fingerprint of each row that has a dead letter.
  private var fingerprints: [JournalSequence: Hash128] = [:]
  package var lanes: [LanePosition] = []
  package var held: [HeldMessage.Place: HeldMessage] = [:]
  package var consumed: [ConsumedPlace: ConsumedMessage] = [:]

  /// An empty shard.
  public init(journalID: [UInt8] = [UInt8](repeating: 0, count: 16)) { self.journalID = journalID }

  /// The last row's sequence; 0 for an empty journal.
  public var lastSequence: JournalSequence { journal.last?.sequence ?? 0 }

  /// The first index of rows after a sequence.
  func index(after sequence: JournalSequence) -> Int {
    var low = 0
    var high = journal.count
    while low < high {
      let middle = (low + high) / 2
      if journal[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }

  package func row(_ sequence: JournalSequence) -> JournalRow? {
    // The least number of all has none before it.
    guard sequence >= 1 else { return nil }
    let index = index(after: sequence - 1)
    return index < journal.count && journal[index].sequence == sequence ? journal[index] : nil
  }

  /// Writes a batch that `check` has found sound.
  package mutating func write(_ batch: CommitBatch) {
    if !batch.machines.isEmpty { machines = (machines + batch.machines).sorted { $0.id < $1.id } }
    journal += batch.rows
    for birth in batch.births { instances[birth.id] = birth }
    for key in batch.keys {
      switch key {
      case .insert(let hash, let id), .replace(let hash, let id): keys[hash] = id
      case .remove(let hash): keys[hash] = nil
      }
    }
    for inherited in batch.inherited { write(inherited) }
    writeParked(batch.parked)
    for entry in batch.deadLetters.removed { removeDeadLetter(entry.sequence) }
    for entry in batch.deadLetters.written { writeDeadLetter(entry) }
    if let fold = batch.fold { write(fold) }
    for held in batch.held.removed { self.held[held.place] = nil }
    for held in batch.held.written { self.held[held.place] = held }
  }

  mutating func append(_ row: JournalRow) { journal.append(row) }

  func fingerprint(of sequence: JournalSequence) -> Hash128? { fingerprints[sequence] }

  package mutating func writeDeadLetter(_ entry: DeadLetterEntry) {
    removeDeadLetter(entry.sequence)
    fingerprints[entry.sequence] = entry.fingerprint
    deadLetters[entry.fingerprint] = entry
  }

  /// A row has one dead letter at most.
  mutating func removeDeadLetter(_ sequence: JournalSequence) {
    guard let fingerprint = fingerprints.removeValue(forKey: sequence) else { return }
    deadLetters[fingerprint] = nil
  }

  private mutating func writeParked(_ changes: Changes<ParkedMessage>) {
    for message in changes.removed {
      parked[message.key]?.removeAll { $0.id == message.id }
      if parked[message.key]?.isEmpty ?? false { parked[message.key] = nil }
    }
    for message in changes.written {
      var list = parked[message.key] ?? []
      list.removeAll { $0.id == message.id }
      list.append(message)
      parked[message.key] = list.sorted { $0.sequence < $1.sequence }
    }
  }

  private mutating func write(_ fold: FoldPortion) {
    for stored in fold.instances {
      var folded = stored
      if let born = instances[stored.id] { (folded.uid, folded.key) = (born.uid, born.key) }
      instances[stored.id] = folded
    }
    for spilled in fold.spilled { seen[SeenProbe(instance: spilled.instance, id: spilled.id)] = spilled.body }
    guard let completion = fold.completion else { return }
    foldedSequence = completion.foldedSequence
    clock = completion.clock
    for lane in completion.lanes {
      let index = lanes.firstIndex { $0.id >= lane.id } ?? lanes.count
      if index < lanes.count, lanes[index].id == lane.id {
        lanes[index] = lane
      } else {
        lanes.insert(lane, at: index)
      }
    }
  }
}
