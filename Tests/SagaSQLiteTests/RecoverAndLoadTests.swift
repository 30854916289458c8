import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite struct RecoverAndLoadTests {
  let folder = Folder()

  @Test("a new journal has an identity, the first epoch and nothing else") func new() throws {
    let recovered = try folder.writer().recover()
    #expect(recovered.journalID.count == 16)
    #expect(recovered.epoch == 1)
    #expect(recovered.lastSequence == 0 && recovered.foldedSequence == 0 && recovered.sweptSequence == 0)
    #expect(recovered.clock == time(0))
    let other = Folder()
    #expect(try other.writer().recover().journalID != recovered.journalID)
  }

  @Test("what is committed is there after the file is opened again") func reopened() throws {
    var store = try folder.writer { $0.synchronous = .full }
    let identity = try store.recover().journalID
    try store.addInstances(2)
    try store.add([Sample.row(3, of: 1)])
    let lane = LanePosition(id: 4, name: "orders", sequence: 2, effect: 1)
    try store.fold(to: 2, lanes: [lane])
    store.close()
    store = try folder.writer()
    let recovered = try store.recover()
    #expect(recovered.journalID == identity)
    #expect(recovered.lastSequence == 3 && recovered.foldedSequence == 2)
    #expect(recovered.clock == time(2))
    #expect(recovered.lanes == [lane])
    #expect(recovered.machines == [Sample.machine])
    #expect(try store.journal(after: recovered.foldedSequence, limit: 10).map(\.sequence) == [3])
  }

  @Test("an instance comes back with every column, folded or as it was born") func instances() throws {
    let store = try folder.writer()
    try store.addInstances(3) { $0.wakeAt = time($0.id * 100) }
    var folded = Sample.instance(2, sequence: 3, status: 3, closedAt: 77)
    folded.revision = 9
    folded.isPaused = true
    folded.state = []
    folded.seen = []
    try store.add { $0.fold = FoldPortion(instances: [folded]) }
    let loaded = try store.load { $0.instances = [1, 2, 9, 2] }
    #expect(loaded.instances == [1: Sample.instance(1, wakeAt: 100), 2: folded])
    #expect(try store.recover().foldedSequence == 0)
  }

  @Test(
    "keys of any text come back", arguments: ["", "a\u{0}b", "ключ", "e\u{301}", String(repeating: "k", count: 9_000)])
  func keyTexts(_ key: String) throws {
    let store = try folder.writer()
    try store.addInstances(1) { $0.key = key }
    let found = try store.load { $0.instances = [1] }.instances[1]?.key
    #expect(found.map { Array($0.utf8) } == Array(key.utf8))
  }

  @Test("spilled ids are found by instance and id, with their body hash") func seen() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    let ids = [
      SpilledID(instance: 1, id: hash(2), body: .max), SpilledID(instance: 1, id: hash(1), body: 0x0102_0304_0506_0708),
    ]
    try store.add { $0.fold = FoldPortion(instances: [], spilled: ids) }
    let probes = [SeenProbe(instance: 1, id: hash(1)), SeenProbe(instance: 1, id: hash(2))]
    let loaded = try store.load { $0.seen = probes + [SeenProbe(instance: 2, id: hash(1))] }
    #expect(loaded.seen == [probes[0]: 0x0102_0304_0506_0708, probes[1]: .max])
  }

  @Test("parked messages come by key, oldest first, and leave when removed") func parked() throws {
    let store = try folder.writer()
    let messages = (1...3).map { number in
      ParkedMessage(key: hash(1), id: hash(UInt64(100 - number)), sequence: Int64(number), expiresAt: time(50))
    }
    try store.add((1...3).map { Sample.loose($0, .parked) }) { $0.parked.written = messages.reversed() }
    #expect(try store.load { $0.parkedByKey = [hash(1), hash(1), hash(2)] }.parked == [hash(1): messages])
    var later = messages[2]
    later.expiresAt = time(90)
    try store.add {
      $0.parked.removed = [messages[0]]
      $0.parked.written = [later]
    }
    #expect(try store.load { $0.parkedByKey = [hash(1)] }.parked == [hash(1): [messages[1], later]])
  }

  @Test("a dead letter is found by its fingerprint and resolved in place; a second one of it is refused")
  func deadLetters() throws {
    let store = try folder.writer()
    var letter = DeadLetterEntry(sequence: 1, fingerprint: hash(1))
    try store.add([Sample.loose(1, .dead), Sample.loose(2, .dead)]) { $0.deadLetters.written = [letter] }
    #expect(try store.load { $0.fingerprints = [hash(1), hash(2)] }.deadLetters == [hash(1): letter])
    #expect(throws: CommitError.self) {
      try store.add { $0.deadLetters.written = [DeadLetterEntry(sequence: 2, fingerprint: hash(1))] }
    }
    letter.resolvedSequence = 2
    letter.resolution = .replayed
    try store.add { $0.deadLetters.written = [letter] }
    #expect(try store.load { $0.fingerprints = [hash(1)] }.deadLetters == [hash(1): letter])
    try store.add { $0.deadLetters.removed = [letter] }
    #expect(try store.load { $0.fingerprints = [hash(1)] }.deadLetters.isEmpty)
  }

  @Test("a held message may come with the fold that brings its lane") func held() throws {
    let store = try folder.writer()
    var held = HeldMessage(
      lane: 1, sequence: 1, effect: 0, ordering: hash(3), attempts: 2, nextAt: time(5), reason: "refused")
    #expect(throws: CommitError.self) { try store.add([Sample.loose(1, .outgoing)]) { $0.held.written = [held] } }
    try store.add([Sample.loose(1, .outgoing)]) {
      $0.held.written = [held]
      $0.fold = FoldPortion(
        instances: [],
        completion: FoldCompletion(
          foldedSequence: 0, clock: time(0), lanes: [LanePosition(id: 1, name: "out", sequence: 0, effect: 0)]))
    }
    #expect(try store.recover().held == [held])
    held.nextAt = nil
    held.attempts = 3
    try store.add { $0.held.written = [held] }
    #expect(try store.recover().held == [held])
    try store.add { $0.held.removed = [held] }
    #expect(try store.recover().held.isEmpty)
  }

  @Test("portions of a pass may come in any order; only the last one moves the folded position") func portions() throws
  {
    let store = try folder.writer()
    try store.addInstances(4)
    try store.add((5...8).map { Sample.row($0, of: $0 - 4) })
    let folded = (1...4).map { Sample.instance(Int64($0), sequence: Int64($0) + 4, wakeAt: Int64($0)) }
    try store.add { $0.fold = FoldPortion(instances: [folded[3], folded[1]]) }
    #expect(try store.recover().foldedSequence == 0)
    try store.fold([folded[2], folded[0]], to: 8)
    #expect(try store.recover().foldedSequence == 8)
    let loaded = try store.load { $0.instances = [1, 2, 3, 4] }
    #expect(loaded.instances.values.sorted { $0.id < $1.id } == folded)
  }

  @Test("a folded instance that the table lacks is put there") func rebuilt() throws {
    let store = try folder.writer()
    try store.add([Sample.birth(1)]) { $0.machines = [Sample.machine] }
    try store.fold([Sample.instance(1)], to: 1)
    #expect(try store.load { $0.instances = [1] }.instances == [1: Sample.instance(1)])
  }
}
