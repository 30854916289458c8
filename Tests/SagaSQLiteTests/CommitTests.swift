import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite struct CommitTests {
  let folder = Folder()

  @Test("every column of a row comes back as it went in, none and empty apart") func rowRoundTrip() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    let full = JournalRow(
      sequence: 2, at: time(-5), kind: .timer, slot: Slot(value: 4095), instance: 1, revision: 2, previousSequence: 1,
      inputSequence: 1, input: nil, decided: [], outgoing: [], marks: [0, 255])
    let loose = JournalRow(
      sequence: 3, at: time(.max), kind: .marks, slot: Slot(value: 0), input: [UInt8](repeating: 3, count: 100_000),
      decided: [0], outgoing: nil, marks: nil)
    try store.add([full, loose])
    #expect(try store.journal(after: 1, limit: 10) == [full, loose])
    #expect(try store.rows([3, 99, 2, 3]) == [loose, full, loose])
    #expect(try store.journal(after: 0, limit: 2).map(\.sequence) == [1, 2])
  }

  @Test("every kind of row is taken", arguments: RowKind.allCases) func kinds(_ kind: RowKind) throws {
    let store = try folder.writer()
    try store.add([Sample.loose(1, kind)])
    #expect(try store.rows([1]).map(\.kind) == [kind])
  }

  @Test("a batch on an older last sequence is moved, with the real one") func moved() throws {
    let store = try folder.writer()
    try store.add([Sample.loose(1, .dead), Sample.loose(2, .dead)])
    let stale = CommitBatch(expectedLast: 1, epoch: 1, rows: [Sample.loose(2, .dead)])
    #expect { try store.commit(stale) } throws: {
      if case CommitError.moved(actualLast: 2) = $0 { true } else { false }
    }
    try store.add([Sample.loose(3, .dead)])
  }

  @Test("a batch of another epoch is fenced") func fenced() throws {
    let store = try folder.writer()
    #expect { try store.commit(CommitBatch(expectedLast: 0, epoch: 2)) } throws: {
      if case CommitError.fenced(1) = $0 { true } else { false }
    }
  }

  @Test("rows out of number are refused") func gap() throws {
    let store = try folder.writer()
    let batch = CommitBatch(expectedLast: 0, epoch: 1, rows: [Sample.loose(2, .dead)])
    #expect { try store.commit(batch) } throws: { if case CommitError.refused = $0 { true } else { false } }
    #expect(try store.recover().lastSequence == 0)
  }

  @Test("a refused batch leaves nothing, and the next one goes through") func refused() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    try store.add { $0.keys = [.insert(hash(1), 1)] }
    let batch = try store.batch([Sample.row(2, of: 1), Sample.loose(3, .parked)]) {
      $0.parked.written = [ParkedMessage(key: hash(5), id: hash(6), sequence: 3, expiresAt: time(1))]
      $0.keys = [.insert(hash(2), 1), .insert(hash(1), 1)]
    }
    #expect { try store.commit(batch) } throws: {
      guard case CommitError.refused(let constraint) = $0 else { return false }
      return constraint.contains("instance_key.hash")
    }
    #expect(try store.recover().lastSequence == 1)
    let loaded = try store.load {
      $0.keys = [hash(1), hash(2)]
      $0.parkedByKey = [hash(5)]
    }
    #expect(loaded.keys == [hash(1): 1])
    #expect(loaded.parked.isEmpty)
    try store.add([Sample.row(2, of: 1)])
    #expect(try store.recover().lastSequence == 2)
  }

  @Test("the schema refuses impossible rows and instances by itself") func schemaRefuses() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    var bothInputs = Sample.row(2, of: 1)
    bothInputs.input = [1]
    bothInputs.inputSequence = 1
    var noRevision = Sample.row(2, of: 1)
    noRevision.revision = nil
    for row in [bothInputs, noRevision] {
      #expect(throws: CommitError.self) { try store.add([row]) }
    }
    var openWithoutState = Sample.instance(2)
    openWithoutState.state = nil
    var closedAndRunning = Sample.instance(2, closedAt: 5)
    closedAndRunning.status = 1
    var unknownMachine = Sample.instance(2)
    unknownMachine.machine = 9
    for birth in [openWithoutState, closedAndRunning, unknownMachine] {
      #expect(throws: CommitError.self) { try store.add([Sample.birth(2)]) { $0.births = [birth] } }
    }
    #expect(try store.recover().lastSequence == 1)
  }

  @Test("the same saga and version with another definition is refused") func machineConflict() throws {
    let store = try folder.writer()
    try store.add { $0.machines = [Sample.machine] }
    var other = Sample.machine
    other.id = 2
    other.sha256[0] = 8
    #expect { try store.add { $0.machines = [other] } } throws: {
      guard case CommitError.refused(let constraint) = $0 else { return false }
      return constraint.contains("machine.saga")
    }
    other.role = "payment"
    try store.add { $0.machines = [other] }
    #expect(try store.recover().machines == [Sample.machine, other])
  }

  @Test("keys are inserted, taken over and removed in the order given") func keys() throws {
    let store = try folder.writer()
    try store.addInstances(2)
    try store.add { $0.keys = [.insert(hash(1), 1), .remove(hash(1)), .insert(hash(1), 2), .insert(hash(2), 1)] }
    try store.add { $0.keys = [.replace(hash(2), 2), .replace(hash(3), 1)] }
    let loaded = try store.load { $0.keys = [hash(1), hash(2), hash(3), hash(4), hash(1)] }
    #expect(loaded.keys == [hash(1): 2, hash(2): 2, hash(3): 1])
  }

  @Test("a full database refuses the batch whole and serves what it has") func full() throws {
    let store = try folder.writer { $0.maximumPageCount = 60 }
    try store.add([Sample.loose(1, .dead)])
    var large = Sample.loose(2, .dead)
    large.input = [UInt8](repeating: 1, count: 1_000_000)
    #expect { try store.add([large]) } throws: { if case CommitError.full = $0 { true } else { false } }
    #expect(try store.journal(after: 0, limit: 10).map(\.sequence) == [1])
    try store.add([Sample.loose(2, .dead)])
  }

  @Test("a commit reports the frames of the log, and a checkpoint empties it") func frames() throws {
    let store = try folder.writer()
    let first = try store.add([Sample.loose(1, .dead)]).logFrames
    let second = try store.add([Sample.loose(2, .dead)]).logFrames
    #expect(first > 0 && second > first)
    let progress = try store.maintain(.checkpoint(truncate: false), budget: PageBudget())
    #expect(progress.isFinished && progress.examined == second && progress.changed == second)
    #expect(try store.add([Sample.loose(3, .dead)]).logFrames < second)
    _ = try store.maintain(.checkpoint(truncate: true), budget: PageBudget())
    #expect(try store.statistics().logFileBytes == 0)
    try store.add([Sample.loose(4, .dead)])
    #expect(try store.recover().lastSequence == 4)
  }
}
