import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Messages that come too early")
struct WaitingTests {
  @Test("wait at the instance and are offered again, oldest first, each as a row of its own")
  func deferral() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    #expect(try world.offer("2", "Sent", ["id": "p"]) == .deferred)
    #expect(try world.offer("3", "Packed", ["id": "p", "trackingId": "t"]) == .deferred)
    #expect(try world.offer("3", "Packed", ["id": "p", "trackingId": "t"]) == .duplicate)
    #expect(try world.offer("4", "Paid", ["id": "p"]) == .handled)
    #expect(try world.state("p") == "sent")
    let rows = world.contents.journal.suffix(3)
    #expect(rows.map(\.kind) == [.message, .reoffer, .reoffer])
    #expect(rows.map(\.inputSequence) == [nil, 3, 2])
    #expect(try world.instance("p")?.deferred.isEmpty == true)
    #expect(try world.sentTypes() == ["Receipt", "Delivered"])
  }

  @Test("wait over a restart", arguments: [false, true])
  func deferralOverRestart(folded: Bool) throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Sent", ["id": "p"])
    try world.offer("3", "Packed", ["id": "p", "trackingId": "t"])
    if folded { try world.fold() }
    try world.restart()
    #expect(try world.offer("4", "Paid", ["id": "p"]) == .handled)
    #expect(try world.state("p") == "sent")
  }

  @Test("keep neither the engine nor what it decided in memory when they have been offered again after a restart")
  func released() throws {
    weak var engine: ShardEngine?
    let contents: MemoryContents
    do {
      let world = try World([Definitions.parcel])
      try world.offer("1", "Opened", ["id": "p"])
      try world.offer("2", "Sent", ["id": "p"])
      contents = world.contents
    }
    do {
      let world = try World([Definitions.parcel], contents: contents)
      engine = world.engine
      try world.settle()
      #expect(engine != nil)
    }
    #expect(engine == nil)
  }

  @Test("wait for their instance to start, and are claimed by it in the order they came")
  func parking() throws {
    let world = try World([Definitions.parcel])
    #expect(try world.offer("1", "Paid", ["id": "p"]) == .parked)
    #expect(try world.offer("2", "Packed", ["id": "p", "trackingId": "t"]) == .parked)
    #expect(try world.offer("2", "Packed", ["id": "p", "trackingId": "t"]) == .duplicate)
    #expect(try world.offer("1", "Paid", ["id": "p", "cents": 3]).isDead("message.conflict"))
    try world.restart()
    #expect(try world.offer("3", "Opened", ["id": "p"]) == .started)
    #expect(try world.state("p") == "packed")
    #expect(world.contents.parked.isEmpty)
    #expect(try world.offer("1", "Paid", ["id": "p"]) == .duplicate)
  }

  @Test("wait for the value they name to be correlated")
  func parkedByValue() throws {
    let world = try World([Definitions.parcel])
    #expect(try world.offer("1", "Tracked", ["trackingId": "t"]) == .parked)
    try world.offer("2", "Opened", ["id": "p"])
    try world.offer("3", "Paid", ["id": "p"])
    #expect(try world.offer("4", "Packed", ["id": "p", "trackingId": "t"]) == .handled)
    #expect(try world.instance("p")?.data == ["tracked": 1])
    #expect(world.contents.parked.isEmpty)
  }

  @Test("are parked and claimed within one batch")
  func sameBatch() throws {
    let world = try World([Definitions.parcel])
    let receipts = try world.engine.offer(
      [
        world.message("1", "Paid", ["id": "p"]), world.message("2", "Opened", ["id": "p"]),
        world.message("3", "Packed", ["id": "p", "trackingId": "t"]),
      ], now: world.now)
    #expect(receipts.map { $0.deliveries[0].outcome } == [.parked, .started, .handled])
    #expect(world.contents.parked.isEmpty)
  }

  @Test("that were parked while the clock was far ahead begin to wait when an operator has confirmed the clock")
  func clockAhead() throws {
    let world = try World([Definitions.parcel]) { $0.maximumBatch = 2 }
    let right = world.now
    try world.offer("1", "Paid", ["id": "p"])
    world.now = right.advanced(byMilliseconds: 3_000_000)
    try world.restart()
    world.now = right.advanced(byMilliseconds: 1000 * 86_400_000)
    for id in ["q", "r", "s"] { try world.offer("2\(id)", "Paid", ["id": .string(id)]) }
    world.now = right.advanced(byMilliseconds: 3_000_000)
    world.engine.holdClock()
    #expect(try world.engine.operate(.confirmClock(by: "ann", reason: "checked"), now: world.now) == .done)
    #expect(world.contents.parked.count == 4)
    try world.pass(600)
    #expect(try world.deadLetters().count == 1, "what was parked before waits for its own time")
    try world.pass(2999)
    #expect(try world.deadLetters().count == 1)
    try world.pass(1)
    #expect(try world.deadLetters().count == 4)
  }

  @Test("that were parked while the clock was far ahead wait as long as declared, however often the clock is confirmed")
  func clockAheadTwice() throws {
    let declaration = #""Packed": { "key": "event.data.id" }"#
    let world = try World([
      Definitions.parcel.replacing(declaration, with: #""Packed": { "key": "event.data.id", "missing": "30d" }"#)
    ])
    let right = world.now
    world.now = right.advanced(byMilliseconds: 1000 * 86_400_000)
    #expect(try world.offer("1", "Packed", ["id": "p", "trackingId": "t"]) == .parked)
    func confirmClock() throws -> OperatorReply {
      try world.engine.operate(.confirmClock(by: "ann", reason: "checked"), now: world.now)
    }
    // What is parked is written before the row of the confirmation, with which the process dies.
    world.now = right
    try world.restart()
    world.store.failures = [nil, .outcomeUnknown(World.Unloadable(text: "the power went"))]
    #expect(throws: EngineError.self) { try confirmClock() }
    try world.restart()
    #expect(try confirmClock() == .done)
    #expect(try confirmClock() == .unchanged)
    // The clock goes wrong and is put right once more.
    world.now = right.advanced(byMilliseconds: 2000 * 86_400_000)
    world.engine.holdClock()
    try world.offer("2", "Opened", ["id": "q"])
    world.now = right.advanced(byMilliseconds: 60_000)
    #expect(try confirmClock() == .done)
    try world.pass(30 * 86_400 - 61)
    #expect(try world.deadLetters().isEmpty)
    try world.pass(1)
    #expect(try world.deadLetters().map(\.fault.code) == ["message.expired"])
  }

  @Test("become dead letters when their time is up, and can be replayed then")
  func expiry() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Paid", ["id": "p"])
    #expect(try world.settle().nextDue == world.now.advanced(byMilliseconds: 3_600_000))
    try world.pass(3599)
    #expect(try world.deadLetters().isEmpty)
    try world.pass(1)
    let dead = try world.deadLetters()
    #expect(dead.map(\.fault.code) == ["message.expired"])
    #expect(world.contents.parked.isEmpty)
    #expect(try world.offer("1", "Paid", ["id": "p"]) == .duplicate)
    try world.offer("2", "Opened", ["id": "p"])
    let reply = try world.engine.operate(
      .replay(deadLetter: dead[0].entry.sequence, by: "ann", reason: "it came late"), now: world.now)
    guard case .replayed(let deliveries) = reply else {
      Issue.record("\(reply)")
      return
    }
    #expect(deliveries.map(\.outcome) == [.handled])
    #expect(try world.state("p") == "paid")
  }

  @Test("expire in silence when another addressee took the message")
  func expiryOfSibling() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "a"])
    _ = try world.engine.offer([world.message("2", "Recalled", ["ids": ["a", "b"]])], now: world.now)
    try world.pass(90_000)
    #expect(try world.deadLetters().isEmpty)
    #expect(world.contents.parked.isEmpty)
  }

  @Test("are bounded at an instance")
  func bounded() throws {
    let world = try World([Definitions.parcel]) { $0.maximumDeferred = 2 }
    try world.offer("1", "Opened", ["id": "p"])
    for id in ["2", "3"] { #expect(try world.offer(id, "Packed", ["id": "p", "trackingId": "t"]) == .deferred) }
    #expect(try world.offer("4", "Packed", ["id": "p", "trackingId": "t"]).isDead("limit.deferred"))
  }

  @Test("in great number go on over several commits, before anything newer", arguments: [false, true])
  func longCascade(crashes: Bool) throws {
    let world = try World([Definitions.parcel]) { $0.cascadeLimit = 4 }
    for index in 0..<30 { try world.offer("t\(index)", "Tracked", ["trackingId": "t"]) }
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p"])
    if crashes {
      world.store.failures = [nil, nil, .outcomeUnknown(World.Unloadable(text: "the power went"))]
      #expect(throws: EngineError.self) { try world.offer("3", "Packed", ["id": "p", "trackingId": "t"]) }
      try world.restart()
      try world.settle()
    } else {
      try world.offer("3", "Packed", ["id": "p", "trackingId": "t"])
    }
    #expect(try world.instance("p")?.data == ["tracked": 30])
    #expect(world.contents.parked.isEmpty)
  }

  @Test("are deferred while an operator has paused the instance, and offered when it goes on")
  func paused() throws {
    let world = try World([Definitions.parcel])
    let address = InstanceAddress(saga: "parcel", role: "desk", key: "p")
    func operate(_ verb: SagaCore.Operation.Verb) throws -> OperatorReply {
      try world.engine.operate(.instance(address, Operation(verb: verb, by: "ann", reason: "why")), now: world.now)
    }
    try world.offer("1", "Opened", ["id": "p"])
    #expect(try operate(.pause) == .done)
    #expect(try operate(.pause) != .done)
    #expect(try world.offer("2", "Paid", ["id": "p"]) == .deferred)
    #expect(try world.offer("3", "Packed", ["id": "p", "trackingId": "t"]) == .deferred)
    #expect(try world.state("p") == "opened")
    try world.pass(7200)
    #expect(try world.sentTypes().isEmpty)
    try world.fold()
    try world.restart()
    #expect(try operate(.resume) == .done)
    #expect(try world.state("p") == "packed")
    let unknown = InstanceAddress(saga: "parcel", role: "desk", key: "x")
    let cancel = OperatorRequest.instance(unknown, Operation(verb: .cancel, by: "ann", reason: ""))
    #expect(try world.engine.operate(cancel, now: world.now) == .notFound)
  }
}

extension WaitingTests {
  @Test("are late when their instance ends before it takes them")
  func keptAtTheEnd() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    #expect(try world.offer("2", "Packed", ["id": "p", "trackingId": "t"]) == .deferred)
    try world.pass(30 * 86_400)
    #expect(try world.state("p") == "lost")
    let view = try #require(try ShardReader(store: world.store).instances(key: "p").first)
    let facts = try ShardReader(store: world.store).history(of: view.id).flatMap(\.facts)
    #expect(facts.contains(.late(type: "Packed")), "recorded, without effect")
    #expect(view.instance?.deferred.isEmpty == true)
    #expect(try world.offer("2", "Packed", ["id": "p", "trackingId": "t"]) == .duplicate)
    #expect(try world.deadLetters().isEmpty)
  }

  @Test(
    "for an instance that has not started are dead letters in the end although a lowered limit makes them unreadable",
    arguments: [false, true])
  func unreadableInTheEnd(hasExpiredBefore: Bool) throws {
    let before = try World([Definitions.parcel])
    #expect(try before.offer("1", "Paid", ["id": "p"]) == .parked)
    if hasExpiredBefore {
      try before.pass(3600)
      let letter = try #require(try before.deadLetters().first).entry
      _ = try before.engine.operate(
        .replay(deadLetter: letter.sequence, by: "ann", reason: "too early"), now: before.now)
      #expect(try before.deadLetters().isEmpty)
    }
    let world = try World([Definitions.parcel], contents: before.contents) { $0.maximumMessageBytes = 16 }
    world.now = before.now
    try world.pass(3600)
    #expect(world.contents.parked.isEmpty)
    let dead = try world.deadLetters()
    #expect(dead.map(\.fault.code) == [hasExpiredBefore ? "message.expired" : "message.size"])
    let replay = OperatorRequest.replay(
      deadLetter: try #require(dead.first).entry.sequence, by: "ann", reason: "the limit is raised")
    for _ in 0..<2 {
      guard case .refused(let fault) = try world.engine.operate(replay, now: world.now) else {
        Issue.record("what cannot be read was replayed")
        return
      }
      #expect(fault.code == "message.size")
      #expect(try world.deadLetters().map(\.entry) == dead.map(\.entry))
    }
    let mended = try World([Definitions.parcel], contents: world.contents)
    mended.now = world.now
    #expect(try mended.offer("1", "Paid", ["id": "p"]) == .duplicate)
    try mended.offer("2", "Opened", ["id": "p"])
    _ = try mended.engine.operate(replay, now: mended.now)
    #expect(try mended.state("p") == "paid")
    #expect(try mended.deadLetters().isEmpty)
  }

  @Test(
    "for an instance that has not started do not go unnoticed when their row is damaged", arguments: [false, true])
  func damagedInTheEnd(hasRow: Bool) throws {
    let world = try World([Definitions.parcel])
    for key in ["p", "q"] { #expect(try world.offer("pay-\(key)", "Paid", ["id": .string(key)]) == .parked) }
    if hasRow {
      world.store.memory.contents.journal[0].input = nil
    } else {
      world.store.memory.contents.journal.removeFirst()
    }
    world.now = world.now.advanced(byMilliseconds: 3_600_000)
    let error = #expect(throws: EngineError.self) { try world.engine.tick(now: world.now) }
    #expect("\(try #require(error))".contains("row 1, which parks a message, is missing"))
    #expect(world.contents.parked.count == 2)
  }

  @Test("for an instance that has not started are bounded per key, and nothing past it is lost")
  func boundedByKey() throws {
    let world = try World([Definitions.parcel]) { $0.maximumParkedPerKey = 2 }
    for id in ["1", "2"] { #expect(try world.offer(id, "Packed", ["id": "p", "trackingId": "t"]) == .parked) }
    #expect(try world.offer("3", "Packed", ["id": "p", "trackingId": "t"]).isDead("limit.parked"))
    #expect(try world.offer("1", "Packed", ["id": "p", "trackingId": "t"]) == .duplicate)
    #expect(try world.offer("4", "Packed", ["id": "q", "trackingId": "u"]) == .parked, "another key has its own")
    #expect(try world.offer("5", "Opened", ["id": "p"]) == .started)
  }
}
