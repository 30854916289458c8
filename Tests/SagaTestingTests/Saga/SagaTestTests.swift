import SagaCore
import SagaRuntime
import SagaTesting
import Testing

@Suite("Given, when, then")
struct SagaTestTests {
  /// An order of two items.
  static let order: JSON = [
    "orderId": "o-1", "totalCents": 700,
    "items": [["sku": "tea", "quantity": 2], ["sku": "cup", "quantity": 1]],
  ]

  @Test("An order that goes well: every message is named, and the rest of the payloads is filled in")
  func completes() throws {
    try SagaTest.run(Shipped.orders) { saga in
      try saga.when("OrderPlaced", Self.order)
        .then(sent: "ChargePayment", to: "payments", with: ["orderId": "o-1", "amountCents": 700])
        .then(waitsIn: ["processPayment"])
        .when(reply: "PaymentCharged", ["paymentId": "p-1"])
        .then(sent: "CheckFraud", to: "fraud")
        .then(sent: "ReserveStock", with: ["sku": "tea", "quantity": 2])
        .then(sent: "ReserveStock", with: ["sku": "cup"])
        .then(owes: ["processPayment"])
        .then(data: ["paymentId": "p-1", "totalCents": 700])
        .given(reply: "FraudCleared")
        .given(reply: "StockReserved", to: "reserveStock[1]")
        .then(owes: ["processPayment", "reserveStock[1]"])
        .when(reply: "StockReserved")
        .then(sent: "CreateShipment", to: "shipping")
        .when(reply: "ShipmentCreated", ["trackingNumber": "t-1"])
        .then(published: "OrderShipped", with: ["trackingNumber": "t-1"])
        .then(published: "OrderFulfilled", with: ["totalCents": 700])
        .then(status: .completed)
        .then(owes: [])
    }
  }

  @Test("A declined payment: nothing is undone, the order is called off")
  func declined() throws {
    try SagaTest.run(Shipped.orders) { saga in
      try saga.given("OrderPlaced", Self.order)
        .when(reply: "PaymentDeclined", ["reason": "no funds"], to: "processPayment")
        .then(published: "OrderCancelled", with: ["reason": "no funds"])
        .then(status: .compensated)
    }
  }

  @Test("Three days take no time, and every timer fires when it is due")
  func time() throws {
    try SagaTest.run(Shipped.orders) { saga in
      try saga.given("OrderPlaced", Self.order)
        .when(after: "29s").thenNothingElse()
        .when(after: "5s").then(sent: "ChargePayment")
        .when(after: "3d")
        .ignore("ChargePayment")
        .then(sent: "RefundPayment", with: ["paymentId": ""])
        .ignore("RefundPayment", "saga.stuck")
        .then(status: .stuck)
      #expect(saga.now.milliseconds(since: SagaTest.beginning) == 3 * 86_400_000 + 34_000)
    }
  }

  @Test("A crash at any point and a message that comes twice change nothing")
  func crash() throws {
    try SagaTest.run(Shipped.orders) { saga in
      try saga.given("OrderPlaced", Self.order)
        .when(.duplicate).then(.duplicate).thenNothingElse()
        .when(.crash).thenNothingElse()
        .when(.duplicate).then(.duplicate).thenNothingElse()
        .when(reply: "PaymentDeclined")
        .then(published: "OrderCancelled")
        .when(.crash).when(.duplicate).then(.duplicate)
        .then(status: .compensated)
    }
  }

  @Test("An answer to a call that is over is late")
  func late() throws {
    try SagaTest.run(Shipped.orders) { saga in
      try saga.given("OrderPlaced", Self.order).given(reply: "PaymentDeclined")
        .when(reply: "PaymentDeclined", to: "ChargePayment")
        .then(.late)
        .ignore("saga.late")
    }
  }

  @Test("An operator's cancel compensates; the undo is answered like any call")
  func operatorActs() throws {
    try SagaTest.run(Shipped.orders) { saga in
      try saga.given("OrderPlaced", Self.order).given(reply: "PaymentCharged")
        .given(reply: "FraudCleared").given(reply: "StockReserved").given(reply: "OutOfStock")
        .then(sent: "ReleaseStock", with: ["sku": "tea"])
        .when(reply: "StockReleased").then(sent: "RefundPayment")
        .when(reply: "PaymentRefunded").then(published: "OrderCancelled", with: ["reason": "out of stock: cup"])
    }
    try SagaTest.run(Shipped.orders) { saga in
      try saga.given("OrderPlaced", Self.order).given(reply: "PaymentCharged")
        .when(operator: .cancel, reason: "the customer called").then(status: .compensating)
        .when(after: "30s").then(sent: "ReleaseStock").then(sent: "ReleaseStock")
        .given(reply: "StockReleased").given(reply: "StockReleased")
        .when(reply: "PaymentRefunded").then(published: "OrderCancelled")
    }
  }

  @Test("All roles of a choreography run together; one alone is given the others' events")
  func roles() throws {
    try SagaTest.run(Shipped.choreography) { saga in
      try saga.given("OrderPlaced", Self.order)
        .then(state: "charging", role: "payments").then(state: "open", role: "orders")
        .when(reply: "CardDeclined", ["reason": "no funds"])
        .then(published: "PaymentFailed", with: ["reason": "no funds"])
        .then(published: "OrderRejected")
        .then(status: .compensated, role: "orders").then(status: .compensated, role: "payments")
    }
    try SagaTest.run(Shipped.choreography, roles: ["orders"]) { saga in
      try saga.given("OrderPlaced", Self.order)
        .when("StockReserved").then(published: "ShipmentRequested", with: ["orderId": "o-1"])
        .then(state: "shipping")
    }
  }

  @Test("What a definition refuses is a dead letter that has to be named")
  func deadLetters() throws {
    try SagaTest.run(Shipped.orders) { saga in
      try saga.when("OrderPlaced", ["orderId": "o-1", "totalCents": "seven"]).then(deadLetter: "message.schema")
    }
  }

  private struct Cancel: SagaMessage {
    static let messageType = "OrderCancelRequested"
    var orderId: String
  }

  private struct Declined: SagaMessage {
    static let messageType = "PaymentDeclined"
    var orderId: String
    var reason: String
  }

  @Test("Messages may be values of Swift types")
  func typed() throws {
    try SagaTest.run(Shipped.orders) { saga in
      try saga.given("OrderPlaced", Self.order).given(Cancel(orderId: "o-1")).then(status: .compensating)
        .when(reply: Declined(orderId: "o-1", reason: "no funds"))
        .then(published: "OrderCancelled", with: ["reason": "cancelled by the customer"])
        .when(Cancel(orderId: "o-1")).then(.late)
    }
  }

  @Test("What is made up fits the schema, where a schema can be fitted without thought")
  func madeUp() throws {
    let schema = """
      { "type": "object", "required": ["id", "when", "day", "kind", "size", "tags", "inner", "flag", "rate", "long"],
        "properties": {
          "id": { "type": "string" }, "when": { "type": "string", "format": "date-time" },
          "day": { "type": "string", "format": "date" }, "kind": { "enum": ["a", "b"] },
          "size": { "type": "integer", "minimum": 3 }, "tags": { "type": "array", "minItems": 2, "items": { "const": 7 } },
          "inner": { "type": "object", "required": ["x"], "properties": { "x": { "type": ["null", "string"] } } },
          "flag": { "type": "boolean" }, "rate": { "type": "number", "exclusiveMinimum": 0.5, "maximum": 1 },
          "long": { "anyOf": [{ "type": "string", "minLength": 6 }] } } }
      """
    let definition = """
      { "saga": "sample", "version": 1,
        "messages": { "Begun": { "key": "event.data.id", "schema": \(schema) } },
        "start": { "Begun": {} },
        "steps": [ { "publish": { "Done": { "id": "saga.key" } }, "undo": "none" } ] }
      """
    let test = try SagaTest(SagaDefinitions(sources: [("sample.json", Array(definition.utf8))]))
    try test.when("Begun").then(published: "Done", with: ["id": "id"]).then(status: .completed, key: "id")
    let event = try #require(try test.recorded().rows.first?["cause"]?["event"]?["data"])
    let expected: JSON = [
      "id": "id", "when": "2026-01-05T09:00:00.000Z", "day": "2026-01-05", "kind": "a", "size": 3, "tags": [7, 7],
      "inner": ["x": .null], "flag": false, "rate": 1, "long": "longxx",
    ]
    #expect(event.isEquivalent(to: expected), "\(event)")
  }

  /// What a test that must fail says.
  private func failure(_ body: (SagaTest) throws -> Void) throws -> SagaTestFailure {
    try #require(throws: SagaTestFailure.self) { try SagaTest.run(Shipped.orders, body) }
  }

  @Test("An effect that no one names fails the test, also when everything else is right")
  func forgotten() throws {
    let failure = try failure { saga in
      try saga.given("OrderPlaced", Self.order).when(reply: "PaymentDeclined").then(status: .compensated)
    }
    #expect(failure.expectation == "nothing else; name it or `ignore` it")
    #expect(failure.found.hasPrefix("published OrderCancelled {"))
    #expect(failure.place.hasPrefix("SagaTestTests.swift:"))
  }

  @Test("A wrong payload is told member by member, with the history so far")
  func wrongPayload() throws {
    let failure = try failure { saga in
      try saga.given("OrderPlaced", Self.order).then(sent: "ChargePayment", with: ["amountCents": 500, "tip": 1])
    }
    #expect(failure.found == "amountCents is 700, expected 500; tip is missing, expected 1")
    #expect(failure.description.contains("order-fulfillment o-1: running"))
    #expect(failure.description.contains("→ processPayment: ChargePayment → payments"))
  }

  @Test("Each expectation that does not hold says what is there instead")
  func mismatches() throws {
    let expectations: [(body: (SagaTest) throws -> Void, found: String)] = [
      ({ try $0.then(status: .completed) }, "running"), ({ try $0.then(state: "done") }, "state working"),
      ({ try $0.then(owes: ["processPayment"]) }, "[]"), ({ try $0.then(waitsIn: []) }, "[\"processPayment\"]"),
      ({ try $0.then(data: ["totalCents": 1]) }, "totalCents is 700, expected 1"),
      ({ try $0.then(.late) }, "started"), ({ try $0.then(status: .running, key: "o-2") }, "none"),
      ({ try $0.then(sent: "ChargePayment", to: "bank") }, "sent ChargePayment to payments {"),
      ({ try $0.then(published: "OrderShipped") }, "sent ChargePayment to payments {"),
      ({ try $0.then(deadLetter: "x") }, "sent ChargePayment to payments {"),
      ({ try $0.when(reply: "PaymentCharged", to: "ship") }, "processPayment: ChargePayment"),
      ({ try $0.when(reply: "StockReserved") }, "processPayment: ChargePayment"),
      ({ try $0.when("OrderPlacd") }, "OrderPlacd; they take "), ({ try $0.when(after: "soon") }, "\"soon\""),
      ({ try $0.when(operator: .resume) }, "unchanged"),
    ]
    for expectation in expectations {
      let failure = try failure { try expectation.body($0.given("OrderPlaced", Self.order)) }
      #expect(failure.found.hasPrefix(expectation.found), "\(failure)")
    }
  }
}
