import SagaCore
import SagaSimulation
import Testing

/// Definitions that `saga check` accepts and that are wrong: what each must be caught for, and that its mend helps.
@Suite("Unsafe definitions")
struct UnsafeDefinitionTests {
  struct Entry: Sendable, CustomTestStringConvertible {
    var name: String
    /// The oracle that must break, or the beginning of its name.
    var oracle: String
    /// It breaks within so many.
    var seeds: UInt64
    /// Other definitions that are simulated with it.
    var others: [String]
    /// Where the world never comes to rest: after how many events it is seen.
    var maximumEvents: Int?
    var hasMend: Bool
    /// Why `saga explore` does not see it; nil where it does.
    var notExplored: String?
    /// Why its search ends at a bound and finds nothing until there; nil where it does not.
    var onlyBounded: String?
    var testDescription: String { name }
  }

  static let folder = "Fixtures/definitions/unsafe"
  /// Seeds for a mended definition.
  static let mendedSeeds: UInt64 = 200

  static let entries: [Entry] = {
    guard let source = try? Repository.read("\(folder)/expected.json"),
      let json = try? JSONParser.parse(source, limits: .definition),
      let members = json.objectValue
    else { return [] }
    return members.map { name, json in
      Entry(
        name: name, oracle: json["oracle"]?.stringValue ?? "", seeds: UInt64(json["seeds"]?.intValue ?? 0),
        others: json["with"]?.arrayValue?.compactMap(\.stringValue) ?? [],
        maximumEvents: json["events"]?.intValue.map(Int.init),
        hasMend: (try? Repository.read("\(folder)/\(name).fixed.json")) != nil,
        notExplored: json["notExplored"]?.stringValue, onlyBounded: json["onlyBounded"]?.stringValue)
    }
  }()

  static func load(_ file: String) throws -> LoadedDefinition {
    LoadedDefinition.load(source: try Repository.read("\(folder)/\(file)"), file: file)
  }

  static func scenario(of entry: Entry) throws -> SimulationScenario {
    let path = "\(folder)/\(entry.name).scenario.json"
    guard let source = try? Repository.read(path) else { return SimulationScenario() }
    return try SimulationScenario(source: source, file: path)
  }

  static func simulation(of file: String, _ entry: Entry) throws -> Simulation {
    let loaded = try ([file] + entry.others).map { try load($0) }
    var options = SimulationOptions()
    if let events = entry.maximumEvents { options.maximumEvents = events }
    return Simulation(try SimulationSetup(loaded, scenario: scenario(of: entry)), options: options)
  }

  @Test("There are enough of them, and of mends")
  func enough() {
    #expect(Self.entries.count >= 24)
    #expect(Self.entries.filter(\.hasMend).count * 2 >= Self.entries.count)
  }

  @Test("The check accepts each, and its mend", arguments: entries)
  func accepted(entry: Entry) throws {
    for file in ["\(entry.name).json"] + entry.others + (entry.hasMend ? ["\(entry.name).fixed.json"] : []) {
      let errors = try Self.load(file).diagnostics.filter { $0.severity == .error }
      #expect(errors.isEmpty, "\(file): \(errors)")
    }
  }

  @Test("Each is caught for what is wrong with it", arguments: entries)
  func caught(entry: Entry) throws {
    let simulation = try Self.simulation(of: "\(entry.name).json", entry)
    for seed in 0..<entry.seeds {
      guard let violation = try simulation.run(seed: seed).violation else { continue }
      #expect(violation.oracle.hasPrefix(entry.oracle), "seed \(seed): \(violation)")
      return
    }
    Issue.record("\(entry.name) is not caught within \(entry.seeds) seeds")
  }

  @Test(
    "saga explore finds each within its bounds, says that these do not suffice, or it is known why not",
    arguments: entries)
  func explored(entry: Entry) throws {
    let verdict = try Self.verdict(on: "\(entry.name).json", entry)
    switch verdict {
    case .exhausted: #expect(entry.notExplored != nil, "nothing is found")
    case .bounded: #expect(entry.onlyBounded != nil, "nothing is found until a bound")
    case .violated:
      let reason = entry.notExplored ?? entry.onlyBounded
      #expect(reason == nil, "it is seen, although it has \(reason ?? "")")
    }
  }

  @Test("saga explore finds nothing in a mend", arguments: entries.filter(\.hasMend))
  func exploredMend(entry: Entry) throws {
    if case .violated(let found) = try Self.verdict(on: "\(entry.name).fixed.json", entry) {
      Issue.record("\(found.property): \(found.steps)")
    }
  }

  private static func verdict(on file: String, _ entry: Entry) throws -> Exploration.Verdict {
    let loaded = try ([file] + entry.others).map { try load($0) }
    var bounds = ExplorationBounds()
    bounds.states = 3_000
    return try SagaExplorer(loaded, scenario: scenario(of: entry), bounds: bounds).run().search.verdict
  }

  @Test("The mend of each helps", arguments: entries.filter(\.hasMend))
  func mended(entry: Entry) throws {
    let simulation = try Self.simulation(of: "\(entry.name).fixed.json", entry)
    for seed in 0..<Self.mendedSeeds {
      let violation = try simulation.run(seed: seed).violation
      #expect(violation == nil, "seed \(seed)")
      if violation != nil { return }
    }
  }
}
