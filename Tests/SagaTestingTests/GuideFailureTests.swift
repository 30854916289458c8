import Foundation
import SagaTesting
import Testing

@Suite("The guide to testing")
struct GuideFailureTests {
  @Test("its failures read as they stand there")
  func failures() async throws {
    let guide = try String(
      contentsOf: Shipped.repository.appendingPathComponent("docs/guides/testing.md"), encoding: .utf8)
    let story = try #require(throws: SagaTestFailure.self) {
      try SagaTest.run(Shipped.orders) { saga in
        try saga.given("OrderPlaced", ["orderId": "o-1", "items": [["sku": "tea", "quantity": 2]]])
          .given(reply: "PaymentCharged", ["paymentId": "p-1"]).given(reply: "FraudCleared")
          .when(reply: "OutOfStock").then(sent: "RefundPayment", to: "payments", with: ["paymentId": "p-2"])
      }
    }
    let lines = story.description.split(separator: "\n")
    #expect(lines[0].contains(": expected RefundPayment to be sent to payments with {\"paymentId\":\"p-2\"}"))
    // The first line names the file of the test; what follows is in the guide to the letter.
    #expect(guide.contains(lines[1...6].joined(separator: "\n")))

    let mistake = "it moves money without giving the idempotency key"
    let wrong = try #require(WrongHandler.all.first { $0.mistake == mistake })
    var payments = Payments(Bank())
    wrong.spoil(&payments)
    let harness = try payments.harness()
    let check = try #require(ParticipantConformance.checks.first { $0.name == wrong.rule })
    let failure = await #expect(throws: ConformanceFailure.self) { try await check.run(harness) }
    #expect(guide.contains(failure?.description ?? "no failure"))
  }
}
