import Foundation
import SagaCore
import SagaRuntime
import SagaSQLiteFaults
import SagaSimulation

/// The simulator and the explorer: how many worlds and states in a second of processor time, on one core.
struct SimulationRounds {
  private let order: [LoadedDefinition]
  private let claims: [LoadedDefinition]
  private let scenario: SimulationScenario
  /// Seeds go on from round to round, so that no two rounds run the same worlds.
  private var next: UInt64 = 0

  init() throws {
    order = [try Workload.definition("order-fulfillment")]
    claims = [try Workload.definition("expense-claims")]
    // The participants of the scenario, and three made-up orders in each world instead of the scenario's own.
    var scenario = SimulationScenario()
    let path = "sagas/order-fulfillment.scenario.json"
    scenario.participants = try Scenario(source: try Workload.read(path), file: path)
    self.scenario = scenario
  }

  /// Worlds per second: three orders, every fault, every oracle.
  mutating func seedsPerSecond(seconds: Double, onSQLite: Bool) throws -> Double {
    let setup = try SimulationSetup(order, scenario: scenario)
    let simulation =
      onSQLite ? Simulation(setup) { _, _ in try SQLiteStorage() } : Simulation(setup)
    let stopwatch = Stopwatch()
    var count = 0
    while stopwatch.processorTime < seconds {
      let outcome = try simulation.run(seed: next)
      if let violation = outcome.violation { throw BenchmarkError("seed \(next) breaks \(violation)") }
      next += 1
      count += 1
    }
    return Double(count) / stopwatch.processorTime
  }

  /// Milliseconds that one saga of 800 days takes, from its first message to its end by timeout.
  func millisecondsPerLongSaga(seconds: Double) throws -> Double {
    var options = SimulationOptions()
    options.faults = []
    options.sagas = 1
    let simulation = Simulation(try SimulationSetup(claims, scenario: SimulationScenario()), options: options)
    let stopwatch = Stopwatch()
    var count = 0
    while stopwatch.processorTime < seconds {
      if let violation = try simulation.run(seed: UInt64(count)).violation { throw BenchmarkError("\(violation)") }
      count += 1
    }
    return stopwatch.processorTime * 1000 / Double(count)
  }

  /// Distinct states per second of two-phase commit, whose number is published: 7 resource managers 296,448; 8: 1,745,408.
  func twoPhaseStatesPerSecond(resourceManagers: Int, published: Int) throws -> Double {
    let stopwatch = Stopwatch()
    let result = TwoPhaseCommit(resourceManagers: resourceManagers).explore()
    guard result.verdict == .exhausted, result.distinctStates == published else {
      throw BenchmarkError(
        "two-phase commit with \(resourceManagers) has \(result.distinctStates) states; published are \(published)")
    }
    return Double(result.distinctStates) / stopwatch.processorTime
  }

  /// Distinct states per second of the order saga within 1 duplicate, 1 loss, 1 crash and 1 timeout.
  func sagaStatesPerSecond() throws -> Double {
    var bounds = ExplorationBounds()
    bounds.duplicates = 1
    bounds.timeouts = 1
    let stopwatch = Stopwatch()
    let result = try SagaExplorer(order, bounds: bounds).run()
    guard result.search.verdict == .exhausted else { throw BenchmarkError("not exhausted: \(result.search.verdict)") }
    return Double(result.search.distinctStates) / stopwatch.processorTime
  }
}
