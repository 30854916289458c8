import SagaCore
import SagaRuntime

extension StoreConformance {
  static let birthChecks = [
    Check("an instance is there with the commit that starts it, with every column") { examination in
      let store = try examination.store()
      try store.addInstances(3) { $0.wakeAt = time($0.id * 100) }
      let loaded = try store.load { $0.instances = [1, 3] }
      try examination.equal(
        loaded.instances, [1: Sample.instance(1, wakeAt: 100), 3: Sample.instance(3, wakeAt: 300)], "the instances")
      try examination.equal(store.recover().foldedSequence, 0, "the folded position, which no birth moves")
    },
    Check("keys of any text come back byte for byte") { examination in
      for key in ["", "a\u{0}b", "ключ", "e\u{301}", "\u{e9}", String(repeating: "k", count: 9_000)] {
        let store = try examination.store()
        try store.addInstances(1) { $0.key = key }
        let found = try store.load { $0.instances = [1] }.instances[1]?.key
        try examination.equal(found.map { Array($0.utf8) }, Array(key.utf8), "the bytes of the key")
      }
    },
    Check("an instance is born once, on a definition that is there, and open ones have a state") { examination in
      let store = try examination.store()
      try store.addInstances(1)
      let changes: [(String, (inout StoredInstance) -> Void)] = [
        ("an instance that was born before", { $0.id = 1 }), ("an unknown definition", { $0.machine = 9 }),
        ("an open instance without a state", { $0.state = nil }), ("an unknown status", { $0.status = 6 }),
        ("a closed status without a time", { $0.status = 3 }),
        ("a closing time of an open one", { $0.closedAt = time(5) }),
        ("a sequence before its birth", { $0.sequence = 1 }),
        (
          "a closed instance that wants to be woken",
          { ($0.status, $0.closedAt, $0.wakeAt) = (4, time(5), time(6)) }
        ),
      ]
      for (what, change) in changes {
        var instance = Sample.instance(2)
        change(&instance)
        let batch = try store.batch([Sample.birth(2)]) { $0.births = [instance] }
        try examination.expectRefused(store, batch, what)
      }
      let twice = try store.batch([Sample.birth(2)]) { $0.births = [Sample.instance(2), Sample.instance(2)] }
      try examination.expectRefused(store, twice, "an instance that is born twice in a batch")
      try examination.equal(store.recover().lastSequence, 1, "the last sequence")
    },
  ]

  static let keyChecks = [
    Check("keys are inserted, taken over and removed in the order given") { examination in
      let store = try examination.store()
      try store.addInstances(2)
      try store.add {
        $0.keys = [.insert(hash(1), 1), .remove(hash(1)), .insert(hash(1), 2), .insert(hash(2), 1), .remove(hash(9))]
      }
      try store.add { $0.keys = [.replace(hash(2), 2), .replace(hash(3), 1)] }
      let loaded = try store.load { $0.keys = [hash(1), hash(2), hash(3), hash(4)] }
      try examination.equal(loaded.keys, [hash(1): 2, hash(2): 2, hash(3): 1], "the keys")
    },
    Check("a key that is taken cannot be inserted, in the same batch or a later one") { examination in
      let store = try examination.store()
      try store.addInstances(2)
      try store.add { $0.keys = [.insert(hash(1), 1)] }
      let later = try store.batch { $0.keys = [.insert(hash(1), 2)] }
      try examination.expectRefused(store, later, "a key that another instance has")
      let same = try store.batch { $0.keys = [.insert(hash(2), 1), .insert(hash(2), 2)] }
      try examination.expectRefused(store, same, "a key that is inserted twice")
      try examination.equal(store.load { $0.keys = [hash(1), hash(2)] }.keys, [hash(1): 1], "the keys")
    },
  ]

  static let machineChecks = [
    Check("definitions come back with their source, in the order of their numbers") { examination in
      let store = try examination.store()
      let machines = [Sample.machine(2, version: 2), Sample.machine, Sample.machine(3, version: 1, role: "payment")]
      for machine in machines { try store.add { $0.machines = [machine] } }
      try examination.equal(store.recover().machines, machines.sorted { $0.id < $1.id }, "the definitions")
    },
    Check("a second definition of one name, version and role is refused, and so is a second one of a number") {
      examination in
      let store = try examination.store()
      try store.add { $0.machines = [Sample.machine] }
      var other = Sample.machine(2, version: 1)
      other.sha256[0] = 8
      try examination.expectRefused(store, store.batch { $0.machines = [other] }, "the same name with another source")
      try examination.expectRefused(
        store, store.batch { $0.machines = [Sample.machine(1, version: 2)] }, "a number that is taken")
      var short = Sample.machine(2, version: 2)
      short.sha256.removeLast()
      try examination.expectRefused(store, store.batch { $0.machines = [short] }, "a hash that is too short")
      try examination.equal(store.recover().machines, [Sample.machine], "the definitions")
    },
  ]

  static let foldChecks = [
    Check("portions of a pass may come in any order; only the last one moves the folded position") { examination in
      let store = try examination.store()
      try store.addInstances(4)
      try store.add((5...8).map { Sample.row($0, of: $0 - 4) })
      let folded = (1...4).map { Sample.instance(Int64($0), sequence: Int64($0) + 4, wakeAt: Int64($0)) }
      try store.add { $0.fold = FoldPortion(instances: [folded[3], folded[1]]) }
      try examination.equal(store.recover().foldedSequence, 0, "the folded position amid the pass")
      try examination.equal(
        store.load { $0.instances = [2, 4] }.instances, [2: folded[1], 4: folded[3]], "the instances of a portion")
      try store.fold([folded[2], folded[0]], to: 8)
      let recovered = try store.recover()
      try examination.equal(recovered.foldedSequence, 8, "the folded position")
      try examination.equal(recovered.clock, time(8), "the clock")
      let loaded = try store.load { $0.instances = [1, 2, 3, 4] }
      try examination.equal(loaded.instances.values.sorted { $0.id < $1.id }, folded, "the instances")
    },
    Check("a fold changes everything of an instance but its identity: uid and key are those of its birth") {
      examination in
      let store = try examination.store()
      try store.addInstances(1)
      var folded = Sample.instance(1, sequence: 7, status: 3, closedAt: 77)
      folded.revision = 9
      folded.isPaused = true
      folded.state = []
      folded.seen = []
      var renamed = folded
      renamed.key = "another"
      renamed.uid = hash(99)
      try store.add { $0.fold = FoldPortion(instances: [renamed]) }
      try examination.equal(store.load { $0.instances = [1] }.instances, [1: folded], "the instance")
    },
    Check("an instance that the table lacks is put there by the fold") { examination in
      let store = try examination.store()
      try store.add([Sample.birth(1)]) { $0.machines = [Sample.machine] }
      try store.fold([Sample.instance(1)], to: 1)
      try examination.equal(store.load { $0.instances = [1] }.instances, [1: Sample.instance(1)], "the instances")
    },
    Check("spilled ids are found by instance and id, with their body hash") { examination in
      let store = try examination.store()
      try store.addInstances(2)
      let ids = [
        SpilledID(instance: 1, id: hash(2), body: .max), SpilledID(instance: 1, id: hash(1), body: 0x0102_0304),
      ]
      try store.add { $0.fold = FoldPortion(instances: [], spilled: ids) }
      let probes = ids.map { SeenProbe(instance: $0.instance, id: $0.id) }
      let loaded = try store.load { $0.seen = probes + [SeenProbe(instance: 2, id: hash(1))] }
      try examination.equal(loaded.seen, [probes[0]: .max, probes[1]: 0x0102_0304], "the body hashes")
    },
    Check("an id that is spilled again, in one portion or a later one, has the body of the last time") { examination in
      let store = try examination.store()
      try store.addInstances(1)
      let probe = SeenProbe(instance: 1, id: hash(1))
      for bodies: [UInt64] in [[1], [1], [2], [3, 4]] {
        try store.add {
          $0.fold = FoldPortion(instances: [], spilled: bodies.map { SpilledID(instance: 1, id: hash(1), body: $0) })
        }
        try examination.equal(store.load { $0.seen = [probe] }.seen, [probe: bodies[bodies.count - 1]], "the body hash")
      }
    },
  ]
}
