import Foundation
import SagaCore
import SagaSQLite
import Testing

@testable import SagaRuntime

/// `saga run` killed with SIGKILL again and again, and started each time with the input from its beginning.
@Suite("A killed run")
struct CrashTests {
  static let isQuick = ProcessInfo.processInfo.environment["SAGA_QUICK"] != nil
  static let sagas = isQuick ? 200 : 2000
  static let kills = isQuick ? 10 : 100

  @Test("leaves the same states, histories, ledger and message ids as one that was never killed")
  func killed() throws {
    let folder = try Folder()
    try writeInput(folder.path("in.jsonl"))
    let reference = try finish(folder, "reference")
    #expect(reference.states.count == CrashTests.sagas)
    #expect(Set(reference.states.values.map(\.status)) == [.completed, .compensated], "both ends were reached")

    var random = SplitMix(seed: 42)
    var kills = 0
    // How long an undisturbed run takes here decides where the kills fall.
    var longestMilliseconds: UInt64 = 400
    while kills < CrashTests.kills {
      let process = try command(folder, "killed").start()
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: Double(20 + random.next() % longestMilliseconds) / 1000)
      guard process.isRunning else {
        // It got to its end: begin again from nothing, so that every kill hits a run with work to do.
        #expect(process.terminationStatus == 0)
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) where file.hasPrefix("killed")
        {
          try FileManager.default.removeItem(atPath: folder.path(file))
        }
        continue
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      kills += 1
      longestMilliseconds = min(longestMilliseconds + 10, 1_200)
    }
    let survivor = try finish(folder, "killed")
    #expect(survivor.ids.symmetricDifference(reference.ids).sorted() == [], "message ids of only one of the runs")
    #expect(
      Set(survivor.ledger).symmetricDifference(reference.ledger).sorted() == [], "effects of only one of the runs")
    #expect(survivor.ledger.count == reference.ledger.count)
    #expect(survivor.states.count == reference.states.count)
    for (key, state) in reference.states {
      let pair = zip(survivor.histories[key] ?? [], reference.histories[key] ?? [])
      if let difference = pair.first(where: { $0 != $1 }) {
        Issue.record("the history of \(key) differs\n  killed: \(difference.0)\n  not:    \(difference.1)")
      }
      #expect(survivor.histories[key]?.count == reference.histories[key]?.count)
      #expect(survivor.states[key] == state, "the state of \(key)")
    }
  }

  @Test("in the first moments of its first start can be started again", arguments: [1, 3])
  func killedWhileMakingTheDatabase(shards: Int) throws {
    let folder = try Folder()
    try Data().write(to: URL(fileURLWithPath: folder.path("in.jsonl")))
    let kills = CrashTests.isQuick ? 10 : 40
    var killedWhileMaking = 0
    for number in 0..<kills {
      let database = folder.path("killed-\(number).db")
      // The shards are made from the last to the first, each for a millisecond or a few.
      let made = shards == 1 ? database : "\(database).shard-\(number % (shards - 1) + 1)"
      var command = command(folder, "killed-\(number)")
      if shards > 1 { command.arguments += ["--shards", "\(shards)"] }
      let process = try command.start()
      process.standardError = FileHandle.nullDevice
      try process.run()
      while process.isRunning, !FileManager.default.fileExists(atPath: made + ".lock") { usleep(50) }
      usleep(UInt32(number / 2 * 300))
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      if FileManager.default.fileExists(atPath: made + ".making") { killedWhileMaking += 1 }
      let again = try command.run()
      #expect(again.code == 0, "killed in moment \(number) of \(kills): \(again.errors)")
    }
    #expect(killedWhileMaking > 0, "no kill fell where this is about")
  }

  private func command(_ folder: Folder, _ name: String) -> Command {
    let definition = Command.repository.appendingPathComponent("sagas/order-fulfillment.json").path
    let scenario = Command.repository.appendingPathComponent("sagas/order-fulfillment.scenario.json").path
    return Command(
      [
        "run", "--db", folder.path("\(name).db"), "--definitions", definition, "--participants", scenario,
        "--ledger", folder.path("\(name).ledger"), "--input", folder.path("in.jsonl"), "--output",
        folder.path("\(name).out"), "--clock", "events", "--linger", "30d",
        // A kill leaves the page cache alone; what a power failure takes is the simulator's business.
        "--synchronous", "normal",
      ], in: folder.url)
  }

  private func finish(_ folder: Folder, _ name: String) throws -> Outcome {
    let result = try command(folder, name).run()
    #expect(result.code == 0, "\(result.errors)")
    return try Outcome(folder, name)
  }

  private func writeInput(_ path: String) throws {
    var text = ""
    for number in 0..<CrashTests.sagas {
      let time = Timestamp(milliseconds: 1_767_225_600_000 + Int64(number) * 700)
      text += """
        {"specversion":"1.0","id":"order-\(number)","source":"/shop","type":"OrderPlaced","time":"\(time.rfc3339)",\
        "data":{"orderId":"o\(number)","customerId":"c\(number % 97)","totalCents":\(1000 + number),\
        "items":[{"sku":"apple","quantity":\(1 + number % 3)},{"sku":"pear","quantity":1}]}}\n
        """
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}

/// What is left when a run has ended.
private struct Outcome {
  var ids: Set<String> = []
  var ledger: [String]
  /// By role and key.
  var states: [String: Instance] = [:]
  var histories: [String: [String]] = [:]

  init(_ folder: Folder, _ name: String) throws {
    let lines = try String(contentsOfFile: folder.path("\(name).out"), encoding: .utf8).split(separator: "\n")
    for line in lines { ids.insert(try #require(try JSON.parse(String(line))["id"]?.stringValue)) }
    ledger = try String(contentsOfFile: folder.path("\(name).ledger"), encoding: .utf8).split(separator: "\n").map(
      String.init
    )
    .sorted()
    let store = try SQLiteStore(path: folder.path("\(name).db"), mode: .reader)
    defer { store.close() }
    var keys: [InstanceID: String] = [:]
    for stored in try store.page(.instances(statuses: nil, machines: nil), after: nil, limit: 100_000).instances {
      var instance = try Instance(decoding: try #require(stored.state))
      // Sequences are the journal's, not the saga's: rows of cursor moves fall differently.
      for index in instance.deferred.indices { instance.deferred[index].sequence = 0 }
      keys[stored.id] = stored.key
      states[stored.key] = instance
    }
    for row in try store.journal(after: 0, limit: .max) {
      guard let id = row.instance, let key = keys[id] else { continue }
      let decided = try DecidedRecord(decoding: row.decided)
      let facts = try Fact.decode(decided.facts).map { "\($0)" }.joined(separator: "; ")
      let sent =
        try row.outgoing.map { try OutgoingRecord.decode($0) }?.map { String(decoding: $0.event, as: UTF8.self) } ?? []
      let input = row.kind == .message ? String(decoding: row.input ?? [], as: UTF8.self) : "\(row.input ?? [])"
      histories[key, default: []].append(
        "\(row.at) \(row.kind) \(row.revision ?? 0) \(decided.outcome) | \(facts) | \(input) | \(sent)")
    }
  }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
