import SagaCore
import SagaRuntime
import SagaSimulation
import Testing
import Foundation

/// Files of the repository.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: root.appendingPathComponent(path))) }

  static func setup(_ name: String, scenario: Bool = true) throws -> SimulationSetup {
    let loaded = LoadedDefinition.load(source: try read("sagas/\(name).json"), file: "\(name).json")
    let file = scenario ? "sagas/\(name).scenario.json" : nil
    return try SimulationSetup(
      [loaded], scenario: try file.map { try SimulationScenario(source: try read($0), file: $0) } ?? SimulationScenario())
  }
}

@Suite("Simulation")
struct SimulationTests {
  static let sagas = ["order-fulfillment", "order-choreography", "travel-booking", "expense-claims"]

  @Test("A world without faults completes every saga", arguments: sagas)
  func peaceful(name: String) throws {
    var options = SimulationOptions()
    options.faults = []
    let simulation = Simulation(try Repository.setup(name, scenario: false), options: options)
    let outcome = try simulation.replay([], isTelling: true)
    #expect(outcome.violation == nil)
    if let violation = outcome.violation { for entry in outcome.story { print(entry) }; print(violation) }
  }

  @Test("Shipped sagas hold under every fault", arguments: sagas)
  func shipped(name: String) throws {
    let simulation = Simulation(try Repository.setup(name))
    var failures: [String: (UInt64, Int)] = [:]
    for seed in 0..<UInt64(300) {
      let outcome = try simulation.run(seed: seed)
      if let violation = outcome.violation { failures[violation.oracle, default: (seed, 0)].1 += 1; if failures[violation.oracle]!.1 < 4 { print(name, seed, violation) } }
    }
    print(name, failures)
    print(simulation.coverage.endings, simulation.coverage.outcomes)
    #expect(failures.isEmpty)
  }
}
