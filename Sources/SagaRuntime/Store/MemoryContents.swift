import SagaCore

/// The tables of a `MemoryStore`.
public struct MemoryContents: Sendable {
  public var journalID: [UInt8]
  public var epoch: Epoch = 0
  /// In the order of their sequences; the sweep leaves gaps.
  public internal(set) var journal: [JournalRow] = []
  public internal(set) var foldedSequence: JournalSequence = 0
  public internal(set) var sweptSequence: JournalSequence = 0
  var clock = Timestamp(milliseconds: 0)
  public internal(set) var machines: [StoredMachine] = []
  public internal(set) var instances: [InstanceID: StoredInstance] = [:]
  var keys: [Hash128: InstanceID] = [:]
  var seen: [SeenProbe: UInt64] = [:]
  /// Oldest first.
  var parked: [Hash128: [ParkedMessage]] = [:]
  var deadLetters: [Hash128: DeadLetterEntry] = [:]
  var lanes: [LanePosition] = []
  var held: [HeldMessage.Place: HeldMessage] = [:]

  public init(journalID: [UInt8] = [UInt8](repeating: 0, count: 16)) { self.journalID = journalID }

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

  func row(_ sequence: JournalSequence) -> JournalRow? {
    let index = index(after: sequence - 1)
    return index < journal.count && journal[index].sequence == sequence ? journal[index] : nil
  }

  /// Writes a batch that `check` has found sound.
  mutating func write(_ batch: CommitBatch) {
    if !batch.machines.isEmpty { machines += batch.machines }
    journal += batch.rows
    for birth in batch.births { instances[birth.id] = birth }
    for key in batch.keys {
      switch key {
      case .insert(let hash, let id), .replace(let hash, let id): keys[hash] = id
      case .remove(let hash): keys[hash] = nil
      }
    }
    writeParked(batch.parked)
    for entry in batch.deadLetters.removed { deadLetters[entry.fingerprint] = nil }
    for entry in batch.deadLetters.written { deadLetters[entry.fingerprint] = entry }
    if let fold = batch.fold { write(fold) }
    for held in batch.held.removed { self.held[held.place] = nil }
    for held in batch.held.written { self.held[held.place] = held }
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
    for stored in fold.instances { instances[stored.id] = stored }
    for spilled in fold.spilled { seen[SeenProbe(instance: spilled.instance, id: spilled.id)] = spilled.body }
    guard let completion = fold.completion else { return }
    foldedSequence = completion.foldedSequence
    clock = completion.clock
    for lane in completion.lanes {
      if let index = lanes.firstIndex(where: { $0.id == lane.id }) { lanes[index] = lane } else { lanes.append(lane) }
    }
  }
}
