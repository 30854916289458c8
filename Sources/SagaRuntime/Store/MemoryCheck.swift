import SagaCore

/// The constraints that the tables of `SagaSQLite` have (`Schema`), checked before anything of a batch is written.
extension MemoryContents {
  func check(_ batch: CommitBatch) throws(CommitError) {
    try checkMachines(batch)
    try checkRows(batch)
    for instance in batch.births { try check(instance, batch) }
    if let fold = batch.fold {
      for instance in fold.instances { try check(instance, batch) }
    }
    try checkKeys(batch)
    try checkReferences(batch)
    try checkDeadLetters(batch)
    try checkLanes(batch)
  }

  private func require(_ holds: Bool, _ constraint: String) throws(CommitError) {
    if !holds { throw .refused(constraint: constraint) }
  }

  private func row(_ sequence: JournalSequence, _ batch: CommitBatch) -> JournalRow? {
    let index = Int(sequence - batch.expectedLast - 1)
    return batch.rows.indices.contains(index) ? batch.rows[index] : row(sequence)
  }

  /// Whose row a sequence is, and which one of its rows.
  private func place(_ sequence: JournalSequence, _ batch: CommitBatch) -> (instance: InstanceID?, revision: Int64?)? {
    let pending = Int(sequence - batch.expectedLast - 1)
    if batch.rows.indices.contains(pending) { return (batch.rows[pending].instance, batch.rows[pending].revision) }
    let stored = index(after: sequence - 1)
    guard stored < journal.count, journal[stored].sequence == sequence else { return nil }
    return (journal[stored].instance, journal[stored].revision)
  }

  private func checkMachines(_ batch: CommitBatch) throws(CommitError) {
    if batch.machines.isEmpty { return }
    var known = machines
    for machine in batch.machines {
      let clashes = known.contains {
        $0.id == machine.id
          || ($0.saga == machine.saga && $0.version == machine.version && $0.role == machine.role)
      }
      try require(!clashes, "machine(id), machine(saga,version,role)")
      try require(machine.sha256.count == 32, "machine.sha256")
      known.append(machine)
    }
  }

  private func checkRows(_ batch: CommitBatch) throws(CommitError) {
    for index in batch.rows.indices {
      let row = batch.rows[index]
      try require(row.sequence == batch.expectedLast + Int64(index) + 1, "journal.seq")
      try require((row.instance == nil) == (row.revision == nil), "journal (iid IS NULL)=(revision IS NULL)")
      try require(row.revision.map { $0 > 0 } ?? true, "journal revision>0")
      try require(row.previousSequence.map { $0 < row.sequence } ?? true, "journal previous_seq<seq")
      let isFirst = row.revision == nil || row.revision == 1
      try require((row.previousSequence == nil) == isFirst, "journal previous_seq and revision")
      try require(row.input == nil || row.inputSequence == nil, "journal input IS NULL OR input_seq IS NULL")
      try require(row.instance.map { $0 <= row.sequence } ?? true, "journal iid<=seq")
      try require(row.inputSequence.map { $0 < row.sequence } ?? true, "journal input_seq<seq")
      // What SQL does not say, but every row promises.
      if let input = row.inputSequence.flatMap({ place($0, batch) }) {
        try require(input.instance == row.instance, "journal rows of one instance")
      }
      if let previous = row.previousSequence.flatMap({ place($0, batch) }) {
        try require(previous.instance == row.instance, "journal rows of one instance")
        try require(previous.revision == row.revision.map { $0 - 1 }, "journal revision follows")
      }
    }
  }

  private func check(_ stored: StoredInstance, _ batch: CommitBatch) throws(CommitError) {
    let isKnown =
      machines.contains { $0.id == stored.machine } || batch.machines.contains { $0.id == stored.machine }
    try require(isKnown, "instance.machine references machine")
    try require(stored.sequence >= stored.id, "instance seq>=iid")
    try require((1...5).contains(stored.status), "instance status BETWEEN 1 AND 5")
    try require((stored.closedAt != nil) == (stored.status == 3 || stored.status == 4), "instance closed_at and status")
    try require(stored.state != nil || stored.closedAt != nil, "instance state IS NOT NULL OR closed_at IS NOT NULL")
    try require(stored.wakeAt == nil || stored.closedAt == nil, "instance wake_at IS NULL OR closed_at IS NULL")
  }

  private func checkKeys(_ batch: CommitBatch) throws(CommitError) {
    for (index, birth) in batch.births.enumerated() {
      let isBornTwice = batch.births[..<index].contains { $0.id == birth.id }
      try require(instances[birth.id] == nil && !isBornTwice, "instance.iid")
    }
    if batch.keys.isEmpty { return }
    var changed: [Hash128: Bool] = [:]
    for key in batch.keys {
      switch key {
      case .insert(let hash, _):
        try require(!(changed[hash] ?? (keys[hash] != nil)), "instance_key.hash")
        changed[hash] = true
      case .replace(let hash, _): changed[hash] = true
      case .remove(let hash): changed[hash] = false
      }
    }
  }

  private func checkReferences(_ batch: CommitBatch) throws(CommitError) {
    for parked in batch.parked.written {
      try require(row(parked.sequence, batch) != nil, "parked.seq references journal")
    }
    if batch.held.written.isEmpty { return }
    let lanes = lanes + (batch.fold?.completion?.lanes ?? [])
    for held in batch.held.written {
      try require(lanes.contains { $0.id == held.lane }, "held.lane references lane")
      try require(row(held.sequence, batch) != nil, "held.seq references journal")
    }
  }

  private func checkDeadLetters(_ batch: CommitBatch) throws(CommitError) {
    // As the table would be with each change made in turn: removing comes first, and a row has one dead letter.
    var owners: [Hash128: JournalSequence?] = [:]
    var fingerprints: [JournalSequence: Hash128] = [:]
    func owner(of fingerprint: Hash128) -> JournalSequence? {
      owners[fingerprint] ?? deadLetters[fingerprint]?.sequence
    }
    for entry in batch.deadLetters.removed {
      if let fingerprint = self.fingerprint(of: entry.sequence) { owners[fingerprint] = .some(nil) }
    }
    for entry in batch.deadLetters.written {
      try require(row(entry.sequence, batch) != nil, "dead_letter.seq references journal")
      let owner = owner(of: entry.fingerprint)
      try require(owner == nil || owner == entry.sequence, "dead_letter.fingerprint")
      if let before = fingerprints[entry.sequence] ?? self.fingerprint(of: entry.sequence) {
        owners[before] = .some(nil)
      }
      owners[entry.fingerprint] = entry.sequence
      fingerprints[entry.sequence] = entry.fingerprint
    }
  }

  private func checkLanes(_ batch: CommitBatch) throws(CommitError) {
    guard let completion = batch.fold?.completion else { return }
    try require(sweptSequence <= completion.foldedSequence, "meta swept_seq<=folded_seq")
    var names: [LaneID: String] = [:]
    for lane in lanes { names[lane.id] = lane.name }
    for lane in completion.lanes {
      try require(!names.contains { $0.value == lane.name && $0.key != lane.id }, "lane.name")
      names[lane.id] = lane.name
    }
  }
}
