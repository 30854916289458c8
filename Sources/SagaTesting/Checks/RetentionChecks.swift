import SagaCore
import SagaRuntime

extension StoreConformance {
  private static func sweep(
    before cut: Int64, through: JournalSequence = .max, archive: (([JournalRow]) throws -> Void)? = nil
  ) -> Maintenance {
    .sweep(closedBefore: time(cut), through: through, archive: archive)
  }

  static let sweepChecks =
    [1, 2, 1000].map { rows in
      Check("a sweep takes rows of instances closed before the cut and old rows of none, \(rows) at a time") {
        examination in
        let store = try examination.store()
        try store.addClosed()
        try examination.equal(examination.finish(store, sweep(before: 10), rows: rows), 0, "what a cut at 10 takes")
        try examination.equal(examination.finish(store, sweep(before: 50), rows: rows), 3, "what a cut at 50 takes")
        // Row 6 is not older than the cut, 7 is the last one.
        try examination.equal(store.sequences, [3, 5, 6, 7], "the rows left")
        let loaded = try store.load { $0.instances = [1, 2, 3] }.instances
        try examination.expect(
          loaded[1]?.state == nil && loaded[2]?.state == nil && loaded[3]?.state == [5],
          "the closed ones without a state, the open one with its own", found: loaded)
        try examination.expect(
          loaded[1]?.closedAt == time(10) && loaded[1]?.seen == [6], "identity and seen ids of the closed one to stay")
        try examination.equal(store.recover().sweptSequence, 4, "the swept position")
        try examination.equal(examination.finish(store, sweep(before: 51), rows: rows), 1, "what a cut at 51 takes")
        try examination.equal(store.sequences, [3, 5, 7], "the rows left")
        try examination.equal(store.recover().lastSequence, 7, "the last sequence")
      }
    } + [
      Check("a sweep that finished looks at everything again") { examination in
        let store = try examination.store()
        try store.addClosed()
        try examination.finish(store, sweep(before: 100), rows: 2)
        try store.add { $0.fold = FoldPortion(instances: [Sample.instance(3, sequence: 5, status: 3, closedAt: 20)]) }
        try examination.equal(examination.finish(store, sweep(before: 100), rows: 2), 2, "what the second sweep takes")
        try examination.equal(store.sequences, [7], "the rows left")
        try examination.equal(store.recover().sweptSequence, 6, "the swept position")
      },
      Check("a sweep stops at the position asked for and at the folded one, and an instance with a row keeps its state")
      {
        examination in
        let store = try examination.store()
        try store.addClosed()
        try examination.equal(
          examination.finish(store, sweep(before: 100, through: 1)), 1, "what a sweep through 1 takes")
        try examination.expect(
          try store.load { $0.instances = [1] }.instances[1]?.state != nil, "the instance to keep its state")
        try store.add([Sample.loose(8, .outgoing), Sample.loose(9, .outgoing)])
        try examination.finish(store, sweep(before: 100))
        try examination.equal(store.sequences, [3, 5, 8, 9], "the rows left: none beyond the folded position goes")
      },
      Check("rows that parked, held or waiting dead letters point to stay; a resolved dead letter goes with its row") {
        examination in
        let store = try examination.store()
        let waiting = DeadLetterEntry(sequence: 3, fingerprint: hash(3))
        try store.add((1...6).map { Sample.loose($0, .dead) }) {
          $0.parked.written = [Sample.parked(1)]
          $0.fold = FoldPortion(
            instances: [],
            completion: FoldCompletion(foldedSequence: 6, clock: time(0), lanes: [Sample.lane(1, sequence: 6)]))
          $0.held.written = [Sample.held(1, 2)]
          $0.deadLetters.written = [
            waiting,
            DeadLetterEntry(sequence: 4, fingerprint: hash(4), resolvedSequence: 5, resolution: .replayed),
          ]
        }
        try examination.finish(store, sweep(before: 100))
        try examination.equal(store.sequences, [1, 2, 3, 6], "the rows left")
        try examination.equal(
          store.page(.deadLetters(onlyUnresolved: false), after: nil, limit: 9).deadLetters, [waiting],
          "the dead letters left")
        try examination.expect(
          try store.load { $0.fingerprints = [hash(4)] }.deadLetters.isEmpty, "the resolved one to be forgotten")
      },
      Check("rows go to the archive before they are deleted, in order, and stay when it fails") { examination in
        struct DiskFull: Error {}
        let store = try examination.store()
        try store.addClosed()
        var isRefused = false
        do {
          _ = try store.maintain(sweep(before: 50) { _ in throw DiskFull() }, budget: PageBudget())
        } catch is DiskFull {
          isRefused = true
        }
        try examination.expect(isRefused, "the archive's own error to be thrown")
        try examination.equal(store.sequences, Array(1...7), "the rows left")
        let before = try store.rows([1, 2, 4])
        var archived: [JournalRow] = []
        try examination.finish(store, sweep(before: 50) { archived += $0 }, rows: 2)
        try examination.equal(archived.map(\.sequence), before.map(\.sequence), "the rows archived")
        try examination.expect(archived == before, "the archived rows as they were")
      },
    ]

  static let forgetChecks =
    [1, 2, 1000].map { rows in
      Check("forgetting takes identity, keys and seen ids of swept instances, and only theirs, \(rows) at a time") {
        examination in
        let store = try examination.store()
        try store.addClosed()
        try store.add {
          $0.keys = [.insert(hash(1), 1), .insert(hash(2), 1), .insert(hash(3), 2), .insert(hash(4), 3)]
          $0.fold = FoldPortion(
            instances: [Sample.instance(2, status: 4, closedAt: 50)],
            spilled: [SpilledID(instance: 1, id: hash(8), body: 1), SpilledID(instance: 3, id: hash(8), body: 1)])
        }
        try examination.finish(store, sweep(before: 20), rows: rows)
        try examination.finish(store, .forget(closedBefore: time(10)), rows: rows)
        try examination.equal(
          store.load { $0.instances = [1] }.instances.count, 1, "the instances that a cut at their closing time leaves")
        try examination.finish(store, .forget(closedBefore: time(1000)), rows: rows)
        let loaded = try store.load {
          $0.keys = [hash(1), hash(2), hash(3), hash(4)]
          $0.instances = [1, 2, 3]
          $0.seen = [SeenProbe(instance: 1, id: hash(8)), SeenProbe(instance: 3, id: hash(8))]
        }
        // 2 is closed, and was not swept.
        try examination.equal(loaded.keys, [hash(3): 2, hash(4): 3], "the keys left")
        try examination.equal(loaded.instances.keys.sorted(), [2, 3], "the instances left")
        try examination.equal(loaded.seen.keys.map(\.instance), [3], "the owners of the seen ids left")
      }
    } + [
      Check("sweeping and forgetting in turns comes to an end") { examination in
        let store = try examination.store()
        try store.addClosed()
        try store.add { $0.keys = (1...20).map { .insert(hash($0), 1) } }
        var isFinished = false
        for _ in 0..<60 where !isFinished {
          let swept = try store.maintain(sweep(before: 100), budget: PageBudget(rows: 2))
          guard swept.isFinished else { continue }
          isFinished = try store.maintain(.forget(closedBefore: time(100)), budget: PageBudget(rows: 2)).isFinished
        }
        try examination.expect(isFinished, "an end within 60 turns")
        try examination.expect(
          try store.load { $0.keys = [hash(1), hash(20)] }.keys.isEmpty, "the keys of the forgotten to be gone")
      },
      Check("a checkpoint comes to an end and changes nothing that is read") { examination in
        let store = try examination.store()
        try store.addClosed()
        let before = try Moment(store)
        for truncate in [false, true] { try examination.finish(store, .checkpoint(truncate: truncate), rows: .max) }
        try examination.equal(Moment(store), before, "what is there after it")
      },
    ]
}
