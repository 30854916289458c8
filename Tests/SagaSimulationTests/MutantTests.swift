import Foundation
import SagaCore
import SagaSimulation
import Testing

/// Hunts mutants with the release build.
enum MutantHunt {
  /// Seeds in which each mutant must be caught.
  static let seeds = 10_000

  struct Mutant: Sendable, CustomTestStringConvertible {
    var name: String
    var breaks: String
    var oracle: String
    /// The saga it needs, where the plain order is not enough.
    var saga: String?
    var testDescription: String { name }
  }

  struct Catch: Sendable {
    var saga: String
    var oracle: String
    var seed: String
    var seeds: Int64
  }

  static func mutants() async throws -> [Mutant] {
    try await ReleaseBinary.run(["simulate", ".", "--list-mutants", "--json"]).lines.map { line in
      Mutant(
        name: line["name"]?.stringValue ?? "?", breaks: line["breaks"]?.stringValue ?? "",
        oracle: line["oracle"]?.stringValue ?? "", saga: line["saga"]?.stringValue)
    }
  }

  /// The sagas that a mutant is tried on, in order.
  static func sagas(for mutant: Mutant) -> [String] {
    let shipped = ["order-fulfillment", "order-choreography", "travel-booking"]
    return (mutant.saga.map { [$0] } ?? []) + shipped.filter { $0 != mutant.saga }
  }

  static func file(_ saga: String) -> String {
    for folder in ["sagas", "Fixtures/definitions/simulated"] {
      let path = Repository.root.appendingPathComponent("\(folder)/\(saga).json").path
      if FileManager.default.fileExists(atPath: path) { return path }
    }
    return saga
  }

  /// Tries a mutant on one saga after the other.
  ///
  /// - Returns: where it was caught; nil where it was not.
  static func hunt(_ mutant: Mutant, seeds: Int = seeds) async throws -> Catch? {
    for saga in sagas(for: mutant) {
      let answer = try await simulate(saga, seeds: seeds, mutant: mutant.name)
      guard answer.code == 1, let found = answer.lines.last, let oracle = found["oracle"]?.stringValue else {
        // A mutant may only break properties: a crash or a wrong call proves nothing.
        if answer.code != 0 { throw Failed(text: "\(mutant.name) on \(saga): exit \(answer.code) \(answer.errors)") }
        continue
      }
      return Catch(
        saga: saga, oracle: oracle, seed: found["seed"]?.stringValue ?? "?", seeds: found["seeds"]?.intValue ?? 0)
    }
    return nil
  }

  static func simulate(_ saga: String, seeds: Int, mutant: String? = nil) async throws -> ReleaseBinary.Answer {
    try await ReleaseBinary.simulate(file(saga), seeds: seeds, mutant.map { ["--mutant", $0] } ?? [])
  }

  struct Failed: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
  }
}

/// The power of the simulator: deliberate bugs of the engine, each of which it must find.
@Suite("Mutants", .serialized)
struct MutantTests {
  /// Caught within few seeds whatever else changes: shows in every run that a violation makes the command fail.
  static let canary = "undosNotAwaited"
  static let canarySeeds = 200

  @Test(
    "The canary is caught within 200 seeds, which are clean without it",
    .enabled(if: ReleaseBinary.isThere, ReleaseBinary.leftOut))
  func canary() async throws {
    let broken = try await MutantHunt.simulate(
      "order-fulfillment", seeds: MutantTests.canarySeeds, mutant: MutantTests.canary)
    #expect(broken.code == 1, "the canary \(MutantTests.canary) lives: \(broken.errors)")
    let clean = try await MutantHunt.simulate("order-fulfillment", seeds: MutantTests.canarySeeds)
    #expect(clean.code == 0, "without a mutant: \(clean.lines.last.map { "\($0)" } ?? clean.errors)")
  }

  @Test(
    "At least 40 mutants are caught within 10,000 seeds", .enabled(if: ReleaseBinary.isThere, ReleaseBinary.leftOut))
  func power() async throws {
    let mutants = try await MutantHunt.mutants()
    #expect(mutants.count >= 40)
    let caught = try await hunt(mutants)
    var rows: [String] = []
    for mutant in mutants {
      guard let found = caught[mutant.name] else {
        Issue.record("\(mutant.name) lives: \(mutant.breaks); \(mutant.oracle) should have noticed")
        continue
      }
      rows.append(
        "| `\(mutant.name)` | \(mutant.breaks) | \(found.saga) | `\(found.oracle)` | \(found.seed) | \(found.seeds) |")
    }
    for row in rows { print(row) }
    if let file = ProcessInfo.processInfo.environment["SAGA_MUTANT_TABLE"] { try write(rows, to: file) }
  }

  /// Two processes side by side.
  private func hunt(_ mutants: [MutantHunt.Mutant]) async throws -> [String: MutantHunt.Catch] {
    try await withThrowingTaskGroup(of: [String: MutantHunt.Catch].self) { group in
      for half in 0..<2 {
        group.addTask {
          var caught: [String: MutantHunt.Catch] = [:]
          for (index, mutant) in mutants.enumerated() where index % 2 == half {
            caught[mutant.name] = try await MutantHunt.hunt(mutant)
          }
          return caught
        }
      }
      return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }
  }

  /// Writes the table of `docs/mutants.md`: everything after the head that stands there by hand.
  private func write(_ rows: [String], to file: String) throws {
    let marker = "| mutant | what it breaks | caught on | by | seed | in how many seeds |"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let head = text.components(separatedBy: marker)[0]
    let table = [marker, "|---|---|---|---|---|---|"] + rows
    try (head + table.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
  }
}
