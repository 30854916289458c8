import Foundation
import SagaCore
import Testing

/// The long forms, by processes of a release build: `SAGA_MUTANT_BINARY` names it, `scripts/test` builds it.
enum ProvingBinary {
  static let path = ProcessInfo.processInfo.environment["SAGA_MUTANT_BINARY"]

  struct Result {
    var code: Int32
    var lines: [JSON]
  }

  /// Runs the binary in the repository and reads the JSON lines that it prints.
  static func run(_ arguments: [String]) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = arguments
    process.currentDirectoryURL = Repository.root
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let lines = data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONParser.parse(Array($0)) }
    return Result(code: process.terminationStatus, lines: lines)
  }
}

@Suite(
  "Shipped sagas, at length", .serialized,
  .enabled(if: ProvingBinary.path != nil, "left out: SAGA_MUTANT_BINARY names no release build; scripts/test makes one")
)
struct ProvingTests {
  @Test("hold for 20,000 seeds", arguments: Repository.sagas)
  func seeds(name: String) throws {
    let result = try ProvingBinary.run([
      "simulate", "sagas/\(name).json", "--seeds", "20000", "--json", "--trace",
      NSTemporaryDirectory() + "\(name).trace.json",
    ])
    #expect(result.code == 0, "\(result.lines)")
    #expect(result.lines.first?["seeds"]?.intValue == 20_000)
  }

  @Test("hold on real SQLite, on a disk that fails and forgets", arguments: Repository.sagas)
  func onSQLite(name: String) throws {
    let result = try ProvingBinary.run([
      "simulate", "sagas/\(name).json", "--seeds", "500", "--store", "sqlite", "--json", "--trace",
      NSTemporaryDirectory() + "\(name).sqlite.trace.json",
    ])
    #expect(result.code == 0, "\(result.lines)")
    #expect((result.lines.first?["faults"]?["crash"]?["running"]?.intValue ?? 0) > 0)
  }

  @Test("go the same way in two processes, with Swift's random hashing on", arguments: Repository.sagas)
  func determined(name: String) throws {
    #expect(ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil)
    let arguments = ["simulate", "sagas/\(name).json", "--seeds", "200", "--hashes"]
    let first = try ProvingBinary.run(arguments)
    let second = try ProvingBinary.run(arguments)
    #expect(first.lines.count == 200)
    #expect(first.lines == second.lines)
  }

  @Test("are exhausted within two duplicates, one loss, one crash and two timeouts", arguments: Repository.sagas)
  func explored(name: String) throws {
    let result = try ProvingBinary.run([
      "explore", "sagas/\(name).json", "--duplicates", "2", "--losses", "1", "--crashes", "1", "--timeouts", "2",
      "--json",
    ])
    #expect(result.code == 0)
    #expect(result.lines.first?["verdict"]?.stringValue == "exhausted", "\(result.lines)")
  }
}
