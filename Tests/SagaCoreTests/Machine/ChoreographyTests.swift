import Testing

@testable import SagaCore

/// The payments role of an order: charges, then waits for the others.
let paymentsDefinition = """
  {
    "saga": "order", "version": 1,
    "messages": {
      "OrderPlaced": { "key": "event.data.orderId", "schema": { "type": "object", "required": ["orderId"],
        "properties": { "orderId": { "type": "string" }, "totalCents": { "type": "integer" } } } },
      "CardCharged": { "key": "event.data.orderId" }, "CardDeclined": { "key": "event.data.orderId" },
      "CardRefunded": { "key": "event.data.orderId" }, "InventoryRejected": { "key": "event.data.orderId" },
      "OrderShipped": { "key": "event.data.orderId" }, "Nudge": { "key": "event.data.orderId" }
    },
    "data": { "type": "object", "properties": { "totalCents": { "type": "integer", "default": 0 },
      "paymentId": { "type": "string", "default": "" }, "nudges": { "type": "integer", "default": 0 } } },
    "roles": {
      "payments": {
        "start": { "OrderPlaced": { "set": { "totalCents": "event.data.totalCents" }, "goto": "charging" } },
        "on": { "Nudge": { "set": { "nudges": "data.nudges + 1" } } },
        "states": {
          "charging": { "do": [ { "step": "charge", "call": "ChargeCard", "to": "card", "with": { "amountCents": "data.totalCents" },
              "reply": { "CardCharged": { "set": { "paymentId": "event.data.paymentId" } }, "CardDeclined": { "fail": "event.data.reason" } },
              "timeout": "30s", "retry": { "attempts": 3, "delay": "1s" },
              "undo": { "call": "RefundCard", "to": "card",
                "with": { "orderId": "saga.key", "paymentId": "event != null ? string(event.data.paymentId) : ''" },
                "reply": { "CardRefunded": {} } } } ],
            "done": { "publish": { "PaymentCharged": { "orderId": "saga.key" } }, "goto": "charged" },
            "failed": { "publish": { "PaymentFailed": { "orderId": "saga.key", "reason": "saga.failure.reason" } }, "goto": "declined" } },
          "charged": {
            "on": { "InventoryRejected": { "compensate": "'out of stock'",
                      "publish": { "PaymentRefunded": { "orderId": "saga.key", "why": "event.data.sku" } }, "goto": "refunded" },
                    "OrderShipped": { "goto": "settled" } },
            "after": { "72h": { "publish": { "ShipmentOverdue": { "orderId": "saga.key" } } } } },
          "settled": { "final": "completed" },
          "declined": { "final": "compensated" },
          "refunded": { "final": "compensated" }
        }
      }
    }
  }
  """

@Suite("A role of a choreography")
struct ChoreographyTests {
  func charged() throws -> Play {
    let play = try Play(paymentsDefinition, role: "payments")
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 700])
    try play.reply(to: "ChargeCard", "CardCharged", ["paymentId": "p1"])
    return play
  }

  @Test("calls its participant, publishes what happened and waits in the next state")
  func forward() throws {
    let play = try charged()
    #expect(play.types == ["ChargeCard", "PaymentCharged"])
    #expect(play.state == "charged")
    #expect(play.last("PaymentCharged")?.source == "/sagas/order/payments/o1")
    try play.send("OrderShipped", ["orderId": "o1"])
    #expect(play.status == .completed)
    #expect(!play.types.contains("RefundCard"), "`final: completed` discards what is owed")
  }

  @Test("a transition with `compensate` and something owed is two commits: the publication follows the undo")
  func twoCommits() throws {
    let play = try charged()
    try play.send("InventoryRejected", ["orderId": "o1", "sku": "lamp"])
    #expect(play.status == .compensating)
    #expect(play.state == "charged")
    #expect(play.types.last == "RefundCard")
    #expect(play.last("RefundCard")?.data?["paymentId"] == "p1")
    #expect(!play.types.contains("PaymentRefunded"))
    #expect(try play.send("OrderShipped", ["orderId": "o1"]) == .deferred, "messages between are parked for `goto`")
    play.wait(1_000)
    try play.reply(to: "RefundCard", "CardRefunded")
    #expect(play.status == .compensated)
    #expect(play.state == "refunded")
    #expect(play.last("PaymentRefunded")?.data?["why"] == "lamp", "evaluated with the first commit's event")
    #expect(play.instance.failure?.reason == "out of stock")
  }

  @Test("a state's `do` that fails undoes what it owes, then takes `failed`")
  func failed() throws {
    let play = try Play(paymentsDefinition, role: "payments")
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 700])
    try play.reply(to: "ChargeCard", "CardDeclined", ["reason": "no money"])
    #expect(play.types == ["ChargeCard", "PaymentFailed"])
    #expect(play.last("PaymentFailed")?.data?["reason"] == "no money")
    #expect(play.status == .compensated)
  }

  @Test("a business failure after an attempt that timed out is unknown, and owes the undo")
  func declinedAfterTimeout() throws {
    let play = try Play(paymentsDefinition, role: "payments")
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 700])
    play.wait(31_000)
    #expect(play.count("ChargeCard") == 2)
    try play.reply(to: "ChargeCard", "CardDeclined", ["reason": "no money"])
    #expect(play.types.last == "RefundCard")
    #expect(play.last("RefundCard")?.data?["paymentId"] == "")
    try play.reply(to: "RefundCard", "CardRefunded")
    #expect(play.types.last == "PaymentFailed")
    #expect(play.status == .compensated)
  }

  @Test("a message that a reachable state takes is deferred and offered after the transition that reaches it")
  func deferred() throws {
    let play = try Play(paymentsDefinition, role: "payments")
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 700])
    #expect(try play.send("OrderShipped", ["orderId": "o1"]) == .deferred)
    try play.reply(to: "ChargeCard", "CardCharged", ["paymentId": "p1"])
    #expect(play.status == .completed)
  }

  @Test("a role-wide transition without `goto` is internal: calls and timers go on")
  func internalTransition() throws {
    let play = try Play(paymentsDefinition, role: "payments")
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 700])
    try play.send("Nudge", ["orderId": "o1"])
    #expect(play.instance.data["nudges"] == 1)
    play.wait(30_000)
    #expect(play.facts.contains(.timedOut(step: "charge", attempt: 1)))
  }

  @Test("a state's `after` counts from entering it, and fires once")
  func after() throws {
    let play = try charged()
    play.wait(72 * 3_600_000)
    #expect(play.count("ShipmentOverdue") == 1)
    play.wait(720 * 3_600_000)
    #expect(play.count("ShipmentOverdue") == 1)
    #expect(play.status == .running)
  }

  @Test("a message of a foreign type, a late one and one to a final instance change nothing")
  func withoutEffect() throws {
    let play = try charged()
    #expect(try play.send("Weather", ["orderId": "o1"]) == .foreign)
    #expect(try play.send("OrderPlaced", ["orderId": "o1", "totalCents": 1]) == .late)
    let before = play.types
    try play.send("OrderShipped", ["orderId": "o1"])
    #expect(try play.send("InventoryRejected", ["orderId": "o1", "sku": "x"]) == .late)
    #expect(play.status == .completed)
    #expect(play.types == before)
  }

  @Test("pause holds messages and timers; resume lets them happen in due order")
  func pause() throws {
    let play = try Play(paymentsDefinition, role: "payments")
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 700])
    play.operate(.pause)
    #expect(try play.reply(to: "ChargeCard", "CardCharged", ["paymentId": "p1"]) == .deferred)
    play.wait(3_600_000)
    #expect(play.count("ChargeCard") == 1)
    play.operate(.resume)
    #expect(play.types.last == "PaymentCharged", "the waiting reply is offered before the overdue timeout")
    #expect(play.state == "charged")
  }

  @Test("an operator's cancel undoes everything and ends in the one compensated end, where there is only one")
  func operatorCancel() throws {
    let play = try charged()
    guard case .refused(let fault) = play.operate(.cancel) else {
      Issue.record("two compensated ends: an operator cannot choose")
      return
    }
    #expect(fault.code == "operation.cancel")
    let orchestration = try Play(orderDefinition)
    try orchestration.start("OrderPlaced", ["orderId": "o1", "totalCents": 1, "items": []])
    try orchestration.reply(to: "Charge", "Charged", ["paymentId": "p1"])
    try orchestration.input(.timer(TimerFiring(timer: .call(99), armedRevision: 1)))
    #expect(orchestration.lastOutcome == .stale)
    _ = orchestration.operate(.cancel, reason: "fraud")
    #expect(orchestration.instance.pending.first?.failure.reason == "fraud", "the pivot is out: the cancel waits")
    try orchestration.reply(to: "Ship", "ShipRefused")
    #expect(orchestration.types.last == "Refund")
  }
}

extension ChoreographyTests {
  @Test("what the definition lists under `reject` is a dead letter, even where nothing ever takes it")
  func rejected() throws {
    let definition =
      paymentsDefinition
      .replacing("\"Nudge\": { \"key\"", with: "\"Spam\": { \"key\": \"event.data.orderId\" }, \"Nudge\": { \"key\"")
      .replacing("\"on\": { \"Nudge\"", with: "\"reject\": [\"Spam\"], \"on\": { \"Nudge\"")
    let play = try Play(definition, role: "payments")
    #expect(play.machine.names("Spam"))
    try play.start("OrderPlaced", ["orderId": "o1", "totalCents": 700])
    guard case .refused(let fault) = try play.send("Spam", ["orderId": "o1"]) else {
      Issue.record("Spam is listed under `reject`")
      return
    }
    #expect(fault.code == "message.rejected")
  }
}
