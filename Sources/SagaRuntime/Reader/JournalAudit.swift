import SagaCore

/// Holds the tables of a store against the journal that they are a fold of.
public enum JournalAudit {
  /// An instance as its rows alone say.
  private struct Rebuilt {
    var state: [UInt8]?
    var sequence: JournalSequence
    var revision: Int64
    var machine: MachineID?
    var seen: [MessageIdentity] = []
  }

  /// Folds the whole journal from its beginning and compares each instance whose first row is still there with what a reader
  /// gets: the instance table and the tail. Reads everything: for tests, and for a file that is in doubt.
  ///
  /// - Returns: what does not agree, for people; empty for a sound store.
  /// - Throws: what the store throws, or `DecodingFault` for a row that cannot be read.
  public static func findings(_ store: any Store) throws -> [String] {
    let recovered = try store.recover()
    var findings: [String] = []
    var rebuilt: [InstanceID: Rebuilt] = [:]
    var order: [InstanceID] = []
    var last: JournalSequence = 0
    while true {
      let rows = try store.journal(after: last, limit: 1000)
      for row in rows {
        if row.sequence != last + 1, recovered.sweptSequence < row.sequence - 1 {
          findings.append("rows \(last + 1) to \(row.sequence - 1) are missing and were not swept")
        }
        last = row.sequence
        if row.revision == 1, let id = row.instance { order.append(id) }
        if let finding = try apply(row, to: &rebuilt) { findings.append(finding) }
      }
      if rows.isEmpty { break }
    }
    if last != recovered.lastSequence {
      findings.append("the last row is \(last), and recovery says \(recovered.lastSequence)")
    }
    if recovered.foldedSequence > last { findings.append("row \(recovered.foldedSequence) is folded and missing") }
    let tail = try TailFold(store, recovered)
    for id in order {
      guard let expected = rebuilt[id] else { continue }
      findings += try compare(id, expected, tail, store)
    }
    return findings
  }

  private static func apply(_ row: JournalRow, to rebuilt: inout [InstanceID: Rebuilt]) throws -> String? {
    guard let id = row.instance, let revision = row.revision else { return nil }
    let record = try DecidedRecord(decoding: row.decided)
    if revision == 1 {
      rebuilt[id] = Rebuilt(
        state: try record.state.applied(to: nil), sequence: row.sequence, revision: 1, machine: record.machine)
    } else {
      guard var instance = rebuilt[id] else { return nil }
      guard instance.revision + 1 == revision, row.previousSequence == instance.sequence else {
        return "row \(row.sequence) does not follow row \(instance.sequence) of instance \(id)"
      }
      instance.state = try record.state.applied(to: instance.state)
      instance.sequence = row.sequence
      instance.revision = revision
      instance.machine = record.machine ?? instance.machine
      rebuilt[id] = instance
    }
    if let identity = record.identity { rebuilt[id]?.seen.append(identity) }
    return nil
  }

  private static func compare(
    _ id: InstanceID, _ expected: Rebuilt, _ tail: TailFold, _ store: any Store
  ) throws -> [String] {
    var wanted = LoadRequest()
    wanted.instances = [id]
    wanted.seen = expected.seen.map { SeenProbe(instance: id, id: $0.id) }
    let loaded = try store.load(wanted)
    let folded = try tail.instance(id)
    guard let stored = folded?.stored ?? loaded.instances[id] else { return ["instance \(id) has rows and is missing"] }
    var findings: [String] = []
    if stored.sequence != expected.sequence || stored.revision != expected.revision {
      findings.append(
        "instance \(id) is at row \(stored.sequence), revision \(stored.revision); its rows say \(expected.sequence), "
          + "revision \(expected.revision)")
    }
    if let machine = expected.machine, stored.machine != machine {
      findings.append("instance \(id) has machine \(stored.machine); its rows say \(machine)")
    }
    if let state = stored.state, state != expected.state { findings.append("instance \(id) is not what its rows say") }
    let seen = try folded?.seen ?? SeenIDs(decoding: stored.seen)
    for identity in expected.seen {
      let body = seen.body(of: identity.id) ?? loaded.seen[SeenProbe(instance: id, id: identity.id)]
      if body != identity.body { findings.append("instance \(id) has forgotten that it saw message \(identity.id)") }
    }
    return findings
  }
}
