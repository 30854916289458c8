import Foundation
import SagaRuntime
import Testing

@testable import SagaSQLite

@Suite("The archive of a divided database")
struct ShardArchiveTests {
  private static let orders = 24

  private let world: ShardWorld

  init() throws {
    world = try ShardWorld(shipped: "order-fulfillment")
    try world.write("in.jsonl", ShardWorld.orders(Self.orders))
    try world.write("half.jsonl", Array(ShardWorld.orders(Self.orders).prefix(Self.orders / 2)))
  }

  /// A run goes on for a month after its last order: after the first one it is January, after a second one February.
  private func prune(_ database: String, at day: String = "2026-01-20") throws -> Command.Result {
    try world.saga(
      "prune", "--db", database, "--older-than", "0s", "--at", "\(day)T00:00:00Z", "--archive-db", "old.db")
  }

  private func keys(_ database: String) throws -> [String] {
    try world.saga("list", "--db", database, "--json").json().compactMap { $0["key"]?.stringValue }
  }

  private func histories(_ database: String) throws -> [String] {
    try (0..<Self.orders).map { try world.saga("history", "--db", database, "o\($0)", "--json").output }
  }

  /// What earlier versions have made: every file says that it is the whole, and has an identity of its own.
  private func forgetParts(_ path: String) throws {
    for shard in 0..<3 {
      let file = world.folder.path(SQLiteShards.path(path, shard: shard))
      guard FileManager.default.fileExists(atPath: file) else { continue }
      let connection = try Connection(path: file, access: .readWrite(create: false), busyTimeoutMilliseconds: 0)
      defer { connection.close() }
      let meta = try connection.prepare("UPDATE meta SET slots=?1, journal_id=randomblob(16)")
      meta.bind(1, copying: ShardPlace.whole.slots)
      try meta.run()
    }
  }

  @Test("shows by its first file all that is in it, and none of the other files is taken for all of it")
  func whole() throws {
    try world.run("a", shards: 3)
    let (listed, told) = (try keys("a.db"), try histories("a.db"))
    try prune("a.db").expectDone()
    #expect(try keys("old.db") == listed)
    #expect(try histories("old.db") == told)
    #expect(try world.saga("stats", "--db", "old.db", "--json").json()[0]["shards"]?.arrayValue?.count == 3)
    for verb in [["list"], ["history", "o1"]] {
      try Command(verb + ["--db", "old.db.shard-1"], in: world.folder.url).run().expectRefusal(
        3, mentioning: "old.db.shard-1: is shard 1 of 3 of a divided database", "first file")
    }
    try world.command("old", shards: nil).run().expectRefusal(3, mentioning: "archive")
  }

  @Test("is added to by the next pruning")
  func again() throws {
    try world.run("a", shards: 3, input: "half.jsonl")
    try prune("a.db").expectDone()
    #expect(try keys("old.db").count == Self.orders / 2)
    try world.run("a", shards: 3)
    try prune("a.db", at: "2026-02-20").expectDone()
    #expect(try keys("old.db").sorted() == (0..<Self.orders).map { "o\($0)" }.sorted())
  }

  @Test("that an earlier version has made is shown as one too, and known as one from the next pruning on")
  func earlier() throws {
    try world.run("a", shards: 3, input: "half.jsonl")
    try prune("a.db").expectDone()
    let listed = try keys("old.db")
    try forgetParts("old.db")
    #expect(try keys("old.db") == listed)
    #expect(try !world.saga("history", "--db", "old.db", "o3", "--json").json().isEmpty)
    try world.run("a", shards: 3)
    try prune("a.db", at: "2026-02-20").expectDone()
    #expect(try keys("old.db").sorted() == (0..<Self.orders).map { "o\($0)" }.sorted())
    try world.saga("list", "--db", "old.db.shard-2").expectRefusal(3, mentioning: "shard 2 of 3")
  }

  @Test("takes nothing of a database that is divided otherwise, of another one, or from before it was divided")
  func foreign() throws {
    try world.run("a", shards: 3, input: "half.jsonl")
    try prune("a.db").expectDone()
    let listed = try keys("old.db")
    for (name, shards, says) in [
      ("b", 3, "is the archive of another database"), ("c", 2, "is an archive of shard 0 of 3 of a divided database"),
      ("d", 1, "is an archive of shard 0 of 3 of a divided database"),
    ] {
      try world.run(name, shards: shards)
      try prune("\(name).db").expectRefusal(3, mentioning: says, "old.db", "name a file that does not exist yet")
    }
    #expect(try keys("old.db") == listed)
    #expect(!FileManager.default.fileExists(atPath: world.folder.path("old.db.shard-3")))
  }

  @Test("is none that was begun before the database was divided")
  func divided() throws {
    try world.run("a", shards: nil, input: "half.jsonl")
    try prune("a.db").expectDone()
    let listed = try keys("old.db")
    try world.saga("reshard", "--db", "a.db", "--shards", "3").expectDone()
    try world.run("a", shards: 3)
    try prune("a.db").expectRefusal(
      3, mentioning: "old.db: is an archive of a database that is not divided", "name a file that does not exist yet")
    #expect(!FileManager.default.fileExists(atPath: world.folder.path("old.db.shard-1")))
    // An earlier version has put the rest beside it all the same: no key is looked for where it is not.
    for shard in 1..<3 {
      try SQLiteArchive(path: world.folder.path(SQLiteShards.path("old.db", shard: shard))).close()
    }
    try world.saga("history", "--db", "old.db", "o1").expectRefusal(
      3, mentioning: "old.db: is by its place shard 0 of 3")
    try FileManager.default.copyItem(atPath: world.folder.path("old.db"), toPath: world.folder.path("alone.db"))
    #expect(try keys("alone.db") == listed)
  }

  @Test("with a file missing is neither shown nor added to, and that file is named")
  func missing() throws {
    try world.run("a", shards: 3)
    try prune("a.db").expectDone()
    try FileManager.default.removeItem(atPath: world.folder.path("old.db.shard-2"))
    try world.saga("list", "--db", "old.db").expectRefusal(3, mentioning: "old.db.shard-2: there is no such file")
    try prune("a.db").expectRefusal(3, mentioning: "old.db.shard-2: there is no such file", "shard 2 of 3")
    #expect(!FileManager.default.fileExists(atPath: world.folder.path("old.db.shard-2")))
  }
}
