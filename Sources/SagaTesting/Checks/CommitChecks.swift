import SagaRuntime

extension StoreConformance {
  static let recoverChecks = [
    Check("a new store has an identity, epoch 1 and nothing else") { examination in
      let recovered = try examination.store().recover()
      try examination.equal(recovered.journalID.count, 16, "the length of the journal's id")
      try examination.equal(recovered.epoch, 1, "the epoch")
      try examination.equal(
        [recovered.lastSequence, recovered.foldedSequence, recovered.sweptSequence], [0, 0, 0], "the positions")
      try examination.expect(
        recovered.lanes.isEmpty && recovered.held.isEmpty && recovered.machines.isEmpty, "the tables to be empty")
    },
    Check("recovering twice gives the same, and changes nothing") { examination in
      let store = try examination.store()
      try store.addClosed()
      try examination.equal(Moment(store), Moment(store), "what recover and the tables give the second time")
    },
  ]

  static let commitChecks = [
    Check("a commit's receipt names the last sequence, and so does recover") { examination in
      let store = try examination.store()
      let receipt = try store.commit(store.batch([Sample.loose(1, .dead), Sample.loose(2, .dead)]))
      try examination.equal(receipt.lastSequence, 2, "the receipt's last sequence")
      try examination.equal(store.recover().lastSequence, 2, "the recovered last sequence")
    },
    Check("commits that are joined are read at once, and all there once they are ended") { examination in
      let store = try examination.store()
      try store.add([Sample.loose(1, .dead)])
      store.joinCommits()
      for sequence: JournalSequence in 2...4 {
        let receipt = try store.commit(
          CommitBatch(expectedLast: sequence - 1, epoch: 1, rows: [Sample.loose(sequence, .dead)]))
        try examination.equal(receipt.lastSequence, sequence, "the receipt's last sequence")
        try examination.equal(
          store.journal(after: 0, limit: 9).map(\.sequence), Array(1...sequence), "what the store reads meanwhile")
      }
      // A store that does not join says nothing here.
      if let receipt = try store.commitJoined() {
        try examination.equal(receipt.lastSequence, 4, "the last sequence of all")
      }
      try examination.equal(store.recover().lastSequence, 4, "the recovered last sequence")
      try store.add([Sample.loose(5, .dead)])
      try examination.equal(store.recover().lastSequence, 5, "the last sequence of the next commit")
    },
    Check("a batch without rows writes its changes and leaves the last sequence") { examination in
      let store = try examination.store()
      try store.addInstances(1)
      let receipt = try store.commit(store.batch { $0.keys = [.insert(hash(1), 1)] })
      try examination.equal(receipt.lastSequence, 1, "the receipt's last sequence")
      try examination.equal(store.load { $0.keys = [hash(1)] }.keys, [hash(1): 1], "the keys")
    },
    Check("a batch on another last sequence is moved, with the real one, and leaves nothing") { examination in
      let store = try examination.store()
      try store.addInstances(2)
      for expected: JournalSequence in [1, 3] {
        let before = try Moment(store)
        var batch = CommitBatch(expectedLast: expected, epoch: 1, rows: [Sample.loose(expected + 1, .dead)])
        batch.keys = [.insert(hash(1), 1)]
        let error = examination.error(of: store, batch)
        guard case .moved(actualLast: 2)? = error else {
          throw examination.failure("moved(actualLast: 2) for \(expected)", found: error.map { "\($0)" } ?? "a commit")
        }
        try examination.equal(Moment(store), before, "what is there after it")
        try examination.expect(try store.load { $0.keys = [hash(1)] }.keys.isEmpty, "none of its keys to be there")
      }
    },
    Check("a batch of another epoch is fenced, with the real one, and leaves nothing") { examination in
      let store = try examination.store()
      try store.addInstances(2)
      for epoch: Epoch in [0, 2] {
        let before = try Moment(store)
        let batch = CommitBatch(expectedLast: 2, epoch: epoch, rows: [Sample.loose(3, .dead)])
        let error = examination.error(of: store, batch)
        guard case .fenced(1)? = error else {
          throw examination.failure("fenced(1) for epoch \(epoch)", found: error.map { "\($0)" } ?? "a commit")
        }
        try examination.equal(Moment(store), before, "what is there after it")
      }
    },
    Check("a refused batch leaves nothing of any of its parts, and the next one goes through") { examination in
      let store = try examination.store()
      try store.addInstances(1)
      try store.add { $0.keys = [.insert(hash(1), 1)] }
      try store.fold(to: 1, lanes: [Sample.lane(1)])
      let before = try Moment(store)
      var newest = Sample.row(2, of: 1)
      newest.input = [1]
      let batch = try store.batch([newest, Sample.birth(3), Sample.loose(4, .parked), Sample.loose(5, .dead)]) {
        $0.machines = [Sample.machine(2, version: 2)]
        $0.births = [Sample.instance(3)]
        $0.keys = [.insert(hash(2), 1), .remove(hash(1)), .insert(hash(3), 3), .insert(hash(3), 1)]
        $0.parked.written = [Sample.parked(4)]
        $0.deadLetters.written = [DeadLetterEntry(sequence: 5, fingerprint: hash(5))]
        $0.held.written = [Sample.held(1, 2)]
        $0.fold = FoldPortion(
          instances: [Sample.instance(1, sequence: 2, status: 5)],
          spilled: [SpilledID(instance: 1, id: hash(8), body: 1)],
          completion: FoldCompletion(foldedSequence: 2, clock: time(9), lanes: [Sample.lane(1, sequence: 2)]))
      }
      try examination.expectRefused(store, batch, "a key that is taken")
      try examination.equal(Moment(store), before, "what is there after it")
      let loaded = try store.load {
        $0.keys = [hash(1), hash(2), hash(3)]
        $0.seen = [SeenProbe(instance: 1, id: hash(8))]
        $0.parkedByKey = [hash(1)]
        $0.fingerprints = [hash(5)]
      }
      try examination.equal(loaded.keys, [hash(1): 1], "the keys after it")
      try examination.expect(
        loaded.seen.isEmpty && loaded.parked.isEmpty && loaded.deadLetters.isEmpty, "nothing else of it to be there")
      try store.add([Sample.row(2, of: 1)])
      try examination.equal(store.recover().lastSequence, 2, "the last sequence after the next batch")
    },
  ]
}
