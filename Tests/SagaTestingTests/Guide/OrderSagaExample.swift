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
