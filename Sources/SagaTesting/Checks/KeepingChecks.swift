import SagaCore
import SagaRuntime

extension StoreConformance {
  /// Something in every table.
  private static func fill(_ store: any Store) throws {
    try store.addClosed()
    try store.add([Sample.loose(8, .parked), Sample.loose(9, .dead), Sample.loose(10, .outgoing)]) {
      $0.keys = [.insert(hash(1), 1), .insert(hash(2), 3)]
      $0.machines = [Sample.machine(2, version: 2)]
      $0.parked.written = [Sample.parked(8)]
      $0.deadLetters.written = [DeadLetterEntry(sequence: 9, fingerprint: hash(9))]
      $0.fold = FoldPortion(
        instances: [Sample.instance(3, sequence: 5, wakeAt: 70)],
        spilled: [SpilledID(instance: 1, id: hash(8), body: 7)],
        completion: FoldCompletion(
          foldedSequence: 7, clock: time(60), lanes: [Sample.lane(1, sequence: 7), Sample.lane(2)]))
      $0.held.written = [Sample.held(1, 10)]
    }
  }

  private static func request() -> LoadRequest {
    var wanted = LoadRequest()
    wanted.keys = [hash(1), hash(2)]
    wanted.seen = [SeenProbe(instance: 1, id: hash(8))]
    wanted.parkedByKey = [hash(1)]
    wanted.fingerprints = [hash(9)]
    return wanted
  }

  static let keepingChecks = [
    Check("what is committed is there after the store is opened again", needs: .reopening) { examination in
      let store = try examination.store()
      try fill(store)
      let before = try Moment(store)
      let loaded = try store.load(request())
      guard let reopened = try examination.harness.reopen?(store) else { return }
      try examination.equal(Moment(reopened), before, "what is there")
      let after = try reopened.load(request())
      try examination.equal(after.keys, loaded.keys, "the keys")
      try examination.equal(after.seen, loaded.seen, "the seen ids")
      try examination.equal(after.parked, loaded.parked, "the parked messages")
      try examination.equal(after.deadLetters, loaded.deadLetters, "the dead letters")
      try examination.equal(
        reopened.wakes(through: time(100), after: nil, limit: 9).map(\.instance), [3], "the instances to be woken")
      try reopened.add([Sample.loose(11, .dead)])
      try examination.equal(reopened.recover().lastSequence, 11, "the last sequence after a further batch")
    },
    Check("a copy has everything of its moment and nothing that is written later", needs: .copying) { examination in
      let store = try examination.store()
      try fill(store)
      let before = try Moment(store)
      guard let copy = try examination.harness.openCopy?(store) else { return }
      try store.add([Sample.loose(11, .dead)]) { $0.keys = [.insert(hash(3), 1)] }
      let copied = try Moment(copy)
      // A restored copy has another epoch and a row that says so.
      try examination.equal(
        Array(copied.journal.prefix(before.journal.count)).map(\.sequence), before.journal.map(\.sequence), "the rows")
      try examination.expect(
        Array(copied.journal.prefix(before.journal.count)) == before.journal, "the rows as they were")
      try examination.expect(
        copied.journal.dropFirst(before.journal.count).allSatisfy { $0.kind == .restore },
        "no later row of the original",
        found: copied.journal.map(\.sequence))
      try examination.equal(copied.instances, before.instances, "the instances")
      try examination.equal(copied.journalID, before.journalID, "the journal's id")
      try examination.equal(copied.lanes, before.lanes, "the lanes")
      try examination.equal(copied.held, before.held, "the held messages")
      try examination.equal(copied.parked, before.parked, "the parked messages")
      try examination.equal(copied.deadLetters, before.deadLetters, "the dead letters")
      try examination.equal(copied.machines, before.machines, "the definitions")
      let loaded = try copy.load {
        $0.keys = [hash(1), hash(2), hash(3)]
        $0.seen = [SeenProbe(instance: 1, id: hash(8))]
      }
      try examination.equal(loaded.keys, [hash(1): 1, hash(2): 3], "the keys")
      try examination.equal(loaded.seen.count, 1, "the seen ids")
    },
  ]
}
