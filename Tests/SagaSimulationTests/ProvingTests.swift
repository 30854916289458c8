import Foundation
import SagaCore
import Testing

@Suite(
  "Shipped sagas, at length", .serialized,
  .enabled(if: ReleaseBinary.isThere, "left out: SAGA_MUTANT_BINARY names no release build; scripts/test makes one")
)
struct ProvingTests {
  @Test("hold for 20,000 seeds", arguments: Repository.sagas)
  func seeds(name: String) async throws {
    let result = try await ReleaseBinary.simulate("sagas/\(name).json", seeds: 20_000)
    #expect(result.code == 0, "\(result.lines)")
    #expect(result.lines.first?["seeds"]?.intValue == 20_000)
    // People act in them, also where a scenario says what the outside sends.
    let operators = result.lines.first?["faults"]?["operator"]?.objectValue?.map { $0.value.intValue ?? 0 } ?? []
    #expect(operators.reduce(0, +) > 1_000)
  }

  @Test("hold on real SQLite, on a disk that fails and forgets", arguments: Repository.sagas)
  func onSQLite(name: String) async throws {
    let result = try await ReleaseBinary.simulate("sagas/\(name).json", seeds: 500, ["--store", "sqlite"])
    #expect(result.code == 0, "\(result.lines)")
    #expect((result.lines.first?["faults"]?["crash"]?["running"]?.intValue ?? 0) > 0)
  }

  @Test("go the same way in two processes, with Swift's random hashing on", arguments: Repository.sagas)
  func determined(name: String) async throws {
    #expect(ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil)
    let arguments = ["simulate", "sagas/\(name).json", "--seeds", "200", "--hashes"]
    let first = try await ReleaseBinary.run(arguments)
    let second = try await ReleaseBinary.run(arguments)
    #expect(first.lines.count == 200)
    #expect(first.lines == second.lines)
  }

  @Test("are exhausted within two duplicates, one loss, one crash and two timeouts", arguments: Repository.sagas)
  func explored(name: String) async throws {
    let result = try await ReleaseBinary.run([
      "explore", "sagas/\(name).json", "--duplicates", "2", "--losses", "1", "--crashes", "1", "--timeouts", "2",
      "--json",
    ])
    #expect(result.code == 0)
    #expect(result.lines.first?["verdict"]?.stringValue == "exhausted", "\(result.lines)")
  }
}
