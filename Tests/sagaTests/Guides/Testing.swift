// The snippets of docs/guides/testing.md. GuideTests sees to it that they are here, word for word.
import SagaCore
import SagaRuntime
import SagaTesting
import Testing

@Suite("The order saga")
struct OrderSagaExample {
  let saga = "sagas/order-fulfillment.json"

  @Test("gives the money back when the stock runs out")
  func outOfStock() throws {
    try SagaTest.run(saga) { saga in
      try saga
        .given("OrderPlaced", ["orderId": "o-1", "totalCents": 700, "items": [["sku": "tea", "quantity": 2]]])
        .given(reply: "PaymentCharged", ["paymentId": "p-1"])
        .given(reply: "FraudCleared")
        .when(reply: "OutOfStock", to: "reserveStock[0]")
        .then(sent: "RefundPayment", to: "payments", with: ["paymentId": "p-1"])
        .then(status: .compensating)
        .when(reply: "PaymentRefunded")
        .then(published: "OrderCancelled", with: ["reason": "out of stock: tea"])
        .then(status: .compensated)
    }
  }

  @Test("asks again for a payment that nobody answered, and survives a crash meanwhile")
  func silence() throws {
    try SagaTest.run(saga) { saga in
      try saga
        .given("OrderPlaced", ["orderId": "o-1"])
        .when(.crash)
        .when(after: "33s")
        .then(sent: "ChargePayment", with: ["orderId": "o-1"])
        .then(waitsIn: ["processPayment"])
        .when(.duplicate)
        .then(.duplicate)
    }
  }
}

/// A payment provider that a test can ask what it holds.
actor Provider {
  private var charges: [String: Int64] = [:]
  var cents: Int { Int(charges.values.reduce(0, +)) }
  func charge(_ key: String, _ cents: Int64) { charges[key] = cents }
  func refund(_ key: String) { charges[key] = nil }
}

struct ChargePayment: Codable, Sendable {
  var orderId: String
  var amountCents: Int64
}

struct RefundPayment: Codable, Sendable {
  var orderId: String
}

/// The participant of the service: it gives the provider the keys that it is given.
func payments(_ provider: Provider) -> Participant {
  var payments = Participant("payments")
  payments.handle("ChargePayment", as: ChargePayment.self) { charge, context in
    guard charge.amountCents < 100_000 else {
      return .declined("PaymentDeclined", ["orderId": .string(charge.orderId), "reason": "over the limit"])
    }
    await provider.charge(context.idempotencyKey, charge.amountCents)
    let paymentId = "pay-" + context.idempotencyKey
    return .done("PaymentCharged", ["orderId": .string(charge.orderId), "paymentId": .string(paymentId)])
  }
  payments.undo("RefundPayment", as: RefundPayment.self) { refund, _ in
    .done("PaymentRefunded", ["orderId": .string(refund.orderId)])
  } _: { refund, context in
    if let action = context.undoes { await provider.refund(action) }
    return .done("PaymentRefunded", ["orderId": .string(refund.orderId)])
  }
  return payments
}

@Suite("Payments")
struct PaymentsExample {
  @Test("keep the contract of participants", arguments: ParticipantConformance.checks)
  func conformance(_ check: ParticipantConformance.Check) async throws {
    let provider = Provider()
    let charge = CommandSample(
      "ChargePayment", undo: "RefundPayment",
      payload: { ["orderId": .string($0), "amountCents": 700] },
      undoPayload: { order, _ in ["orderId": .string(order)] },
      declined: { ["orderId": .string($0), "amountCents": 200_000] },
      effect: { _ in await provider.cents }
    )
    let definitions = try SagaDefinitions(at: ["sagas/order-fulfillment.json"])
    try await check.run(ParticipantHarness(commands: [charge], definitions: definitions) { payments(provider) })
  }
}

@Suite("Recorded orders")
struct HistoryExample {
  @Test("are decided as they were", arguments: ["o-1", "o-4"])
  func replay(_ order: String) throws {
    let history = try GoldenHistory(path: "Fixtures/histories/order-fulfillment/\(order).jsonl")
    let differences = try history.replay(against: SagaDefinitions(at: ["sagas/order-fulfillment.json"]))
    #expect(differences.isEmpty, "\(differences.map(\.description).joined(separator: "\n"))")
  }
}
