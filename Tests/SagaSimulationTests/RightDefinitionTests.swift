import Foundation
import SagaCore
import SagaSimulation
import Testing

/// Definitions that are right, at the edges of what oracles can tell: an oracle that accuses the innocent is worse than none.
@Suite("Right definitions")
struct RightDefinitionTests {
  static let folder = "Fixtures/definitions/right"
  static let names: [String] = {
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: Repository.root.appendingPathComponent(folder).path)
    return (files ?? []).filter { $0.hasSuffix(".json") && !$0.hasSuffix(".scenario.json") }.map {
      String($0.dropLast(5))
    }
    .sorted()
  }()

  @Test("There are enough of them")
  func enough() { #expect(Self.names.count >= 26) }

  @Test("Each passes the check, and no oracle accuses it", arguments: names)
  func right(name: String) throws {
    let loaded = LoadedDefinition.load(source: try Repository.read("\(Self.folder)/\(name).json"), file: "\(name).json")
    #expect(loaded.diagnostics.filter { $0.severity == .error }.isEmpty)
    let path = "\(Self.folder)/\(name).scenario.json"
    let given = FileManager.default.fileExists(atPath: Repository.root.appendingPathComponent(path).path)
    let scenario = try given ? SimulationScenario(source: Repository.read(path), file: path) : SimulationScenario()
    let simulation = Simulation(try SimulationSetup([loaded], scenario: scenario))
    for seed in 0..<UInt64(250) {
      let outcome = try simulation.run(seed: seed)
      #expect(outcome.violation == nil, "seed \(seed)")
    }
    #expect(!simulation.coverage.endings.isEmpty)
  }
}
