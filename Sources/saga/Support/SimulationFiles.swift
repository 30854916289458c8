import Foundation
import SagaCore
import SagaRuntime
import SagaSQLiteFaults
import SagaSimulation

/// Definitions and scenarios as the simulating commands need them.
enum SimulationFiles {
  /// What is simulated, and the files that it was read from.
  struct Loaded {
    var setup: SimulationSetup
    var definitions: [Trace.File]
    var scenario: Trace.File?
  }

  /// - Parameter scenario: a scenario file; nil for the one beside a single definition, if there is one.
  /// - Throws: `Failure` naming the file and the cause.
  static func load(_ paths: [String], scenario: String?) throws -> Loaded {
    let loaded = try Definitions.loadWorld(paths)
    let definitions = loaded.compactMap(\.definition)
    let files = definitions.map(\.file)
    let read = try self.scenario(scenario, for: definitions)
    let setup: SimulationSetup
    do throws(SimulationError) { setup = try SimulationSetup(loaded, scenario: read.scenario) } catch {
      throw Failure.bad("\(files.joined(separator: ", ")): \(error)")
    }
    return Loaded(setup: setup, definitions: try files.map(file), scenario: try read.file.map(file))
  }

  /// The scenario that is named, or else the one beside a single definition; nothing where there is neither. Says what it names and
  /// the definitions do not know.
  ///
  /// - Throws: `Failure` naming the file and the place.
  static func scenario(_ named: String?, for definitions: [Definition]) throws -> (
    scenario: SimulationScenario, file: String?
  ) {
    let beside = definitions.count == 1 ? scenario(beside: definitions[0].file) : nil
    guard let path = named ?? beside else { return (SimulationScenario(), nil) }
    do {
      let source = try Files.read(path)
      let scenario = try SimulationScenario(source: source, file: path)
      ScenarioFindings.warn(try ScenarioPart(source: source, file: path), definitions: definitions)
      return (scenario, path)
    } catch let error as ScenarioError {
      throw Failure.bad("\(error)")
    }
  }

  /// `orders.scenario.json` beside `orders.json`; nil where there is none.
  static func scenario(beside definition: String) -> String? {
    guard definition.hasSuffix(".json") else { return nil }
    let path = String(definition.dropLast(".json".count)) + ".scenario.json"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  static func file(_ path: String) throws -> Trace.File {
    Trace.File(path: path, sha256: Digest.sha256(try Files.read(path)))
  }

  /// A simulation on a kind of store.
  ///
  /// - Throws: `Failure` for a kind that there is not.
  static func simulation(_ setup: SimulationSetup, _ options: SimulationOptions, store: String) throws -> Simulation {
    let storage: () throws -> any SimulatedStorage
    switch store {
    case "memory": storage = { MemoryStorage() }
    case "sqlite": storage = { try SQLiteStorage() }
    default: throw Failure.bad("there is no simulated store '\(store)'; there are memory and sqlite")
    }
    #if SAGA_MUTANTS
      if UndeterminedStorage.isAskedFor {
        return Simulation(setup, options: options) { _, choices in UndeterminedStorage(try storage(), choices) }
      }
    #endif
    return Simulation(setup, options: options) { _, _ in try storage() }
  }

  /// The kinds of faults that `--faults` names: a list, or `all`, `none`, or `all` less some (`all,-disk`).
  ///
  /// - Throws: `Failure` (usage) naming what is unknown, and where nothing is left without `none`.
  static func faults(_ text: String) throws -> Set<FaultKind> {
    var chosen: Set<FaultKind> = []
    let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    for part in parts {
      if part == "all" {
        chosen = Set(FaultKind.allCases)
      } else if part == "none" {
        chosen = []
      } else if part.hasPrefix("-"), let kind = FaultKind(rawValue: String(part.dropFirst())) {
        chosen.remove(kind)
      } else if let kind = FaultKind(rawValue: part) {
        chosen.insert(kind)
      } else {
        let names = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure.usage("--faults: there is no fault '\(part)'; there are \(names), and all, none, -NAME")
      }
    }
    // A variable of a shell that is not set would pass for worlds in which nothing goes wrong.
    guard !chosen.isEmpty || parts.contains("none") else {
      throw Failure.usage(
        "--faults: '\(text)' names no fault; write none to run without faults, all, or a list of them")
    }
    return chosen
  }
}
