import Foundation
import SagaCore
import Testing

/// Commands that write files, killed with SIGKILL at moments spread over the time that they take, and given again as a person would.
/// `ReshardTests` and `CrashTests` have those that are not here.
@Suite("A command that is killed can be given again")
struct KilledCommandTests {
  private static let kills = CrashTests.isQuick ? 6 : 15
  private static let sagas = 40
  private let world: ShardWorld
  /// All sagas of the database that each kill finds, as `saga list` tells them.
  private let listed: [JSON]
  private let shards: Int

  private init(shards: Int) throws {
    self.shards = shards
    world = try ShardWorld(shipped: "order-fulfillment")
    try world.write("in.jsonl", ShardWorld.orders(KilledCommandTests.sagas))
    try world.run("base", shards: shards)
    try world.saga("backup", "--db", "base.db", "copy.db").expectDone()
    listed = try world.saga("list", "--db", "base.db", "--json").json()
    #expect(listed.count == KilledCommandTests.sagas)
  }

  @Test("restore", arguments: [1, 3])
  static func restore(shards: Int) throws {
    let test = try KilledCommandTests(shards: shards)
    try test.kill(["restore", "killed.db"], at: "copy.db") {
      try test.world.saga("restore", "killed.db").expectDone()
      #expect(try test.sagas(of: "killed.db") == test.listed)
      try test.world.run("killed", shards: shards)
    }
  }

  @Test("backup", arguments: [1, 3])
  static func backup(shards: Int) throws {
    let test = try KilledCommandTests(shards: shards)
    try test.kill(["backup", "--db", "killed.db", "made.db"], at: "base.db") {
      if !test.exists("made.db") {
        let left = try test.files { $0.hasPrefix("made.db.shard-") && !$0.contains("partial") }
        if !left.isEmpty {
          try test.world.saga("backup", "--db", "killed.db", "made.db").expectRefusal(
            3, mentioning: left.sorted()[0], "made.db is missing", "remove it")
          try test.remove { $0.hasPrefix("made.db.shard-") && !$0.contains("partial") }
        }
        try test.world.saga("backup", "--db", "killed.db", "made.db").expectDone()
        let abandoned = try test.files { $0.contains("partial") }
        #expect(abandoned == [], "what the killed one left under its temporary names")
      }
      try test.world.saga("restore", "made.db").expectDone()
      #expect(try test.sagas(of: "made.db") == test.listed)
    }
  }

  @Test("prune --archive", arguments: [1, 3])
  static func pruneToLines(shards: Int) throws {
    let test = try KilledCommandTests(shards: shards)
    let prune = ["prune", "--db", "killed.db", "--older-than", "1h", "--at", "2027-01-01T00:00:00Z"]
    let command = prune + ["--archive", "made.jsonl"]
    func archived() throws -> Set<String> {
      let lines = try String(contentsOfFile: test.world.folder.path("made.jsonl"), encoding: .utf8)
      return Set(lines.split(separator: "\n").map(String.init))
    }
    var undisturbed: Set<String> = []
    let look = { undisturbed = try archived() }
    try test.kill(command, at: "base.db", undisturbed: look) {
      try Command(command, in: test.world.folder.url).run().expectDone()
      let rows = try archived()
      #expect(rows == undisturbed && !rows.isEmpty)
      for row in rows { _ = try JSON.parse(row) }
      #expect(try test.sagas(of: "killed.db") == [])
    }
  }

  @Test("prune --archive-db")
  static func pruneToDatabase() throws {
    let test = try KilledCommandTests(shards: 1)
    let prune = ["prune", "--db", "killed.db", "--older-than", "1h", "--at", "2027-01-01T00:00:00Z"]
    let command = prune + ["--archive-db", "made.db"]
    try test.kill(command, at: "base.db") {
      try Command(command, in: test.world.folder.url).run().expectDone()
      #expect(try test.sagas(of: "made.db") == test.listed)
      #expect(try test.sagas(of: "killed.db") == [])
    }
  }

  /// - Parameters:
  ///   - original: what `killed.db` is a copy of, each time.
  ///   - undisturbed: looks at what the command makes when nobody kills it.
  ///   - check: does it again, and compares.
  private func kill(
    _ command: [String], at original: String, undisturbed: () throws -> Void = {}, check: () throws -> Void
  ) throws {
    try begin(at: original)
    let begin = ContinuousClock.now
    try Command(command, in: world.folder.url).run().expectDone()
    let whole = (ContinuousClock.now - begin) / .seconds(1)
    try undisturbed()
    var kills = 0
    for number in 0..<KilledCommandTests.kills {
      try self.begin(at: original)
      let process = try Command(command, in: world.folder.url).start()
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // The first third of the time is the process's own start.
      Thread.sleep(forTimeInterval: whole * (0.3 + 0.8 * Double(number) / Double(KilledCommandTests.kills)))
      if process.isRunning {
        Foundation.kill(process.processIdentifier, SIGKILL)
        kills += 1
      }
      process.waitUntilExit()
      try check()
    }
    #expect(kills > 0, "the command was always done before")
  }

  /// A fresh copy of the database, and nothing that the command before has made.
  private func begin(at original: String) throws {
    try remove { $0.hasPrefix("killed.") || $0.hasPrefix("made.") }
    for file in try files({ $0.hasPrefix(original) && !$0.hasSuffix(".lock") }) {
      try FileManager.default.copyItem(
        atPath: world.folder.path(file), toPath: world.folder.path("killed.db" + file.dropFirst(original.count)))
    }
  }

  private func sagas(of file: String) throws -> [JSON] { try world.saga("list", "--db", file, "--json").json() }

  private func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: world.folder.path(file)) }

  private func files(_ isMeant: (String) -> Bool) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: world.folder.url.path).filter(isMeant)
  }

  private func remove(_ isMeant: (String) -> Bool) throws {
    for file in try files(isMeant) { try FileManager.default.removeItem(atPath: world.folder.path(file)) }
  }
}
