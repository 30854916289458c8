import SagaCore
import SagaRuntime
import Testing

@testable import SagaSimulation

@Suite("Anomalies between sagas")
struct IsolationTests {
  static func resource() throws -> SharedResource {
    let scenario = """
      { "participants": {}, "resources": {
        "stock": { "key": "command.data.sku", "writes": ["Reserve", "Release"], "reads": ["Look"] } } }
      """
    return try #require(
      try SimulationScenario(source: Array(scenario.utf8), file: "test.scenario.json").resources.first)
  }

  /// What participants did, in order: who, what, on which item, and when it was taken back.
  static func ledger(_ done: [(saga: String, command: String, sku: String, undone: Int?)]) -> ParticipantLedger {
    var ledger = ParticipantLedger()
    for (order, one) in done.enumerated() {
      var entry = ParticipantLedger.Entry(
        key: "k\(order)", destination: "inventory", command: one.command, source: one.saga, sagaKey: one.saga,
        data: ["sku": .string(one.sku)], effect: one.undone == nil ? .done : .undone, order: order * 10)
      entry.undoneOrder = one.undone
      ledger[entry.key] = entry
    }
    return ledger
  }

  static func found(_ done: [(saga: String, command: String, sku: String, undone: Int?)]) throws -> [String] {
    try IsolationAudit.anomalies(of: try resource(), in: ledger(done)).map { "\($0.count) \($0.name)" }
  }

  @Test("Reading what another saga wrote and later took back is a dirty read")
  func dirtyRead() throws {
    #expect(try Self.found([("a", "Reserve", "x", 50), ("b", "Look", "x", nil)]) == ["1 dirty read of stock"])
    #expect(try Self.found([("a", "Reserve", "x", 5), ("b", "Look", "x", nil)]) == [])
    #expect(try Self.found([("a", "Reserve", "x", 50), ("b", "Look", "y", nil)]) == [])
    #expect(try Self.found([("a", "Reserve", "x", 50), ("a", "Look", "x", nil)]) == [])
  }

  @Test("Writing over another saga's write on the strength of an earlier look is a lost update")
  func lostUpdate() throws {
    let lost = try Self.found([("a", "Look", "x", nil), ("b", "Reserve", "x", nil), ("a", "Reserve", "x", nil)])
    #expect(lost == ["1 lost update of stock"])
  }

  @Test("Looking twice with another saga's write between is a fuzzy read")
  func fuzzyRead() throws {
    let fuzzy = try Self.found([("a", "Look", "x", nil), ("b", "Reserve", "x", nil), ("a", "Look", "x", nil)])
    #expect(fuzzy == ["1 fuzzy read of stock"])
    #expect(try Self.found([("a", "Look", "x", nil), ("b", "Look", "x", nil), ("a", "Look", "x", nil)]) == [])
  }

  @Test("A resource without a key is refused with its place")
  func wrong() throws {
    let scenario = Array("{ \"participants\": {}, \"resources\": { \"stock\": { \"writes\": [] } } }".utf8)
    #expect(throws: ScenarioError.self) { try SimulationScenario(source: scenario, file: "test.scenario.json") }
  }
}
