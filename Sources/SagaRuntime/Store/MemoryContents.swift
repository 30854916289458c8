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

  /// Writes a batch, or throws; the caller drops this copy then.
  mutating func write(_ batch: CommitBatch) throws(CommitError) {
    for machine in batch.machines { try write(machine) }
    for row in batch.rows { try write(row) }
    for birth in batch.births {
      try check(instances[birth.id] == nil, "instance.iid")
      try write(birth)
    }
    for key in batch.keys { try write(key) }
    try writeParked(batch.parked)
    try writeDeadLetters(batch.deadLetters)
    if let fold = batch.fold { try write(fold) }
    for held in batch.held.removed { self.held[held.place] = nil }
    for held in batch.held.written {
      try check(lanes.contains { $0.id == held.lane }, "held.lane references lane")
      try check(row(held.sequence) != nil, "held.seq references journal")
      self.held[held.place] = held
    }
  }

  func check(_ holds: Bool, _ constraint: String) throws(CommitError) {
    if !holds { throw .refused(constraint: constraint) }
  }

  private mutating func write(_ machine: StoredMachine) throws(CommitError) {
    try check(!machines.contains { $0.id == machine.id }, "machine.id")
    let isKnown = machines.contains {
      $0.saga == machine.saga && $0.version == machine.version && $0.role == machine.role
    }
    try check(!isKnown, "machine(saga,version,role)")
    try check(machine.sha256.count == 32, "machine.sha256")
    machines.append(machine)
  }

  private mutating func write(_ row: JournalRow) throws(CommitError) {
    try check(row.sequence == lastSequence + 1, "journal.seq")
    try check((row.instance == nil) == (row.revision == nil), "journal (iid IS NULL)=(revision IS NULL)")
    let isFirst = row.revision == nil || row.revision == 1
    try check((row.previousSequence == nil) == isFirst, "journal (previous_seq IS NULL)=(revision IS NULL OR revision=1)")
    try check(row.input == nil || row.inputSequence == nil, "journal input IS NULL OR input_seq IS NULL")
    try check(row.instance.map { $0 <= row.sequence } ?? true, "journal iid<=seq")
    try check(row.inputSequence.map { $0 < row.sequence } ?? true, "journal input_seq<seq")
    if let previous = row.previousSequence {
      let before = self.row(previous)
      try check(before == nil || before?.instance == row.instance, "journal previous_seq of the same instance")
      try check(before == nil || before?.revision == row.revision.map { $0 - 1 }, "journal revision follows")
    }
    journal.append(row)
  }

  private mutating func write(_ stored: StoredInstance) throws(CommitError) {
    try check(machines.contains { $0.id == stored.machine }, "instance.machine references machine")
    try check(stored.sequence >= stored.id, "instance seq>=iid")
    try check((1...5).contains(stored.status), "instance status BETWEEN 1 AND 5")
    try check((stored.closedAt != nil) == (stored.status == 3 || stored.status == 4), "instance closed_at and status")
    try check(stored.state != nil || stored.closedAt != nil, "instance state IS NOT NULL OR closed_at IS NOT NULL")
    try check(stored.wakeAt == nil || stored.closedAt == nil, "instance wake_at IS NULL OR closed_at IS NULL")
    instances[stored.id] = stored
  }

  private mutating func write(_ key: KeyChange) throws(CommitError) {
    switch key {
    case .insert(let hash, let id):
      try check(keys[hash] == nil, "instance_key.hash")
      keys[hash] = id
    case .replace(let hash, let id): keys[hash] = id
    case .remove(let hash): keys[hash] = nil
    }
  }

  private mutating func writeParked(_ changes: Changes<ParkedMessage>) throws(CommitError) {
    for message in changes.removed {
      parked[message.key]?.removeAll { $0.id == message.id }
      if parked[message.key]?.isEmpty ?? false { parked[message.key] = nil }
    }
    for message in changes.written {
      try check(row(message.sequence) != nil, "parked.seq references journal")
      var list = parked[message.key] ?? []
      list.removeAll { $0.id == message.id }
      list.append(message)
      parked[message.key] = list.sorted { $0.sequence < $1.sequence }
    }
  }

  private mutating func writeDeadLetters(_ changes: Changes<DeadLetterEntry>) throws(CommitError) {
    for entry in changes.removed { deadLetters[entry.fingerprint] = nil }
    for entry in changes.written {
      try check(row(entry.sequence) != nil, "dead_letter.seq references journal")
      let known = deadLetters[entry.fingerprint]
      try check(known == nil || known?.sequence == entry.sequence, "dead_letter.fingerprint")
      deadLetters[entry.fingerprint] = entry
    }
  }

  private mutating func write(_ fold: FoldPortion) throws(CommitError) {
    for stored in fold.instances { try write(stored) }
    for spilled in fold.spilled {
      let probe = SeenProbe(instance: spilled.instance, id: spilled.id)
      try check(seen[probe] == nil, "instance_seen(iid,id)")
      seen[probe] = spilled.body
    }
    guard let completion = fold.completion else { return }
    foldedSequence = completion.foldedSequence
    clock = completion.clock
    for lane in completion.lanes {
      if let index = lanes.firstIndex(where: { $0.id == lane.id }) { lanes[index] = lane } else { lanes.append(lane) }
    }
  }
}
