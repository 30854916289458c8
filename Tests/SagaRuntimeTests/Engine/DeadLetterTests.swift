import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Dead letters")
struct DeadLetterTests {
  /// A world where message `2` was refused because its tracking id was taken.
  func refused() throws -> (World, JournalSequence) {
    let world = try World([Definitions.parcel])
    for key in ["a", "b"] {
      try world.offer("open-\(key)", "Opened", ["id": .string(key)])
      try world.offer("pay-\(key)", "Paid", ["id": .string(key)])
    }
    try world.offer("1", "Packed", ["id": "a", "trackingId": "t"])
    #expect(try world.offer("2", "Packed", ["id": "b", "trackingId": "t"]).isDead("key.taken"))
    return (world, try world.deadLetters()[0].entry.sequence)
  }

  func replay(_ world: World, _ sequence: JournalSequence) throws -> OperatorReply {
    try world.engine.operate(.replay(deadLetter: sequence, by: "ann", reason: "mended"), now: world.now)
  }

  @Test("stay when a replay is refused again, and are resolved with the row that handles them")
  func replays() throws {
    let (world, sequence) = try refused()
    guard case .refused(let fault) = try replay(world, sequence) else {
      Issue.record("it was not refused")
      return
    }
    #expect(fault.code == "key.taken")
    #expect(try world.deadLetters().count == 1)
    try world.offer("3", "Sent", ["id": "a"])
    try world.restart()
    #expect(try world.offer("2", "Packed", ["id": "b", "trackingId": "t"]) == .duplicate)
    let commits = world.store.commits.count
    guard case .replayed(let deliveries) = try replay(world, sequence) else {
      Issue.record("it was not replayed")
      return
    }
    #expect(deliveries.map(\.outcome) == [.handled])
    #expect(world.store.commits.count == commits + 1)
    #expect(try world.deadLetters().isEmpty)
    #expect(try world.state("b") == "packed")
  }

  @Test("replayed twice have their effect once, over a restart too")
  func replayedTwice() throws {
    let (world, sequence) = try refused()
    try world.offer("3", "Sent", ["id": "a"])
    _ = try replay(world, sequence)
    let rows = world.contents.journal.count
    #expect(try replay(world, sequence) == .unchanged)
    try world.restart()
    #expect(try replay(world, sequence) == .unchanged)
    #expect(world.contents.journal.count == rows)
    #expect(try world.offer("2", "Packed", ["id": "b", "trackingId": "t"]) == .duplicate)
  }

  @Test("are open again when their message, replayed, waits for an instance in vain once more")
  func parkedAgain() throws {
    let world = try World([Definitions.parcel])
    #expect(try world.offer("1", "Paid", ["id": "p"]) == .parked)
    for _ in 0..<3 {
      world.now = world.now.advanced(byMilliseconds: 3_600_000)
      _ = try world.engine.tick(now: world.now)
      #expect(world.contents.parked.isEmpty)
      let dead = try world.deadLetters()
      #expect(dead.map(\.fault.code) == ["message.expired"])
      try world.restart()
      guard case .replayed(let deliveries) = try replay(world, dead[0].entry.sequence) else {
        Issue.record("it was not replayed")
        return
      }
      #expect(deliveries.map(\.outcome) == [.parked])
      #expect(try world.deadLetters().isEmpty)
    }
    try world.offer("2", "Opened", ["id": "p"])
    #expect(try world.state("p") == "paid")
  }

  @Test("that are discarded stay away")
  func discard() throws {
    let (world, sequence) = try refused()
    let request = OperatorRequest.discard(deadLetter: sequence, by: "ann", reason: "not ours")
    #expect(try world.engine.operate(request, now: world.now) == .done)
    #expect(try world.engine.operate(request, now: world.now) == .unchanged)
    #expect(try world.deadLetters().isEmpty)
    #expect(try world.offer("2", "Packed", ["id": "b", "trackingId": "t"]) == .duplicate)
    let nothing = OperatorRequest.discard(deadLetter: 1, by: "ann", reason: "")
    #expect(try world.engine.operate(nothing, now: world.now) == .notFound)
  }

  /// A world where `b` kept message `2` and refused it later, because its tracking id was taken.
  func keptAndRefused() throws -> (World, JournalSequence) {
    let world = try World([Definitions.parcel])
    for key in ["a", "b"] { try world.offer("open-\(key)", "Opened", ["id": .string(key)]) }
    try world.offer("pay-a", "Paid", ["id": "a"])
    try world.offer("1", "Packed", ["id": "a", "trackingId": "t"])
    #expect(try world.offer("2", "Packed", ["id": "b", "trackingId": "t"]) == .deferred)
    try world.offer("pay-b", "Paid", ["id": "b"])
    let dead = try world.deadLetters()
    #expect(dead.map(\.fault.code) == ["key.taken"])
    #expect(try world.instance("b")?.deferred.isEmpty == true)
    return (world, try #require(dead.first).entry.sequence)
  }

  @Test("can be replayed although their message had been kept before it was refused")
  func keptThenRefused() throws {
    let (world, sequence) = try keptAndRefused()
    try world.offer("3", "Sent", ["id": "a"])
    try world.fold()
    try world.restart()
    _ = try replay(world, sequence)
    #expect(try world.state("b") == "packed")
    try world.fold()
    try world.restart()
    #expect(try world.offer("2", "Packed", ["id": "b", "trackingId": "t"]) == .duplicate)
  }

  @Test(
    "are open again when their message, replayed, is kept by an instance once more and refused once more",
    arguments: [false, true])
  func keptAndRefusedAgain(restarts: Bool) throws {
    let (world, sequence) = try keptAndRefused()
    func operate(_ verb: SagaCore.Operation.Verb) throws {
      let address = InstanceAddress(saga: "parcel", role: "desk", key: "b")
      let operation = Operation(verb: verb, by: "ann", reason: "a look")
      #expect(try world.engine.operate(.instance(address, operation), now: world.now) == .done)
    }
    for _ in 0..<2 {
      try operate(.pause)
      guard case .replayed(let deliveries) = try replay(world, sequence) else {
        Issue.record("it was not replayed")
        return
      }
      #expect(deliveries.map(\.outcome) == [.deferred])
      #expect(try world.deadLetters().isEmpty)
      if restarts { try world.restart() }
      try operate(.resume)
      #expect(try world.instance("b")?.deferred.isEmpty == true)
      #expect(try world.deadLetters().map(\.entry.sequence) == [sequence])
    }
    try world.offer("3", "Sent", ["id": "a"])
    _ = try replay(world, sequence)
    #expect(try world.state("b") == "packed")
    #expect(try world.deadLetters().isEmpty)
  }

  @Test("stay the only ones of their message when it had been kept, and its replay is refused at once")
  func keptAndRefusedAtOnce() throws {
    let (world, sequence) = try keptAndRefused()
    for _ in 0..<2 {
      guard case .refused(let fault) = try replay(world, sequence) else {
        Issue.record("the value is still taken")
        return
      }
      #expect(fault.code == "key.taken")
      #expect(try world.deadLetters().map(\.entry.sequence) == [sequence])
    }
    try world.offer("3", "Sent", ["id": "a"])
    _ = try replay(world, sequence)
    #expect(try world.state("b") == "packed")
    #expect(try world.deadLetters().isEmpty)
  }

  /// A world where message `1` has expired and waits again, because its dead letter was replayed; that has been swept.
  func swept(_ data: JSON) throws -> World {
    let world = try World([Definitions.parcel])
    #expect(try world.offer("1", "Paid", data) == .parked)
    try world.pass(3600)
    _ = try replay(world, try #require(try world.deadLetters().first).entry.sequence)
    try world.fold()
    let cut = world.now.advanced(byMilliseconds: 1)
    let never = Timestamp(milliseconds: 0)
    while try !world.engine.prune(closedBefore: cut, forgetBefore: never, archive: nil).isFinished {}
    #expect(try world.store.page(.deadLetters(onlyUnresolved: false), after: nil, limit: 9).deadLetters.isEmpty)
    #expect(world.contents.parked.count == 1)
    return world
  }

  @Test("are new ones when a sweep took the old one while its message waited, and that expires once more")
  func expiredAfterSweep() throws {
    let world = try swept(["id": "p"])
    try world.pass(3600)
    #expect(world.contents.parked.isEmpty)
    let dead = try world.deadLetters()
    #expect(dead.map(\.fault.code) == ["message.expired"])
    try world.offer("2", "Opened", ["id": "p"])
    _ = try replay(world, try #require(dead.first).entry.sequence)
    #expect(try world.state("p") == "paid")
    #expect(try world.deadLetters().isEmpty)
  }

  @Test("are new ones when a sweep took the old one while its message waited, and the instance that comes refuses it")
  func refusedAfterSweep() throws {
    let world = try swept(["id": "p", "cents": "many"])
    #expect(try world.offer("2", "Opened", ["id": "p"]) == .started)
    #expect(world.contents.parked.isEmpty)
    #expect(try world.deadLetters().map(\.fault.code) == ["message.schema"])
    #expect(try world.state("p") == "opened")
  }

  @Test(
    "are not found under a number that no row of theirs has", arguments: [JournalSequence.min, -1, 0, 1, .max])
  func otherRows(sequence: JournalSequence) throws {
    let (world, _) = try refused()
    let rows = world.contents.journal.count
    #expect(try ShardReader(store: world.store).deadLetter(sequence) == nil)
    #expect(try replay(world, sequence) == .notFound)
    let discard = OperatorRequest.discard(deadLetter: sequence, by: "ann", reason: "not ours")
    #expect(try world.engine.operate(discard, now: world.now) == .notFound)
    #expect(world.contents.journal.count == rows)
  }

  @Test("take what the store refuses even alone, and nothing else of the batch")
  func storeRefuses() throws {
    let world = try World([Definitions.parcel])
    let poison = world.message("2", "Opened", ["id": "poison"])
    world.store.refuses = { $0.kind != .dead && $0.input == poison.bytes }
    let receipts = try world.engine.offer(
      [world.message("1", "Opened", ["id": "a"]), poison, world.message("3", "Paid", ["id": "a"])], now: world.now)
    #expect(receipts[0].deliveries[0].outcome == .started)
    #expect(receipts[1].deliveries[0].outcome.isDead("store.refused"))
    #expect(receipts[2].deliveries[0].outcome == .handled)
    #expect(try world.state("a") == "paid")
    #expect(try world.state("poison") == nil)
  }

  @Test("are recognised by the store when there are too many for memory")
  func manyFingerprints() throws {
    let world = try World([Definitions.parcel]) { $0.maximumFingerprints = 3 }
    for index in 0..<6 { try world.offer("s\(index)", "Strict", ["id": "p"]) }
    try world.restart()
    #expect(!world.engine.deadLetters.isComplete)
    for index in 0..<6 { #expect(try world.offer("s\(index)", "Strict", ["id": "p"]) == .duplicate) }
    #expect(try world.deadLetters().count == 6)
  }

  @Test("fill no more of memory than the limit says while they come, one by one or many at once", arguments: [1, 12])
  func boundedFingerprints(atOnce: Int) throws {
    let world = try World([Definitions.parcel]) { $0.maximumFingerprints = 3 }
    let messages = (0..<12).map { world.message("s\($0)", "Strict", ["id": "p"]) }
    for some in messages.chunked(by: atOnce) {
      _ = try world.engine.offer(some, now: world.now)
      #expect(world.engine.deadLetters.count <= 3)
    }
    #expect(!world.engine.deadLetters.isComplete)
    let again = try world.engine.offer(messages, now: world.now)
    #expect(again.allSatisfy { $0.deliveries.map(\.outcome) == [.duplicate] })
    #expect(try world.deadLetters().count == 12)
  }
}
