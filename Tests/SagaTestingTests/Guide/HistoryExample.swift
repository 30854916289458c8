import SagaRuntime
import SagaTesting
import Testing

@Suite("Recorded orders")
struct HistoryExample {
  @Test("are decided as they were", arguments: ["o-1", "o-4"])
  func replay(_ order: String) throws {
    let history = try GoldenHistory(path: "Fixtures/histories/order-fulfillment/\(order).jsonl")
    let differences = try history.replay(against: SagaDefinitions(at: ["sagas/order-fulfillment.json"]))
    #expect(differences.isEmpty, "\(differences.map(\.description).joined(separator: "\n"))")
  }
}
