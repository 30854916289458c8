import SagaCore
import SagaRuntime
import Testing

@testable import SagaSimulation

@Suite("Simulated participants")
struct ParticipantTests {
  private static let file = "Fixtures/definitions/unsafe/refused-release.fixed.json"

  private func command(_ type: String, key: String, undoes: String? = nil, attempt: Int = 1) -> CloudEvent {
    var event = CloudEvent(
      id: "\(key)-\(attempt)", source: "/sagas/refused-release/o-1", type: type, data: ["orderId": "o-1"])
    event.idempotencykey = key
    event.undoes = undoes
    return event
  }

  @Test("refuse an undo that they have refused for as long as it comes under its key, and do it under another")
  func refusedUndo() throws {
    let loaded = LoadedDefinition.load(source: try Repository.read(Self.file), file: Self.file)
    let model = ParticipantModel([try #require(loaded.definition)], scenario: nil)
    var participants = SimulatedParticipants(model: model, temper: .honest)

    func answers(_ command: CloudEvent, _ choices: Choices = .recorded([])) throws -> [String] {
      try participants.receive(command, destination: "stock", order: 0, choices, 0).map(\.event.type)
    }
    #expect(try answers(command("ReserveStock", key: "action")) == ["StockReserved"])
    let alternatives = model.alternatives(destination: "stock", type: "ReleaseStock")
    let found = alternatives.firstIndex { $0.kind == .refusedUndo }
    let refusal = try #require(found)
    let choice = Choice(
      label: .outcome, stream: 0, index: 0, count: UInt32(alternatives.count), value: UInt32(refusal))
    let first = command("ReleaseStock", key: "first", undoes: "action")
    #expect(try answers(first, .recorded([choice])) == ["ReleaseRefused"])
    // They are honest, and would release it now.
    for attempt in 2...3 {
      let again = command("ReleaseStock", key: "first", undoes: "action", attempt: attempt)
      #expect(try answers(again) == ["ReleaseRefused"])
    }
    #expect(participants.ledger["action"]?.effect == .done)
    #expect(try answers(command("ReleaseStock", key: "second", undoes: "action")) == ["StockReleased"])
    #expect(participants.ledger["action"]?.effect == .undone)
    #expect(participants.ledger["action"]?.undoKeys == ["second"])
  }
}
