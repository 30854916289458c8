import SagaCore
import SagaRuntime

extension StoreConformance {
  static let rowChecks = [
    Check("every column of a row comes back as it went in, none and empty apart") { examination in
      let store = try examination.store()
      try store.addInstances(1)
      let full = JournalRow(
        sequence: 2, at: time(-5), kind: .timer, slot: Slot(value: 4095), instance: 1, revision: 2,
        previousSequence: 1, inputSequence: 1, input: nil, decided: [], outgoing: [], marks: [0, 255])
      let loose = JournalRow(
        sequence: 3, at: time(.max), kind: .marks, slot: Slot(value: 0),
        input: [UInt8](repeating: 3, count: 100_000), decided: [0], outgoing: nil, marks: nil)
      try store.add([full, loose])
      let found = try store.journal(after: 1, limit: 10)
      try examination.expect(found == [full, loose], "both rows as they were written", found: found.map(\.sequence))
    },
    Check("every kind of row is taken") { examination in
      let store = try examination.store()
      for (index, kind) in RowKind.allCases.enumerated() {
        let sequence = Int64(index) + 1
        try store.add([Sample.loose(sequence, kind)])
        try examination.equal(store.rows([sequence]).map(\.kind), [kind], "the kind of the row")
      }
    },
    Check("journal gives rows after a sequence, in order, at most as many as asked for") { examination in
      let store = try examination.store()
      try store.add((1...5).map { Sample.loose($0, .dead) })
      try examination.equal(store.journal(after: 0, limit: 2).map(\.sequence), [1, 2], "the first two")
      try examination.equal(store.journal(after: 2, limit: 10).map(\.sequence), [3, 4, 5], "those after 2")
      try examination.expect(try store.journal(after: 5, limit: 10).isEmpty, "none after the last")
    },
    Check("rows gives the rows named, in the order asked for, twice when asked twice, without those that are not there")
    {
      examination in
      let store = try examination.store()
      try store.add((1...4).map { Sample.loose($0, .dead) })
      try examination.equal(store.rows([4, 99, 1, 4, 2]).map(\.sequence), [4, 1, 4, 2], "the rows")
      try examination.expect(try store.rows([]).isEmpty, "no rows for no names")
    },
  ]

  /// Changes that make a sound batch one that a constraint refuses. The batch has rows 2 (of instance 1) and 3 (of none).
  private static let faults: [(what: String, change: @Sendable (inout CommitBatch) -> Void)] = [
    ("a row out of number", { $0.rows[1].sequence = 9 }),
    ("a row with a number used before", { $0.rows[0].sequence = 1 }),
    ("an instance without a revision", { $0.rows[0].revision = nil }),
    ("a revision without an instance", { $0.rows[1].revision = 1 }),
    ("a revision below one", { $0.rows[0].revision = 0 }),
    ("a later row without a previous one", { $0.rows[0].previousSequence = nil }),
    ("a previous row that is not before it", { $0.rows[0].previousSequence = 2 }),
    ("an instance younger than its row", { $0.rows[0].instance = 3 }),
    ("an input both given and named", { $0.rows[0].inputSequence = 1 }),
    (
      "an input that is not before it",
      {
        $0.rows[0].input = nil
        $0.rows[0].inputSequence = 2
      }
    ),
    ("a parked message whose row is not there", { $0.parked.written = [Sample.parked(99)] }),
    (
      "a dead letter whose row is not there",
      { $0.deadLetters.written = [DeadLetterEntry(sequence: 99, fingerprint: hash(1))] }
    ),
    (
      "two dead letters with one fingerprint",
      { $0.deadLetters.written = [2, 3].map { DeadLetterEntry(sequence: $0, fingerprint: hash(1)) } }
    ),
    ("a held message of a lane that is not there", { $0.held.written = [Sample.held(9, 2)] }),
    ("a held message whose row is not there", { $0.held.written = [Sample.held(1, 99)] }),
    (
      "a second lane of one name",
      {
        let lanes = [LanePosition(id: 2, name: "lane 1", sequence: 0, effect: 0)]
        $0.fold = FoldPortion(
          instances: [], completion: FoldCompletion(foldedSequence: 1, clock: time(1), lanes: lanes))
      }
    ),
  ]

  static let constraintChecks = faults.map { fault in
    Check("\(fault.what) is refused, and nothing of its batch is there") { examination in
      let store = try examination.store()
      try store.addInstances(1)
      try store.fold(to: 1, lanes: [Sample.lane(1)])
      let before = try Moment(store)
      var row = Sample.row(2, of: 1)
      row.input = [1]
      let sound = try store.batch([row, Sample.loose(3, .dead)])
      var batch = sound
      fault.change(&batch)
      try examination.expectRefused(store, batch, fault.what)
      try examination.equal(Moment(store), before, "what is there after it")
      _ = try store.commit(sound)
    }
  }
}
