import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import TestSupport
import Testing

/// The real log of a university's expense claims (BPI Challenge 2020), which is not part of this repository.
@Suite("Real expense claims")
struct ExpenseClaimTests {
  static let file = sharedData.appendingPathComponent("expense-claims-2000.jsonl.gz")
  static let isPresent = FileManager.default.fileExists(atPath: file.path)

  /// `../shared/data` beside the repository, or where `SAGA_SHARED` says.
  static let sharedData: URL = {
    if let path = ProcessInfo.processInfo.environment["SAGA_SHARED"] {
      return URL(fileURLWithPath: path).appendingPathComponent("data")
    }
    return Command.repository.deletingLastPathComponent().appendingPathComponent("shared/data")
  }()

  @Test(
    "a claim whose payment was handled is completed, an abandoned one is given up, and no event is lost",
    .enabled(if: isPresent, "left out: ../shared/data/expense-claims-2000.jsonl.gz is not here"))
  func inOrder() throws {
    let lines = try ExpenseClaimTests.lines()
    let outcome = try run(lines)
    let claims = try Claims(lines)
    #expect(lines.count == 8979)
    #expect(outcome.count(.completed) == claims.paid.count)
    #expect(outcome.count(.compensated) == claims.all.count - claims.paid.count)
    #expect(outcome.statuses.count == claims.all.count, "nothing is stuck or open")
    #expect(outcome.completedKeys == claims.paid)
    #expect(outcome.takenMessages == lines.count)
    #expect(outcome.deadLetters == 0)
  }

  @Test(
    "the counts are the same when each claim's events are shuffled and a fifth of the lines come twice",
    .enabled(if: isPresent, "left out: ../shared/data/expense-claims-2000.jsonl.gz is not here"))
  func shuffled() throws {
    let lines = try ExpenseClaimTests.lines()
    var random = SplitMix(seed: 2020)
    let mixed = try duplicate(shuffleWithinClaims(lines, &random), &random)
    #expect(mixed.count > lines.count)
    let outcome = try run(mixed)
    let claims = try Claims(lines)
    #expect(outcome.completedKeys == claims.paid)
    #expect(outcome.count(.compensated) == claims.all.count - claims.paid.count)
    #expect(outcome.statuses.count == claims.all.count)
    #expect(outcome.takenMessages == lines.count, "each message once, whatever came twice")
    #expect(outcome.deadLetters == 0)
  }

  static func lines() throws -> [String] {
    let folder = try Folder()
    let output = folder.path("claims.jsonl")
    #expect(FileManager.default.createFile(atPath: output, contents: nil))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", file.path]
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    try process.run()
    try process.waitUntilExit(withinSeconds: 300)
    return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func run(_ lines: [String]) throws -> RunOutcome {
    let folder = try Folder()
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.url.appendingPathComponent("in.jsonl"))
    let result = try Command(
      [
        "run", "--db", "claims.db", "--definitions",
        Command.repository.appendingPathComponent("sagas/expense-claims.json").path, "--input", "in.jsonl", "--output",
        "out.jsonl", "--clock", "events", "--max-leap", "1000d", "--until", "2030-01-01T00:00:00Z", "--synchronous",
        "normal",
      ], in: folder.url
    ).run()
    #expect(result.code == 0, "\(result.errors)")
    return try RunOutcome(database: folder.path("claims.db"))
  }

  /// The places in the file that a claim's events take stay its own; the events change places among them.
  private func shuffleWithinClaims(_ lines: [String], _ random: inout SplitMix) throws -> [String] {
    var places: [String: [Int]] = [:]
    var order: [String] = []
    for (index, line) in lines.enumerated() {
      let claim = try Claims.id(line)
      if places[claim] == nil { order.append(claim) }
      places[claim, default: []].append(index)
    }
    var mixed = lines
    for claim in order {
      let own = places[claim] ?? []
      var shuffled = own
      for index in stride(from: shuffled.count - 1, to: 0, by: -1) {
        shuffled.swapAt(index, Int(random.next() % UInt64(index + 1)))
      }
      for (target, source) in zip(own, shuffled) { mixed[target] = lines[source] }
    }
    return mixed
  }

  /// A fifth of the lines again, each somewhere behind itself.
  private func duplicate(_ lines: [String], _ random: inout SplitMix) -> [String] {
    var positioned = lines.enumerated().map { (position: Double($0), line: $1) }
    for (index, line) in lines.enumerated() where random.next() % 5 == 0 {
      positioned.append((Double(index) + 0.5 + Double(random.next() % 2000), line))
    }
    return positioned.sorted { $0.position < $1.position }.map(\.line)
  }
}

/// An independent count over the file.
private struct Claims {
  var all: Set<String> = []
  var paid: Set<String> = []

  init(_ lines: [String]) throws {
    for line in lines {
      let id = try Claims.id(line)
      all.insert(id)
      if line.contains("\"type\":\"PaymentHandled\"") { paid.insert(id) }
    }
  }

  static func id(_ line: String) throws -> String {
    try #require(try JSON.parse(line)["data"]?["declarationId"]?.stringValue)
  }
}

private struct RunOutcome {
  var statuses: [String: InstanceStatus] = [:]
  var takenMessages = 0
  var deadLetters = 0

  init(database: String) throws {
    let store = try SQLiteStore(path: database, mode: .reader)
    defer { store.close() }
    for stored in try store.page(.instances(statuses: nil, machines: nil), after: nil, limit: 1_000_000).instances {
      statuses[stored.key] = InstanceStatus(rawValue: stored.status)
    }
    takenMessages = try store.journal(after: 0, limit: .max).count { $0.kind == .message }
    deadLetters = try store.page(.deadLetters(onlyUnresolved: false), after: nil, limit: 1_000_000).deadLetters.count
  }

  func count(_ status: InstanceStatus) -> Int { statuses.values.count { $0 == status } }
  var completedKeys: Set<String> { Set(statuses.filter { $0.value == .completed }.keys) }
}
