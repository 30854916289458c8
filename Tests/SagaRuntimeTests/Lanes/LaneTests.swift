import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Lanes")
struct LaneTests {
  /// A world with two orders whose first command waits to be sent.
  func orders(configure: (inout EngineConfiguration) -> Void = { _ in }) throws -> World {
    let world = try World([Definitions.order], configure: configure)
    for key in ["a", "b"] {
      try world.offer("place-\(key)", "OrderPlaced", ["orderId": .string(key), "totalCents": 5])
    }
    return world
  }

  func take(_ world: World, limit: Int = 100) throws -> [OutgoingDelivery] {
    try world.engine.takeOutgoing(lane: "output", limit: limit, now: world.now)
  }

  func fail(_ world: World, _ delivery: OutgoingDelivery, after seconds: Int64 = 10) throws {
    let retryAt = world.now.advanced(byMilliseconds: seconds * 1000)
    let outcome = DeliveryResult.Outcome.failed(retryAt: retryAt, reason: "down")
    try world.engine.confirm(
      lane: "output", [DeliveryResult(position: delivery.position, outcome: outcome)], now: world.now)
  }

  @Test("give each message once, and again with the same id after a crash")
  func once() throws {
    let world = try orders()
    let first = try take(world)
    #expect(first.map(\.type) == ["Charge", "Charge"])
    #expect(first.map(\.orderingKey) == ["a", "b"])
    #expect(first.map(\.kind) == [.command, .command])
    #expect(first.map(\.destination) == ["payments", "payments"])
    #expect(try CloudEvent.decode(first[0].bytes).id == first[0].id)
    #expect(try take(world).isEmpty)
    try world.restart()
    #expect(try take(world) == first)
  }

  @Test("remember confirmations by the next row's marks, or by a row of marks when idle", arguments: [false, true])
  func marks(idle: Bool) throws {
    let world = try orders()
    try world.drain()
    if idle { try world.fold() } else { try world.offer("place-c", "OrderPlaced", ["orderId": "c", "totalCents": 5]) }
    try world.restart()
    #expect(try take(world).map(\.orderingKey) == (idle ? [] : ["c"]))
    #expect(world.contents.journal.last?.kind == (idle ? .marks : .message))
  }

  @Test("keep the order per key: the next message of a key waits for the one before")
  func order() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p"])
    try world.offer("3", "Packed", ["id": "p", "trackingId": "t"])
    try world.offer("4", "Sent", ["id": "p"])
    let first = try take(world)
    #expect(first.map(\.type) == ["Receipt"])
    #expect(try take(world).isEmpty)
    try world.confirm(first)
    #expect(try take(world).map(\.type) == ["Delivered"])
  }

  @Test("that are pipelined give all at once, in order")
  func pipelined() throws {
    let world = try World([Definitions.parcel]) { $0.isPipelined = { _ in true } }
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p"])
    try world.offer("3", "Packed", ["id": "p", "trackingId": "t"])
    try world.offer("4", "Sent", ["id": "p"])
    #expect(try take(world).map(\.type) == ["Receipt", "Delivered"])
  }

  @Test("hold a message that cannot go, with what stands behind it, and let others pass")
  func held() throws {
    let world = try World([Definitions.parcel])
    for key in ["p", "q"] {
      try world.offer("1\(key)", "Opened", ["id": .string(key)])
      try world.offer("2\(key)", "Paid", ["id": .string(key)])
      try world.offer("3\(key)", "Packed", ["id": .string(key), "trackingId": .string(key)])
      try world.offer("4\(key)", "Sent", ["id": .string(key)])
    }
    let first = try take(world)
    #expect(first.map(\.orderingKey) == ["p", "q"])
    try fail(world, first[0])
    try world.confirm([first[1]])
    #expect(try world.drain().map(\.orderingKey) == ["q"])
    try world.fold()
    try world.restart()
    #expect(world.contents.held.values.map(\.attempts).sorted() == [0, 1])
    #expect(try take(world).isEmpty)
    world.now = world.now.advanced(byMilliseconds: 10_000)
    let again = try take(world)
    #expect(again.map(\.id) == [first[0].id])
    #expect(again.map(\.attempts) == [1])
    try world.confirm(again)
    #expect(try world.drain().map(\.type) == ["Delivered"])
    try world.fold()
    #expect(world.contents.held.isEmpty)
    try world.restart()
    #expect(try take(world).isEmpty)
  }

  @Test(
    "let a message that goes again after a crash go before a later one of its key that is held, and stop for neither")
  func heldAfterUnmarked() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p"])
    try world.offer("3", "Packed", ["id": "p", "trackingId": "t"])
    try world.offer("4", "Sent", ["id": "p"])
    try world.fold()
    let first = try take(world)
    try world.confirm(first)
    let second = try take(world)
    #expect(second.map(\.type) == ["Delivered"])
    try fail(world, second[0])
    let retry = try #require(world.engine.nextRetry(lane: "output"))
    try world.restart()
    try world.fold()
    let again = try take(world)
    #expect(again.map(\.id) == first.map(\.id))
    world.now = retry
    #expect(try take(world).isEmpty, "the held one waits for the one on its way")
    #expect(world.engine.nextRetry(lane: "output") == nil)
    try world.confirm(again)
    #expect(world.engine.nextRetry(lane: "output") == retry)
    #expect(try take(world).map(\.id) == second.map(\.id))
  }

  @Test("return a command that is refused to its instance")
  func undeliverable() throws {
    let world = try orders()
    let charge = try take(world)[0]
    let refused = DeliveryResult(position: charge.position, outcome: .refused(reason: "unknown queue"))
    try world.engine.confirm(lane: "output", [refused], now: world.now)
    let row = world.contents.journal.last { $0.kind == .timer }
    let input = try row?.input.map { try InputRecord(decoding: $0) }
    let key = try CloudEvent.decode(charge.bytes).idempotencykey ?? ""
    #expect(input == .undeliverable(idempotencyKey: key, reason: "unknown queue"))
    #expect(world.contents.held.isEmpty)
    try world.fold()
    try world.restart()
    #expect(try !take(world).contains { $0.id == charge.id })
  }

  @Test("return a command that failed too often to its instance")
  func attempts() throws {
    let world = try orders { $0.publishAttempts = 3 }
    var charge = try take(world, limit: 1)[0]
    let id = charge.id
    for _ in 0..<2 {
      try fail(world, charge, after: 1)
      world.now = world.now.advanced(byMilliseconds: 1000)
      charge = try take(world, limit: 1)[0]
      #expect(charge.id == id)
    }
    try fail(world, charge)
    #expect(world.contents.held.isEmpty)
    #expect(world.contents.journal.last?.kind == .timer)
  }

  @Test("wait as a whole while the destination is down")
  func unavailable() throws {
    let world = try orders()
    let first = try take(world)
    let until = world.now.advanced(byMilliseconds: 5000)
    try world.engine.confirm(
      lane: "output", first.map { DeliveryResult(position: $0.position, outcome: .unavailable(retryAt: until)) },
      now: world.now)
    #expect(try take(world).isEmpty)
    world.now = until
    #expect(try take(world).map(\.id) == first.map(\.id))
    #expect(world.contents.held.isEmpty)
  }

  @Test(
    "try now what was put off while the clock was far ahead, when an operator has confirmed the clock or the next process starts",
    arguments: [false, true])
  func clockAhead(isRestarted: Bool) throws {
    let world = try World([Definitions.order, Definitions.parcel])
    let right = world.now
    world.now = right.advanced(byMilliseconds: 1000 * 86_400_000)
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p"])
    try world.offer("3", "OrderPlaced", ["orderId": "o", "totalCents": 5])
    let given = try take(world)
    #expect(given.map(\.type) == ["Receipt", "Charge"])
    try fail(world, given[0])
    let down = DeliveryResult.Outcome.unavailable(retryAt: world.now.advanced(byMilliseconds: 10_000))
    try world.engine.confirm(
      lane: "output", [DeliveryResult(position: given[1].position, outcome: down)], now: world.now)
    world.now = right
    world.engine.holdClock()
    #expect(try take(world).isEmpty, "they wait for a time that is years away")
    if isRestarted {
      try world.restart()
    } else {
      #expect(try world.engine.operate(.confirmClock(by: "ann", reason: "checked"), now: world.now) == .done)
    }
    #expect(Set(try take(world).map(\.id)) == Set(given.map(\.id)))
  }

  @Test("catch up from the journal when the window was full, each message once and in order")
  func backfill() throws {
    let world = try World([Definitions.order]) {
      $0.relayWindow = 4
      $0.relayPage = 3
    }
    let keys = (0..<25).map { "k\($0)" }
    for key in keys { try world.offer(key, "OrderPlaced", ["orderId": .string(key), "totalCents": 5]) }
    #expect(try world.drain().map(\.orderingKey) == keys)
    try world.offer("late", "OrderPlaced", ["orderId": "late", "totalCents": 5])
    #expect(try world.drain().map(\.orderingKey) == ["late"])
  }

  @Test("stop when no more may be held, and lose nothing")
  func heldLimit() throws {
    let world = try orders { $0.heldPerLane = 1 }
    let first = try take(world)
    for delivery in first { try fail(world, delivery) }
    #expect(world.contents.held.count == 1)
    world.now = world.now.advanced(byMilliseconds: 10_000)
    #expect(try take(world).map(\.id) == first.map(\.id))
  }

  @Test("what is refused while no more may be held is held, and an operator's, as soon as there is room")
  func refusedBeyondTheLimit() throws {
    let world = try World([Definitions.parcel]) { $0.heldPerLane = 1 }
    for key in ["a", "b"] {
      try world.offer("1\(key)", "Opened", ["id": .string(key)])
      try world.offer("2\(key)", "Paid", ["id": .string(key)])
    }
    let receipts = try take(world)
    #expect(receipts.map(\.type) == ["Receipt", "Receipt"])
    for receipt in receipts {
      let refused = DeliveryResult(position: receipt.position, outcome: .refused(reason: "too large"))
      try world.engine.confirm(lane: "output", [refused], now: world.now)
    }
    #expect(world.contents.held.values.map(\.sequence) == [receipts[0].position.sequence])
    world.now = world.now.advanced(byMilliseconds: 1_000_000)
    #expect(try take(world).isEmpty, "the second waits for an operator too")
    func discard(_ position: OutgoingPosition) throws -> OperatorReply {
      try world.engine.operate(
        .discardOutgoing(lane: "output", position: position, by: "ann", reason: ""), now: world.now)
    }
    #expect(try discard(receipts[0].position) == .done)
    #expect(try take(world).isEmpty)
    #expect(world.contents.held.values.map(\.sequence) == [receipts[1].position.sequence])
    #expect(world.contents.held.values.map(\.reason) == ["too large"])
    let retry = OperatorRequest.retryOutgoing(lane: "output", position: nil, by: "ann", reason: "limit raised")
    #expect(try world.engine.operate(retry, now: world.now) == .done)
    #expect(try take(world).map(\.id) == [receipts[1].id])
  }

  @Test("let an operator retry and discard what is held")
  func operators() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p"])
    let receipt = try take(world)[0]
    let refused = DeliveryResult(position: receipt.position, outcome: .refused(reason: "too large"))
    try world.engine.confirm(lane: "output", [refused], now: world.now)
    world.now = world.now.advanced(byMilliseconds: 1_000_000)
    #expect(try take(world).isEmpty)
    let retry = OperatorRequest.retryOutgoing(lane: "output", position: nil, by: "ann", reason: "limit raised")
    #expect(try world.engine.operate(retry, now: world.now) == .done)
    #expect(try take(world).map(\.id) == [receipt.id])
    try world.engine.confirm(lane: "output", [refused], now: world.now)
    let discard = OperatorRequest.discardOutgoing(lane: "output", position: receipt.position, by: "ann", reason: "")
    #expect(try world.engine.operate(discard, now: world.now) == .done)
    #expect(world.contents.held.isEmpty)
    #expect(try world.engine.operate(discard, now: world.now) == .notFound)
  }

  @Test("carry what sagas of one shard send each other back in as inputs")
  func local() throws {
    let world = try World([Definitions.relay])
    try world.offer("1", "Asked", ["id": "x"])
    try world.settle()
    #expect(try world.state("x", saga: "relay", role: "front") == "done")
    #expect(try world.state("x", saga: "relay", role: "back") == "done")
    let rows = world.contents.journal.count
    try world.restart()
    try world.settle()
    #expect(world.contents.journal.filter { $0.kind == .message }.count == rows)
    #expect(try world.drain().map(\.type) == ["Handed", "Returned"])
  }
}

extension LaneTests {
  @Test("know when something may go next: of each key only its first held message counts")
  func nextRetry() throws {
    let world = try World([Definitions.parcel]) { $0.isPipelined = { _ in true } }
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p"])
    try world.offer("3", "Packed", ["id": "p", "trackingId": "t"])
    try world.offer("4", "Sent", ["id": "p"])
    let both = try take(world)
    try fail(world, both[0], after: 10)
    try fail(world, both[1], after: 1)
    let due = world.now.advanced(byMilliseconds: 10_000)
    #expect(world.engine.nextRetry(lane: "output") == due, "the second waits behind the first, whatever its own time")
    world.now = world.now.advanced(byMilliseconds: 1_000)
    #expect(try take(world).isEmpty)
    world.now = due
    #expect(try world.drain().map(\.type) == ["Receipt", "Delivered"])
  }

  @Test("return a command that failed too often to its instance, also while an earlier message is still on its way")
  func attemptsBehind() throws {
    let world = try orders { $0.publishAttempts = 3 }
    let both = try take(world)
    var second = both[1]
    for _ in 0..<2 {
      try fail(world, second, after: 1)
      world.now = world.now.advanced(byMilliseconds: 1000)
      second = try #require(try take(world).first)
      #expect(second.id == both[1].id)
    }
    try fail(world, second)
    #expect(world.contents.held.isEmpty)
    let input = try world.contents.journal.last?.input.map { try InputRecord(decoding: $0) }
    let key = try CloudEvent.decode(both[1].bytes).idempotencykey ?? ""
    #expect(input == .undeliverable(idempotencyKey: key, reason: "down"), "the instance hears of it")
    try world.confirm([both[0]])
    world.now = world.now.advanced(byMilliseconds: 10_000)
    try world.settle()
    #expect(try take(world).filter { $0.orderingKey == "b" }.allSatisfy { $0.id != both[1].id })
  }

  @Test("give a held message out once after its destination was down, also while an earlier one is still on its way")
  func heldWhileDown() throws {
    let world = try orders()
    let both = try take(world)
    try fail(world, both[1], after: 1)
    world.now = world.now.advanced(byMilliseconds: 1000)
    let held = try take(world)
    #expect(held.map(\.id) == [both[1].id])
    let until = world.now.advanced(byMilliseconds: 5000)
    try world.engine.confirm(
      lane: "output", [DeliveryResult(position: held[0].position, outcome: .unavailable(retryAt: until))],
      now: world.now)
    #expect(try take(world).isEmpty)
    world.now = until
    let again = try take(world)
    #expect(again.map(\.id) == [both[1].id])
    #expect(again.map(\.bytes) == [both[1].bytes])
    try world.confirm(again)
    #expect(try take(world).isEmpty, "it has been sent")
  }
}
