import SagaCore

/// The constraints of the schema (`STORAGE.md`), checked before anything of a batch is written.
struct MemoryCheck {
  private let contents: MemoryContents
  private let batch: CommitBatch

  static func check(_ batch: CommitBatch, against contents: MemoryContents) throws(CommitError) {
    let check = MemoryCheck(contents: contents, batch: batch)
    try check.machines()
    try check.rows()
    for instance in batch.births { try check.instance(instance) }
    if let fold = batch.fold {
      for instance in fold.instances { try check.instance(instance) }
    }
    try check.keys()
    try check.references()
    try check.deadLetters()
    try check.lanes()
  }

  private func require(_ holds: Bool, _ constraint: String) throws(CommitError) {
    if !holds { throw .refused(constraint: constraint) }
  }

  private func row(_ sequence: JournalSequence) -> JournalRow? {
    let index = Int(sequence - batch.expectedLast - 1)
    return batch.rows.indices.contains(index) ? batch.rows[index] : contents.row(sequence)
  }

  /// Whose row a sequence is, and which one of its rows.
  private func place(_ sequence: JournalSequence) -> (instance: InstanceID?, revision: Int64?)? {
    let index = Int(sequence - batch.expectedLast - 1)
    if batch.rows.indices.contains(index) { return (batch.rows[index].instance, batch.rows[index].revision) }
    let stored = contents.index(after: sequence - 1)
    guard stored < contents.journal.count, contents.journal[stored].sequence == sequence else { return nil }
    return (contents.journal[stored].instance, contents.journal[stored].revision)
  }

  private func machines() throws(CommitError) {
    if batch.machines.isEmpty { return }
    var known = contents.machines
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

  private func rows() throws(CommitError) {
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
      if let input = row.inputSequence.flatMap({ place($0) }) {
        try require(input.instance == row.instance, "journal rows of one instance")
      }
      if let previous = row.previousSequence.flatMap({ place($0) }) {
        try require(previous.instance == row.instance, "journal rows of one instance")
        try require(previous.revision == row.revision.map { $0 - 1 }, "journal revision follows")
      }
    }
  }

  private func instance(_ stored: StoredInstance) throws(CommitError) {
    let isKnown =
      contents.machines.contains { $0.id == stored.machine } || batch.machines.contains { $0.id == stored.machine }
    try require(isKnown, "instance.machine references machine")
    try require(stored.sequence >= stored.id, "instance seq>=iid")
    try require((1...5).contains(stored.status), "instance status BETWEEN 1 AND 5")
    try require((stored.closedAt != nil) == (stored.status == 3 || stored.status == 4), "instance closed_at and status")
    try require(stored.state != nil || stored.closedAt != nil, "instance state IS NOT NULL OR closed_at IS NOT NULL")
    try require(stored.wakeAt == nil || stored.closedAt == nil, "instance wake_at IS NULL OR closed_at IS NULL")
  }

  private func keys() throws(CommitError) {
    for (index, birth) in batch.births.enumerated() {
      let isBornTwice = batch.births[..<index].contains { $0.id == birth.id }
      try require(contents.instances[birth.id] == nil && !isBornTwice, "instance.iid")
    }
    if batch.keys.isEmpty { return }
    var changed: [Hash128: Bool] = [:]
    for key in batch.keys {
      switch key {
      case .insert(let hash, _):
        try require(!(changed[hash] ?? (contents.keys[hash] != nil)), "instance_key.hash")
        changed[hash] = true
      case .replace(let hash, _): changed[hash] = true
      case .remove(let hash): changed[hash] = false
      }
    }
  }

  private func references() throws(CommitError) {
    for parked in batch.parked.written { try require(row(parked.sequence) != nil, "parked.seq references journal") }
    if batch.held.written.isEmpty { return }
    let lanes = contents.lanes + (batch.fold?.completion?.lanes ?? [])
    for held in batch.held.written {
      try require(lanes.contains { $0.id == held.lane }, "held.lane references lane")
      try require(row(held.sequence) != nil, "held.seq references journal")
    }
  }

  private func deadLetters() throws(CommitError) {
    // As the table would be with each change made in turn: removing comes first, and a row has one dead letter.
    var owners: [Hash128: JournalSequence?] = [:]
    var fingerprints: [JournalSequence: Hash128] = [:]
    func owner(of fingerprint: Hash128) -> JournalSequence? {
      owners[fingerprint] ?? contents.deadLetters[fingerprint]?.sequence
    }
    for entry in batch.deadLetters.removed {
      if let fingerprint = contents.fingerprint(of: entry.sequence) { owners[fingerprint] = .some(nil) }
    }
    for entry in batch.deadLetters.written {
      try require(row(entry.sequence) != nil, "dead_letter.seq references journal")
      let owner = owner(of: entry.fingerprint)
      try require(owner == nil || owner == entry.sequence, "dead_letter.fingerprint")
      if let before = fingerprints[entry.sequence] ?? contents.fingerprint(of: entry.sequence) {
        owners[before] = .some(nil)
      }
      owners[entry.fingerprint] = entry.sequence
      fingerprints[entry.sequence] = entry.fingerprint
    }
  }

  private func lanes() throws(CommitError) {
    guard let completion = batch.fold?.completion else { return }
    try require(contents.sweptSequence <= completion.foldedSequence, "meta swept_seq<=folded_seq")
    var names: [LaneID: String] = [:]
    for lane in contents.lanes { names[lane.id] = lane.name }
    for lane in completion.lanes {
      try require(!names.contains { $0.value == lane.name && $0.key != lane.id }, "lane.name")
      names[lane.id] = lane.name
    }
  }
}
