import SagaCore
import SagaRuntime

extension StoreConformance {
  static let parkedChecks = [
    Check("parked messages come by key, oldest first, are replaced by key and id, and leave when removed") {
      examination in
      let store = try examination.store()
      let messages = (1...3).map { Sample.parked($0) }
      try store.add((1...4).map { Sample.loose($0, .parked) }) {
        $0.parked.written = messages.reversed() + [Sample.parked(4, key: 2)]
      }
      let loaded = try store.load { $0.parkedByKey = [hash(1), hash(1), hash(3)] }
      try examination.equal(loaded.parked, [hash(1): messages], "the parked messages of one key")
      var later = messages[2]
      later.expiresAt = time(90)
      try store.add {
        $0.parked.removed = [messages[0], Sample.parked(4, key: 7)]
        $0.parked.written = [later]
      }
      try examination.equal(
        store.load { $0.parkedByKey = [hash(1), hash(2)] }.parked,
        [hash(1): [messages[1], later], hash(2): [Sample.parked(4, key: 2)]], "the parked messages")
    },
    Check("what is removed and written in one batch is there: removing comes first") { examination in
      let store = try examination.store()
      try store.add([Sample.loose(1, .parked), Sample.loose(2, .outgoing), Sample.loose(3, .dead)]) {
        $0.parked.written = [Sample.parked(1)]
        $0.deadLetters.written = [DeadLetterEntry(sequence: 3, fingerprint: hash(3))]
      }
      try store.fold(to: 0, lanes: [Sample.lane(1)])
      try store.add { $0.held.written = [Sample.held(1, 2)] }
      try store.add {
        $0.parked.removed = [Sample.parked(1)]
        $0.parked.written = [Sample.parked(1, expires: 99)]
        $0.held.removed = [Sample.held(1, 2)]
        $0.held.written = [Sample.held(1, 2, attempts: 7)]
        $0.deadLetters.removed = [DeadLetterEntry(sequence: 3, fingerprint: hash(3))]
        $0.deadLetters.written = [DeadLetterEntry(sequence: 3, fingerprint: hash(4))]
      }
      let loaded = try store.load {
        $0.parkedByKey = [hash(1)]
        $0.fingerprints = [hash(3), hash(4)]
      }
      try examination.equal(loaded.parked, [hash(1): [Sample.parked(1, expires: 99)]], "the parked messages")
      try examination.equal(Array(loaded.deadLetters.keys), [hash(4)], "the fingerprints")
      try examination.equal(store.recover().held.map(\.attempts), [7], "the attempts of the held message")
    },
  ]

  static let deadLetterChecks = [
    Check("a dead letter is found by its fingerprint, is resolved in place, and a second one of it is refused") {
      examination in
      let store = try examination.store()
      var letter = DeadLetterEntry(sequence: 1, fingerprint: hash(1))
      try store.add([Sample.loose(1, .dead), Sample.loose(2, .dead)]) { $0.deadLetters.written = [letter] }
      try examination.equal(
        store.load { $0.fingerprints = [hash(1), hash(2)] }.deadLetters, [hash(1): letter], "the dead letters")
      let second = try store.batch { $0.deadLetters.written = [DeadLetterEntry(sequence: 2, fingerprint: hash(1))] }
      try examination.expectRefused(store, second, "a second dead letter of the same fingerprint")
      letter.resolvedSequence = 2
      letter.resolution = .replayed
      try store.add { $0.deadLetters.written = [letter] }
      try examination.equal(
        store.load { $0.fingerprints = [hash(1)] }.deadLetters, [hash(1): letter], "the resolved dead letter")
      try examination.expectRefused(store, second, "one of the same fingerprint as a resolved dead letter")
      try store.add { $0.deadLetters.removed = [letter] }
      try examination.expect(
        try store.load { $0.fingerprints = [hash(1)] }.deadLetters.isEmpty, "it to be gone when it is removed")
    },
    Check("a row has one dead letter: written with another fingerprint, it has only that one") { examination in
      let store = try examination.store()
      try store.add([Sample.loose(1, .dead)]) {
        $0.deadLetters.written = [DeadLetterEntry(sequence: 1, fingerprint: hash(1))]
      }
      try store.add { $0.deadLetters.written = [DeadLetterEntry(sequence: 1, fingerprint: hash(2))] }
      let loaded = try store.load { $0.fingerprints = [hash(1), hash(2)] }.deadLetters
      try examination.equal(Array(loaded.keys), [hash(2)], "the fingerprints")
      try examination.equal(
        store.page(.deadLetters(onlyUnresolved: false), after: nil, limit: 9).deadLetters.count, 1, "the dead letters")
    },
  ]

  static let laneChecks = [
    Check("lanes come with the end of a pass, in the order of their numbers, and are moved by the next") {
      examination in
      let store = try examination.store()
      try store.add([Sample.loose(1, .outgoing)])
      try store.fold(to: 1, lanes: [Sample.lane(2), Sample.lane(1)])
      try examination.equal(store.recover().lanes, [Sample.lane(1), Sample.lane(2)], "the lanes")
      try store.fold(to: 1, lanes: [Sample.lane(2, sequence: 1, effect: 3)])
      try examination.equal(
        store.recover().lanes, [Sample.lane(1), Sample.lane(2, sequence: 1, effect: 3)], "the lanes")
    },
    Check("a held message needs its lane, which may come with the same batch") { examination in
      let store = try examination.store()
      var held = Sample.held(1, 1)
      let without = try store.batch([Sample.loose(1, .outgoing)]) { $0.held.written = [held] }
      try examination.expectRefused(store, without, "a held message of a lane that is not there")
      try store.add([Sample.loose(1, .outgoing)]) {
        $0.held.written = [held]
        $0.fold = FoldPortion(
          instances: [],
          completion: FoldCompletion(foldedSequence: 0, clock: time(0), lanes: [Sample.lane(1)]))
      }
      try examination.equal(store.recover().held, [held], "the held messages")
      held.nextAt = nil
      held.attempts = 3
      held.reason = ""
      try store.add { $0.held.written = [held] }
      try examination.equal(store.recover().held, [held], "the held message, every column")
      try store.add { $0.held.removed = [held] }
      try examination.expect(try store.recover().held.isEmpty, "it to be gone when it is removed")
    },
    Check("held messages come by lane, sequence and effect, and each position is its own") { examination in
      let store = try examination.store()
      try store.add([Sample.loose(1, .outgoing), Sample.loose(2, .outgoing)])
      try store.fold(to: 0, lanes: [Sample.lane(1), Sample.lane(2)])
      let held = [Sample.held(1, 1, 0), Sample.held(1, 1, 1), Sample.held(1, 2, 0), Sample.held(2, 1, 0)]
      try store.add { $0.held.written = held.reversed() }
      try examination.equal(store.recover().held, held, "the held messages")
      try store.add { $0.held.removed = [held[1]] }
      try examination.equal(store.recover().held, [held[0], held[2], held[3]], "the held messages")
    },
  ]
}
