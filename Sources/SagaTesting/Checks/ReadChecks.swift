import SagaCore
import SagaRuntime

extension StoreConformance {
  static let loadChecks = [
    Check("load answers what was asked and nothing that it leads to") { examination in
      let store = try examination.store()
      try store.addClosed()
      try store.add([Sample.loose(8, .dead), Sample.loose(9, .parked), Sample.loose(10, .parked)]) {
        $0.keys = [.insert(hash(1), 1), .insert(hash(2), 3)]
        $0.deadLetters.written = [DeadLetterEntry(sequence: 8, fingerprint: hash(3))]
        $0.parked.written = [Sample.parked(10, key: 4), Sample.parked(9, key: 4)]
        $0.fold = FoldPortion(instances: [], spilled: [SpilledID(instance: 1, id: hash(8), body: 7)])
      }
      let loaded = try store.load {
        $0.keys = [hash(1), hash(2), hash(1), hash(99)]
        $0.instances = [2, 2, 99]
        $0.seen = [SeenProbe(instance: 1, id: hash(8)), SeenProbe(instance: 2, id: hash(8))]
        $0.parkedByKey = [hash(4), hash(99), hash(4)]
        $0.fingerprints = [hash(3), hash(99)]
      }
      try examination.equal(loaded.keys, [hash(1): 1, hash(2): 3], "the keys")
      try examination.equal(
        loaded.instances, [2: Sample.instance(2, status: 4, closedAt: 10)], "the instances, only those asked for")
      try examination.equal(loaded.seen, [SeenProbe(instance: 1, id: hash(8)): 7], "the seen ids")
      try examination.equal(loaded.parked.mapValues { $0.map(\.sequence) }, [hash(4): [9, 10]], "the parked messages")
      try examination.equal(Array(loaded.deadLetters.keys), [hash(3)], "the dead letters")
    },
    Check("load of nothing gives nothing") { examination in
      let store = try examination.store()
      try store.addClosed()
      let loaded = try store.load(LoadRequest())
      try examination.expect(
        loaded.keys.isEmpty && loaded.instances.isEmpty && loaded.seen.isEmpty && loaded.parked.isEmpty
          && loaded.deadLetters.isEmpty, "nothing", found: loaded)
    },
  ]

  static let wakeChecks = [1, 2, 3, 100].map { limit in
    Check("wakes come by time and instance, up to the time asked for, after a given one, \(limit) at a time") {
      examination in
      let store = try examination.store()
      // 1…9 wake at 10, 20, 30, 10 …; 7 does not.
      try store.addInstances(9) { $0.wakeAt = $0.id == 7 ? nil : time(($0.id - 1) % 3 * 10 + 10) }
      var found: [Wake] = []
      for _ in 0..<20 {
        let page = try store.wakes(through: time(20), after: found.last, limit: limit)
        try examination.expect(page.count <= limit, "at most \(limit) wakes", found: page.count)
        if page.isEmpty { break }
        found += page
      }
      try examination.equal(found.map(\.instance), [1, 4, 2, 5, 8], "the instances that want to be woken")
      try examination.equal(found.map(\.at), [10, 10, 20, 20, 20].map { time($0) }, "their times")
      try examination.expect(
        try store.wakes(through: time(9), after: nil, limit: 5).isEmpty, "nobody to be woken before the first time")
      try store.add {
        $0.fold = FoldPortion(instances: [Sample.instance(1, wakeAt: 99), Sample.instance(4, status: 3, closedAt: 1)])
      }
      try examination.equal(
        store.wakes(through: time(20), after: nil, limit: 100).map(\.instance), [2, 5, 8], "those left after a fold")
    }
  }

  static let pageChecks =
    [1, 2, 3, 100].flatMap { limit in
      [
        Check("instances are listed by id, of the statuses and machines asked for, \(limit) a page") { examination in
          let store = try examination.store()
          try store.add { $0.machines = [Sample.machine(2, version: 2)] }
          try store.addInstances(7) {
            $0.machine = $0.id % 2 + 1
            if $0.id % 3 == 0 { ($0.status, $0.closedAt) = (3, time(1)) }
          }
          func ids(_ statuses: [Int64]?, _ machines: [MachineID]?) throws -> [Int64] {
            let whole = try examination.all(store, .instances(statuses: statuses, machines: machines), limit: limit)
            try examination.equal(
              examination.all(store, .headers(statuses: statuses, machines: machines), limit: limit), whole,
              "the headers of the same instances")
            return whole.map { $0[0] }
          }
          try examination.equal(ids(nil, nil), Array(1...7), "all instances")
          try examination.equal(ids([3], nil), [3, 6], "the completed ones")
          try examination.equal(ids(nil, [2]), [1, 3, 5, 7], "those of definition 2")
          try examination.equal(ids([1, 2], [1]), [2, 4], "the open ones of definition 1")
          try examination.expect(try ids([], nil).isEmpty, "none of no status")
        },
        Check("a header says of an instance what its row says, \(limit) a page") { examination in
          let store = try examination.store()
          try store.add { $0.machines = [Sample.machine(2, version: 2)] }
          try store.addInstances(3) {
            $0.key = "key \($0.id)"
            switch $0.id {
            case 1: ($0.machine, $0.wakeAt) = (2, time(20))
            case 2: $0.isPaused = true
            default: ($0.status, $0.closedAt) = (3, time(1))
            }
          }
          var headers: [InstanceHeader] = []
          var token: PageToken?
          repeat {
            let page = try store.page(.headers(statuses: nil, machines: nil), after: token, limit: limit)
            headers += page.headers
            token = page.next
          } while token != nil
          let stored = try store.page(.instances(statuses: nil, machines: nil), after: nil, limit: 100).instances
          try examination.equal(headers, stored.map(InstanceHeader.init), "the headers")
          try examination.equal(headers.map(\.key), ["key 1", "key 2", "key 3"], "their keys")
          try examination.equal(headers.map(\.wakeAt), [time(20), nil, nil], "when they want to be woken")
          try examination.equal(headers.map(\.isPaused), [false, true, false], "whether they are held")
        },
        Check("dead letters are listed by sequence, all or the waiting ones, \(limit) a page") { examination in
          let store = try examination.store()
          try store.add((1...6).map { Sample.loose($0, .dead) }) {
            $0.deadLetters.written = (1...5).reversed().map {
              DeadLetterEntry(
                sequence: $0, fingerprint: hash(UInt64($0)), resolvedSequence: $0 == 2 ? 6 : nil,
                resolution: $0 == 2 ? .discarded : nil)
            }
          }
          try examination.equal(
            examination.all(store, .deadLetters(onlyUnresolved: false), limit: limit), (1...5).map { [$0] }, "all")
          try examination.equal(
            examination.all(store, .deadLetters(onlyUnresolved: true), limit: limit), [[1], [3], [4], [5]],
            "those that wait")
        },
        Check("parked messages are listed by expiry and sequence, those of one time and row too, \(limit) a page") {
          examination in
          let store = try examination.store()
          try store.add((1...5).map { Sample.loose($0, .parked) }) {
            $0.parked.written =
              [Sample.parked(1, expires: 30)] + (2...5).map { Sample.parked($0, key: UInt64(9 - $0), expires: 20) }
              + [Sample.parked(3, key: 77, expires: 20)]
          }
          try examination.equal(
            examination.all(store, .parked(expiringBy: nil), limit: limit),
            [[20, 2], [20, 3], [20, 3], [20, 4], [20, 5], [30, 1]], "all")
          try examination.equal(
            examination.all(store, .parked(expiringBy: time(20)), limit: limit).count, 5, "those that expire by 20")
          try examination.expect(
            try examination.all(store, .parked(expiringBy: time(19)), limit: limit).isEmpty, "none that expires by 19")
        },
        Check("held messages are listed by lane, sequence and effect, of all lanes or one, \(limit) a page") {
          examination in
          let store = try examination.store()
          try store.add([Sample.loose(1, .outgoing), Sample.loose(2, .outgoing)])
          try store.fold(to: 0, lanes: [Sample.lane(1), Sample.lane(2)])
          let places: [[Int64]] = [[1, 1, 0], [1, 1, 3], [1, 2, 0], [2, 1, 0], [2, 2, 1]]
          try store.add { $0.held.written = places.reversed().map { Sample.held($0[0], $0[1], $0[2]) } }
          try examination.equal(examination.all(store, .held(lane: nil), limit: limit), places, "all")
          try examination.equal(
            examination.all(store, .held(lane: 1), limit: limit), Array(places.prefix(3)), "those of lane 1")
          try examination.expect(
            try examination.all(store, .held(lane: 9), limit: limit).isEmpty, "none of a lane that is not there")
        },
      ]
    } + [
      Check("a page of an empty listing is the last one, and a limit below one counts as one") { examination in
        let store = try examination.store()
        try examination.expect(
          try store.page(.parked(expiringBy: nil), after: nil, limit: 10).next == nil, "no next page")
        try store.addInstances(3)
        try examination.equal(
          store.page(.instances(statuses: nil, machines: nil), after: nil, limit: 0).instances.map(\.id), [1],
          "a page with the limit 0")
      }
    ]
}
