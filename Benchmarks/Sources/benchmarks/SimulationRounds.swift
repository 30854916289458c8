import Foundation
import SagaCore
import SagaRuntime
import SagaSQLiteFaults
import SagaSimulation

/// The simulator and the explorer: how many worlds and states in a second of processor time, on one core.
struct SimulationRounds {
  private let order: [LoadedDefinition]
  /// Claims that nothing is heard of for thirty days: the times of the shipped saga, made shorter.
  private let claims: [LoadedDefinition]
  private let scenario: SimulationScenario
  /// Seeds go on from round to round, so that no two rounds run the same worlds.
  private var next: UInt64 = 0

  init() throws {
    order = [try Workload.definition("order-fulfillment")]
    let days = String(decoding: try Workload.read("sagas/expense-claims.json"), as: UTF8.self)
    guard days.contains("\"800d\"") else { throw BenchmarkError("expense-claims.json has no timeout of 800d any more") }
    claims = [
      try Workload.definition(
        Array(days.replacingOccurrences(of: "\"800d\"", with: "\"30d\"").utf8), file: "expense-claims.json")
    ]
    // The participants of the scenario, and three made-up orders in each world instead of the scenario's own.
    var scenario = SimulationScenario()
    let path = "sagas/order-fulfillment.scenario.json"
    scenario.participants = try Scenario(source: try Workload.read(path), file: path)
    self.scenario = scenario
  }

  /// Worlds, and things that happen in them, per second: three orders, every fault, every oracle.
  mutating func worldsPerSecond(seconds: Double, onSQLite: Bool) throws -> (seeds: Double, events: Double) {
    let setup = try SimulationSetup(order, scenario: scenario)
    let simulation =
      onSQLite ? Simulation(setup) { _, _ in try SQLiteStorage() } : Simulation(setup)
    let stopwatch = Stopwatch()
    var count = 0
    var events = 0
    while stopwatch.processorTime < seconds {
      let outcome = try simulation.run(seed: next)
      if let violation = outcome.violation { throw BenchmarkError("seed \(next) breaks \(violation)") }
      next += 1
      count += 1
      events += outcome.events
    }
    let time = stopwatch.processorTime
    return (Double(count) / time, Double(events) / time)
  }

  /// Milliseconds that one saga of 30 days takes, from its first message to its end by timeout.
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

  /// Distinct states per second of a shipped saga within the explorer's own bounds, with the scenario beside it.
  ///
  /// - Parameter states: how many there are; another number is another search.
  func sagaStatesPerSecond(_ name: String, states: Int) throws -> Double {
    let path = "sagas/\(name).scenario.json"
    let scenario = try SimulationScenario(source: try Workload.read(path), file: path)
    let stopwatch = Stopwatch()
    let result = try SagaExplorer([try Workload.definition(name)], scenario: scenario).run()
    guard result.search.verdict == .exhausted, result.search.distinctStates == states else {
      throw BenchmarkError(
        "\(name): \(result.search.verdict) at \(result.search.distinctStates) states; there were \(states)")
    }
    return Double(result.search.distinctStates) / stopwatch.processorTime
  }

  /// The shipped sagas and how many states each has.
  static let explored = [
    ("order-fulfillment", 541_778), ("order-choreography", 2_021_008), ("travel-booking", 1_917_584),
    ("expense-claims", 77_249),
  ]
}

extension SimulationRounds {
  static func section(_ options: Options, goals: inout GoalTable) throws -> Section {
    let seconds = options.seconds
    var rounds = try SimulationRounds()
    Benchmarks.note("simulating and exploring…")
    // Seeds and events are two figures of the same worlds.
    var worlds: [Bool: (seeds: Double, events: Double)] = [:]
    var measurements: [(name: String, unit: String, measure: () throws -> Double)] = []
    for (name, onSQLite) in [("in memory", false), ("SQLite on a simulated disk", true)] {
      measurements += [
        (
          "3 orders, all faults and oracles, \(name)", "seeds/s",
          {
            let measured = try rounds.worldsPerSecond(seconds: seconds, onSQLite: onSQLite)
            worlds[onSQLite] = measured
            return measured.seeds
          }
        ), ("  what happens in them", "events/s", { worlds[onSQLite]?.events ?? .nan }),
      ]
    }
    measurements.append(
      (
        "a saga of 30 days, from start to timeout", "ms", { try rounds.millisecondsPerLongSaga(seconds: seconds / 4) }
      ))
    for (name, states) in SimulationRounds.explored {
      measurements.append(
        (
          "\(name) explored: \(Report.whole(Double(states))) states", "states/s",
          { try rounds.sagaStatesPerSecond(name, states: states) }
        ))
    }
    for (managers, states) in [(7, 296_448), (8, 1_745_408)] {
      measurements.append(
        (
          "two-phase commit, \(managers) managers: \(Report.whole(Double(states))) states", "states/s",
          { try rounds.twoPhaseStatesPerSecond(resourceManagers: managers, published: states) }
        ))
    }
    let section = try Section(
      id: "simulation", title: "simulation and exploration, processor time of one core", rounds: options.rounds,
      measurements)
    let goalsByPlace: [(Goal, Int)] = [
      (.worldsInMemory, 0), (.worldsOnSQLite, 2), (.longSaga, 4), (.statesOfOrchestration, 5),
      (.statesOfChoreography, 6),
    ]
    for (goal, place) in goalsByPlace { goals.record(goal, section.measurements[place].samples) }
    return section
  }
}
