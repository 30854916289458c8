import Testing

@testable import SagaCore

/// An order: charge, reserve each item side by side, ship (pivot), done.
let orderDefinition = """
  {
    "saga": "order", "version": 1,
    "messages": {
      "OrderPlaced": { "key": "event.data.orderId", "schema": { "type": "object", "properties": { "orderId": { "type": "string" },
        "totalCents": { "type": "integer" }, "items": { "type": "array", "items": { "type": "string" } } } } },
      "OrderCancelRequested": { "key": "event.data.orderId" },
      "Charged": { "key": "event.data.orderId" }, "Declined": { "key": "event.data.orderId" },
      "Refunded": { "key": "event.data.orderId" }, "Reserved": { "key": "event.data.orderId" },
      "OutOfStock": { "key": "event.data.orderId" }, "Released": { "key": "event.data.orderId" },
      "Shipped": { "key": "event.data.orderId" }, "ShipRefused": { "key": "event.data.orderId" }
    },
    "data": { "type": "object", "properties": { "totalCents": { "type": "integer", "default": 0 },
      "items": { "type": "array", "items": { "type": "string" }, "default": [] }, "paymentId": { "type": "string" } } },
    "start": { "OrderPlaced": { "set": { "totalCents": "event.data.totalCents", "items": "event.data.items" } } },
    "on": { "OrderCancelRequested": { "compensate": "'cancelled by the customer'" } },
    "after": { "24h": { "compensate": "'not finished within a day'" } },
    "steps": [
      { "step": "charge", "call": "Charge", "to": "payments", "with": { "orderId": "saga.key", "amountCents": "data.totalCents" },
        "reply": { "Charged": { "set": { "paymentId": "event.data.paymentId" } }, "Declined": { "fail": "event.data.reason" } },
        "timeout": "30s", "retry": { "attempts": 3, "delay": "1s", "factor": 2, "maxDelay": "1m" },
        "undo": { "call": "Refund", "to": "payments",
          "with": { "orderId": "saga.key", "paymentId": "event != null ? string(event.data.paymentId) : ''" },
          "reply": { "Refunded": {} } } },
      { "forEach": "data.items", "concurrency": 2, "steps": [
        { "step": "reserve", "call": "Reserve", "to": "inventory", "with": { "orderId": "saga.key", "sku": "item" },
          "reply": { "Reserved": {}, "OutOfStock": { "fail": "'no ' + item" } }, "timeout": "10s", "retry": { "attempts": 1 },
          "undo": { "call": "Release", "to": "inventory", "with": { "sku": "item" }, "reply": { "Released": {} } } } ] },
      { "step": "ship", "pivot": true, "call": "Ship", "to": "shipping", "with": {},
        "reply": { "Shipped": {}, "ShipRefused": { "fail": "'refused'" } } },
      { "publish": { "OrderShipped": { "orderId": "saga.key" } } }
    ],
    "completed": { "publish": { "OrderFulfilled": { "orderId": "saga.key" } } },
    "compensated": { "publish": { "OrderCancelled": { "orderId": "saga.key", "reason": "saga.failure.reason" } } }
  }
  """

@Suite("An orchestration")
struct OrchestrationTests {
  func placed(_ items: [String] = ["a", "b"]) throws -> Play {
    let play = try Play(orderDefinition)
    try play.start(
      "OrderPlaced", ["orderId": "o1", "totalCents": 4999, "items": .array(items.map { .string($0) })])
    return play
  }

  @Test("runs its steps in order and completes")
  func completes() throws {
    let play = try placed()
    #expect(play.types == ["Charge"])
    #expect(play.last("Charge")?.data == ["orderId": "o1", "amountCents": 4999])
    try play.reply(to: "Charge", "Charged", ["paymentId": "p1"])
    #expect(play.types == ["Charge", "Reserve", "Reserve"])
    for reserve in play.sent.filter({ $0.event.type == "Reserve" }) {
      try play.send("Reserved", correlation: reserve.event.correlationid)
    }
    #expect(play.types.last == "Ship")
    try play.reply(to: "Ship", "Shipped")
    #expect(play.status == .completed)
    #expect(play.types.suffix(2) == ["OrderShipped", "OrderFulfilled"])
  }

  @Test("a business failure of the first step owes nothing")
  func declined() throws {
    let play = try placed()
    try play.reply(to: "Charge", "Declined", ["reason": "no money"])
    #expect(play.status == .compensated)
    #expect(play.types == ["Charge", "OrderCancelled"])
    #expect(play.last("OrderCancelled")?.data?["reason"] == "no money")
    #expect(play.instance.failure?.kind == .business)
  }

  @Test("a later failure undoes what was done, in reverse, and waits for calls in flight")
  func compensates() throws {
    let play = try placed()
    try play.reply(to: "Charge", "Charged", ["paymentId": "p1"])
    let reserves = play.sent.filter { $0.event.type == "Reserve" }
    try play.send("OutOfStock", correlation: reserves[1].event.correlationid)
    #expect(play.status == .compensating)
    #expect(!play.types.contains("Refund"), "the other reservation is still in flight")
    try play.send("Reserved", correlation: reserves[0].event.correlationid)
    #expect(play.types.last == "Release")
    try play.reply(to: "Release", "Released")
    #expect(play.last("Refund")?.data?["paymentId"] == "p1")
    #expect(play.last("Refund")?.undoes == play.last("Charge")?.idempotencykey)
    try play.reply(to: "Refund", "Refunded")
    #expect(play.status == .compensated)
    #expect(play.count("OrderCancelled") == 1)
  }

  @Test("no answer means unknown: retried under the same key, then undone without the reply")
  func unknown() throws {
    let play = try placed()
    play.wait(30_000)
    #expect(play.count("Charge") == 1)
    play.wait(1_000)
    #expect(play.count("Charge") == 2)
    #expect(Set(play.sent.map { $0.event.idempotencykey }).count == 1)
    #expect(Set(play.sent.map(\.event.id)).count == 2)
    play.wait(32_000 + 30_000)
    #expect(play.count("Charge") == 3)
    #expect(play.types.last == "Refund")
    #expect(play.last("Refund")?.data?["paymentId"] == "")
    try play.reply(to: "Refund", "Refunded")
    #expect(play.status == .compensated)
    #expect(play.instance.failure?.kind == .unknown)
  }

  @Test("a success that arrives after its undo owes the undo once more, even when final")
  func lateSuccess() throws {
    let play = try placed()
    play.wait(100_000)
    try play.reply(to: "Refund", "Refunded")
    #expect(play.status == .compensated)
    let first = play.last("Refund")?.idempotencykey
    try play.reply(to: "Charge", "Charged", ["paymentId": "p9"])
    #expect(play.types.suffix(2) == ["saga.late-success", "Refund"])
    #expect(play.last("Refund")?.data?["paymentId"] == "p9")
    #expect(play.last("Refund")?.idempotencykey != first)
    try play.reply(to: "Refund", "Refunded")
    #expect(play.status == .compensated)
    #expect(play.count("OrderCancelled") == 1)
  }

  @Test("a cancel before the pivot compensates; while the pivot is open it waits; after it it is late")
  func cancel() throws {
    let early = try placed()
    try early.reply(to: "Charge", "Charged", ["paymentId": "p1"])
    try early.send("OrderCancelRequested", ["orderId": "o1"])
    #expect(early.status == .compensating)

    let open = try placed([])
    try open.reply(to: "Charge", "Charged", ["paymentId": "p1"])
    #expect(open.types.last == "Ship")
    #expect(try open.send("OrderCancelRequested", ["orderId": "o1"]) == .deferred)
    try open.reply(to: "Ship", "Shipped")
    #expect(open.status == .completed)
    #expect(!open.types.contains("Refund"))

    let refused = try placed([])
    try refused.reply(to: "Charge", "Charged", ["paymentId": "p1"])
    try refused.reply(to: "Ship", "ShipRefused")
    #expect(refused.types.last == "Refund")
  }

  @Test("an undo that is refused makes the instance stuck; retry asks for the same action under a new key")
  func stuckUndo() throws {
    let definition = orderDefinition.replacing(
      "\"Refunded\": {} }", with: "\"Refunded\": {}, \"Declined\": { \"fail\": \"'no'\" } }")
    let play = try Play(definition)
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 1, "items": []])
    try play.reply(to: "Charge", "Charged", ["paymentId": "p1"])
    try play.reply(to: "Ship", "ShipRefused")
    try play.reply(to: "Refund", "Declined")
    #expect(play.status == .stuck)
    #expect(play.types.last == "saga.stuck")
    play.operate(.retry)
    #expect(play.status == .compensating)
    #expect(play.count("Refund") == 2)
    #expect(Set(play.keys("Refund")).count == 2, "who has refused a key repeats itself under it")
    #expect(play.undoes("Refund") == [play.keys("Charge")[0], play.keys("Charge")[0]])
    try play.reply(to: "Refund", "Refunded")
    #expect(play.status == .compensated)
  }

  @Test("the deadline compensates")
  func deadline() throws {
    let play = try Play(orderDefinition.replacing("\"timeout\": \"30s\"", with: "\"timeout\": \"48h\""))
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 1, "items": []])
    play.wait(86_400_000)
    #expect(play.status == .compensating)
    #expect(play.instance.failure?.kind == .deadline)
    play.wait(30_000)
    #expect(play.types.last == "Refund")
  }
}
