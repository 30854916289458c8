import SagaCore
import SagaRuntime
import SagaSQLite
import SagaTesting
import Testing

extension ParticipantConformance.Check: CustomTestStringConvertible {
  public var testDescription: String { name }
}

@Suite("A participant whose effect is rows beside the engine's")
struct ParticipantConformanceTests {
  private let folder = Folder()

  @Test("passes the conformance suite", arguments: ParticipantConformance.checks)
  func passes(_ check: ParticipantConformance.Check) async throws {
    let charge = CommandSample(
      "Charge", undo: "Refund", payload: { ["orderId": .string($0), "cents": 700] },
      declined: { ["orderId": .string($0), "cents": 5000] },
      effect: { engine in try await Shop.bookings(engine).reduce(0) { $0 + Int($1) } }
    )
    let database = folder.database
    let harness = ParticipantHarness(commands: [charge], definitions: try Shop.definitions()) {
      .sqlite(database, options: Folder.options)
    } make: {
      Shop.payments()
    }
    await #expect(throws: Never.self) { try await check.run(harness) }
  }
}
