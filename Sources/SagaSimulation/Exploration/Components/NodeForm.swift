import SagaCore
import SagaRuntime

/// Makes one form of store contents that lead to the same future: folded, without history, rows numbered anew.
///
/// Kept are the instances, what they have seen (as a set, and apart), the keys that lead to them, parked messages and dead letters, and
/// the rows with the bytes of these and of kept ones. Journal sequences and instance ids only name
/// rows and order them; they go into no decision and no message, so a form that keeps their order behaves alike. Lanes
/// are left out: a form is made when everything has been sent and confirmed.
struct NodeForm {
  var contents: MemoryContents
  /// Equal for equal forms, whatever was seen.
  var bytes: [UInt8]
  /// Equal where the same was seen.
  var seen: [UInt8]
  /// By key of instance, then role.
  var instances: [Instance]
  /// The machines of `instances`, by number.
  var machines: [MachineID]

  /// - Throws: `DecodingFault` when the contents are damaged.
  init(of contents: MemoryContents, _ instanceForm: InstanceForm) throws {
    let time = contents.clock
    let shift = instanceForm.now.map { $0.milliseconds(since: time) } ?? 0
    let stored = contents.instances.values.sorted { ($0.key, $0.machine, $0.id) < ($1.key, $1.machine, $1.id) }
    var form = MemoryContents(journalID: contents.journalID)
    form.epoch = contents.epoch
    form.machines = contents.machines
    form.clock = instanceForm.now ?? time
    var rows = NodeForm.Rows(
      contents, firstSequence: Int64(stored.count + contents.deadLetters.count) + 1, at: form.clock)
    var newIDs: [InstanceID: InstanceID] = [:]
    for (index, instance) in stored.enumerated() { newIDs[instance.id] = Int64(index) + 1 }

    // Rows keep their order: those of instances and of parked messages are numbered together.
    let decoded = try stored.map { try $0.state.map { try Instance(decoding: $0) } }
    var wanted: [(old: JournalSequence, instance: InstanceID?)] = []
    for (index, instance) in decoded.enumerated() {
      wanted += (instance?.deferred ?? []).map { ($0.sequence, Int64(index) + 1) }
    }
    wanted += contents.parked.values.flatMap { $0 }.map { ($0.sequence, nil) }
    for (old, instance) in wanted.sorted(by: { $0.old < $1.old }) { rows.keep(old, instance) }

    instances = []
    machines = []
    var writer = ByteWriter(reservingCapacity: 2048)
    var seen: [UInt8] = []
    writer.write(form.clock)
    for (index, one) in stored.enumerated() {
      var entry = one
      entry.id = Int64(index) + 1
      entry.sequence = entry.id
      if !instanceForm.keepsRevisions { entry.revision = 1 }
      entry.seen = try NodeForm.sorted(one.seen)
      if let instance = decoded[index] {
        var instance = instanceForm.form(of: instance, at: time)
        for position in instance.deferred.indices {
          instance.deferred[position].sequence = rows.number(of: instance.deferred[position].sequence)
        }
        // States are many: without the room that the writer kept.
        entry.state = Array(instance.encode()[...])
        entry.wakeAt = instance.wakeAt
        entry.closedAt = instance.closedAt
        instances.append(instance)
        machines.append(one.machine)
      }
      form.instances[entry.id] = entry
      writer.write(entry.machine)
      writer.write(entry.key)
      writer.write(entry.revision)
      writer.write(entry.state ?? [])
      seen += entry.seen
    }
    for (hash, id) in contents.keys.sorted(by: { $0.key < $1.key }) {
      guard let new = newIDs[id] else { continue }
      form.keys[hash] = new
      writer.write(hash)
      writer.write(new)
    }
    writer.write(byte: 0)
    for (key, list) in contents.parked.sorted(by: { $0.key < $1.key }) {
      form.parked[key] = list.map { parked in
        ParkedMessage(
          key: key, id: parked.id, sequence: rows.number(of: parked.sequence),
          expiresAt: parked.expiresAt.advanced(byMilliseconds: shift))
      }
      for parked in form.parked[key] ?? [] {
        writer.write(key)
        writer.write(parked.id)
        writer.write(parked.sequence)
        writer.write(parked.expiresAt)
      }
    }
    writer.write(byte: 0)
    var refused: [JournalRow] = []
    for entry in contents.deadLetters.values.sorted(by: { $0.fingerprint < $1.fingerprint }) {
      let sequence = Int64(stored.count + refused.count) + 1
      form.writeDeadLetter(
        DeadLetterEntry(
          sequence: sequence, fingerprint: entry.fingerprint,
          resolvedSequence: entry.resolution == nil ? nil : sequence, resolution: entry.resolution))
      let (row, code) = try NodeForm.refusal(contents, entry, as: sequence, newIDs, at: form.clock)
      refused.append(row)
      writer.write(entry.fingerprint)
      writer.write(byte: UInt8(entry.resolution?.rawValue ?? 0))
      writer.write(code)
    }
    form.journal = refused + rows.finished()
    form.foldedSequence = form.lastSequence
    form.sweptSequence = Int64(stored.count)
    self.contents = form
    bytes = writer.bytes
    self.seen = seen
  }

  /// The row of a dead letter without what it says of its instance's history, and the code of the reason.
  private static func refusal(
    _ contents: MemoryContents, _ entry: DeadLetterEntry, as sequence: JournalSequence,
    _ newIDs: [InstanceID: InstanceID], at time: Timestamp
  ) throws -> (row: JournalRow, code: String) {
    guard let row = contents.row(entry.sequence) else {
      preconditionFailure("row \(entry.sequence) has a dead letter and is missing")
    }
    let before = try DecidedRecord(decoding: row.decided)
    var record = DecidedRecord(.dead)
    record.machine = before.machine
    record.fault = before.fault
    record.fingerprint = before.fingerprint
    let instance = row.instance.flatMap { newIDs[$0] }
    return (
      JournalRow(
        sequence: sequence, at: time, kind: .dead, slot: row.slot, instance: instance,
        revision: instance == nil ? nil : 1, input: row.input, decided: record.encode()),
      before.fault?.code ?? ""
    )
  }

  /// Contents in which no instance has seen a message.
  static func forgetting(_ id: Hash128, in contents: MemoryContents) throws -> MemoryContents {
    var result = contents
    for (instance, stored) in contents.instances {
      let seen = try SeenIDs(decoding: stored.seen)
      guard seen.recent.contains(where: { $0.id == id }) else { continue }
      var left = SeenIDs()
      for identity in seen.recent where identity.id != id { left.append(identity) }
      left.commit()
      result.instances[instance]?.seen = left.encode(skipping: 0)
    }
    return result
  }

  /// Whether an instance knows less of what it has seen than before. The engine recognises what comes again by that, and
  /// never forgets it.
  static func forgets(_ after: MemoryContents, from before: MemoryContents) throws -> Bool {
    for (id, old) in before.instances {
      guard let new = after.instances[id] else { return true }
      if new.seen == old.seen { continue }
      let known = try SeenIDs(decoding: new.seen).recent
      if try !SeenIDs(decoding: old.seen).recent.allSatisfy(known.contains) { return true }
    }
    return false
  }

  private static func sorted(_ seen: [UInt8]) throws -> [UInt8] {
    var sorted = SeenIDs()
    for identity in try SeenIDs(decoding: seen).recent.sorted(by: { ($0.id, $0.body) < ($1.id, $1.body) }) {
      sorted.append(identity)
    }
    sorted.commit()
    return sorted.encode(skipping: 0)
  }

  /// The rows that a form keeps, numbered anew.
  private struct Rows {
    let contents: MemoryContents
    let at: Timestamp
    var next: JournalSequence
    var kept: [JournalRow] = []
    var numbers: [JournalSequence: JournalSequence] = [:]

    init(_ contents: MemoryContents, firstSequence: JournalSequence, at: Timestamp) {
      self.contents = contents
      self.at = at
      next = firstSequence
    }

    mutating func keep(_ old: JournalSequence, _ instance: InstanceID?) {
      guard numbers[old] == nil, let row = contents.row(old) else { return }
      numbers[old] = next
      // The decision of a kept message is folded already; that of a parked one has its identity and its role.
      let decided = instance == nil ? row.decided : DecidedRecord(.deferred).encode()
      kept.append(
        JournalRow(
          sequence: next, at: at, kind: row.kind, slot: row.slot, instance: instance,
          revision: instance == nil ? nil : 1, input: row.input, decided: decided))
      next += 1
    }

    func number(of old: JournalSequence) -> JournalSequence {
      guard let number = numbers[old] else { preconditionFailure("row \(old) keeps a message and is missing") }
      return number
    }

    /// A last row stands for all that came before: sequences are never given twice.
    func finished() -> [JournalRow] {
      kept + [
        JournalRow(
          sequence: next, at: at, kind: .marks, slot: Slot(value: 0), decided: DecidedRecord(.recorded).encode())
      ]
    }
  }
}
