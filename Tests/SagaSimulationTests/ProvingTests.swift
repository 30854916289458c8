import Foundation
import SagaCore
import Testing

@Suite(
  "Shipped sagas, at length", .serialized,
  .enabled(if: ReleaseBinary.isThere, ReleaseBinary.leftOut)
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

  @Test("hold for 5,000 seeds of messages that are made up from their schemas", arguments: Repository.sagas)
  func madeUp(name: String) async throws {
    // Without the messages that the scenario gives.
    var scenario = try #require(try JSONParser.parse(Repository.read("sagas/\(name).scenario.json")).objectValue)
    scenario["start"] = nil
    let file = NSTemporaryDirectory() + "\(UUID().uuidString).scenario.json"
    try Data(JSONWriter.compact(.object(scenario))).write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let result = try await ReleaseBinary.simulate("sagas/\(name).json", seeds: 5_000, ["--scenario", file])
    #expect(result.code == 0, "\(result.lines)")
  }

  @Test("give the counts that the guide shows, to the last of them")
  func guide() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guide-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try await ReleaseBinary.run(["init", "orders", "--directory", folder.path])
    let guide = String(decoding: try Repository.read("docs/guides/simulation.md"), as: UTF8.self)
    let block = try #require(guide.firstMatch(of: /\$ saga simulate orders\.json\n(?<shown>[^`]+)```/)).shown
    let printed = try await ReleaseBinary.run(["simulate", folder.path + "/orders.json"]).output.split(separator: "\n")
    let shown = block.split(separator: "\n").dropFirst().filter { !$0.hasSuffix("…") }
    #expect(shown.count > 25)
    for line in shown { #expect(printed.contains(line), "\(line)") }
  }

  @Test("hold on real SQLite, on a disk that fails and forgets", arguments: Repository.sagas)
  func onSQLite(name: String) async throws {
    let result = try await ReleaseBinary.simulate("sagas/\(name).json", seeds: 500, ["--store", "sqlite"])
    #expect(result.code == 0, "\(result.lines)")
    #expect((result.lines.first?["faults"]?["crash"]?["running"]?.intValue ?? 0) > 0)
    let disk = result.lines.first?["faults"]?["disk"]?.objectValue?.map { $0.value.intValue ?? 0 } ?? []
    #expect(disk.reduce(0, +) > 0)
  }

  @Test("go the same way in two processes, with Swift's random hashing on", arguments: Repository.sagas)
  func determined(name: String) async throws {
    #expect(ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil)
    for (seeds, store) in [(200, "memory"), (30, "sqlite")] {
      let result = try await ReleaseBinary.run([
        "simulate", "sagas/\(name).json", "--seeds", "\(seeds)", "--store", store, "--twice",
      ])
      #expect(result.code == 0, "\(store): \(result.output)\(result.errors)")
      #expect(result.output == "\(seeds) seeds went the same way in two processes\n")
    }
  }

  @Test("are told apart where they do not, by the seed and the event", arguments: ["memory", "sqlite"])
  func undetermined(store: String) async throws {
    // Whatever a service does after a crash is another run in each process; some seeds have no crash.
    func simulate(_ more: String...) async throws -> ReleaseBinary.Answer {
      try await ReleaseBinary.run(
        ["simulate", "sagas/order-fulfillment.json", "--store", store, "--faults", "crash", "--sagas", "1"] + more,
        environment: ["SAGA_RANDOM_WORLDS": "1"])
    }
    func firstDifference(_ one: [JSON], _ other: [JSON]) -> Int? {
      zip(one, other).enumerated().first { $1.0 != $1.1 }?.offset
    }
    // What two processes say of the same seeds, and of the events of the first that differs, compared here.
    let first = try await simulate("--seed", "8", "--seeds", "30", "--hashes")
    let second = try await simulate("--seed", "8", "--seeds", "30", "--hashes")
    let different = first.lines[try #require(firstDifference(first.lines, second.lines))]
    let seed = try #require(different["seed"]?.stringValue)
    let events = try #require(different["events"]?.intValue)
    let one = try await simulate("--seed", seed, "--seeds", "1", "--hashes", "--story")
    let other = try await simulate("--seed", seed, "--seeds", "1", "--hashes", "--story")
    let steps = try #require(one.lines.first?["steps"]?.arrayValue)
    let event = try #require(firstDifference(steps, other.lines.first?["steps"]?.arrayValue ?? []))

    let told = try await simulate("--seed", "8", "--seeds", "30", "--twice")
    #expect(told.code == 1, "\(told.errors)")
    #expect(
      told.output.hasPrefix("seed \(seed): the first difference is after event \(event) of \(events)\n"),
      "\(told.output)")
    let report = try await simulate("--seed", "8", "--seeds", "30", "--twice", "--json")
    #expect(report.code == 1, "\(report.errors)")
    let line = try #require(report.lines.first)
    #expect(line["same"] == false)
    #expect(line["seed"]?.stringValue == seed)
    #expect(line["event"]?.intValue == Int64(event))
    // What led there is told, and no more of it than can be read.
    let lines = line["story"]?.arrayValue ?? []
    #expect((1...10).contains(lines.count), "\(line)")
    #expect(lines.allSatisfy { told.output.contains("\n\($0.stringValue ?? "?")\n") })
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
