import Foundation
import SagaCore
import SagaSimulation
import Testing

/// Traces of runs that once broke, or that reach what few seeds do: `Fixtures/seeds`.
@Suite("Kept traces")
struct KeptTraceTests {
  static let folder = "Fixtures/seeds"

  struct Kept: Sendable, CustomTestStringConvertible {
    var name: String
    /// What it breaks on in an engine with this deliberate bug.
    var mutant: String
    var file: String { "\(KeptTraceTests.folder)/\(name).trace.json" }
    var testDescription: String { name }

    func trace() throws -> Trace {
      try Trace(json: try JSONParser.parse(try Repository.read(file), limits: .definition))
    }
  }

  static let kept: [Kept] = {
    guard let source = try? Repository.read("\(folder)/kept.json"),
      let members = try? JSONParser.parse(source, limits: .definition).objectValue
    else { return [] }
    return members.map { Kept(name: $0, mutant: $1["mutant"]?.stringValue ?? "") }
  }()

  @Test("are all named with what they are kept for")
  func complete() throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Repository.root.appendingPathComponent(Self.folder).path)
    let traces = files.filter { $0.hasSuffix(".trace.json") }.map { String($0.dropLast(".trace.json".count)) }
    #expect(!traces.isEmpty)
    #expect(traces.sorted() == Self.kept.map(\.name).sorted())
  }

  @Test("break nothing any more", arguments: kept)
  func hold(kept: Kept) throws {
    let trace = try kept.trace()
    try #require(trace.store == "memory")
    #expect(trace.violation != nil, "a kept trace says what it broke")
    let definitions = try trace.definitions.map {
      LoadedDefinition.load(source: try Repository.read($0.path), file: $0.path)
    }
    let scenario = try trace.scenario.map {
      try SimulationScenario(source: try Repository.read($0.path), file: $0.path)
    }
    let simulation = Simulation(
      try SimulationSetup(definitions, scenario: scenario ?? SimulationScenario()), options: trace.options)
    let outcome = try simulation.replay(trace.choices)
    #expect(outcome.violation == nil, "saga replay \(kept.file)")
    #expect(outcome.events > 0)
  }

  @Test(
    "still reach what they are kept for: their mutant breaks them as it did",
    .enabled(if: ReleaseBinary.isThere, ReleaseBinary.leftOut), arguments: kept)
  func reach(kept: Kept) async throws {
    let answer = try await ReleaseBinary.run(["replay", kept.file, "--json", "--mutant", kept.mutant])
    #expect(answer.code == 1, "\(answer.errors)")
    #expect(answer.lines.last?["oracle"]?.stringValue == (try kept.trace().violation?.oracle))
  }
}
