import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@Suite("The files of a divided database")
struct ShardFileTests {
  /// Two divided databases with sagas in every shard.
  private func worlds() throws -> ShardWorld {
    let world = try ShardWorld(shipped: "order-fulfillment")
    try world.write("in.jsonl", ShardWorld.orders(20))
    try world.run("a", shards: 3)
    try world.run("b", shards: 3)
    return world
  }

  private func move(_ world: ShardWorld, _ from: String, _ to: String) throws {
    try? FileManager.default.removeItem(atPath: world.folder.path(to))
    try FileManager.default.moveItem(atPath: world.folder.path(from), toPath: world.folder.path(to))
  }

  @Test("are refused when one is missing, misplaced or of another database")
  func wrongFiles() throws {
    let world = try worlds()
    try move(world, "a.db.shard-2", "kept")
    try world.saga("list", "--db", "a.db").expectRefusal(3, mentioning: "a.db.shard-2", "no such file", "put it back")
    try world.command("a", shards: nil).run().expectRefusal(3, mentioning: "a.db.shard-2", "no such file")
    try FileManager.default.copyItem(
      atPath: world.folder.path("a.db.shard-1"), toPath: world.folder.path("a.db.shard-2"))
    try world.saga("stats", "--db", "a.db").expectRefusal(
      3, mentioning: "a.db.shard-2", "shard 1 of 3", "shard 2 of 3 was expected")
    try move(world, "b.db.shard-2", "a.db.shard-2")
    try world.command("a", shards: nil).run().expectRefusal(3, mentioning: "a.db.shard-2", "another database", "a.db")
    try move(world, "kept", "a.db.shard-2")
    try world.saga("list", "--db", "a.db").expectDone()
    try world.saga("list", "--db", "a.db.shard-1").expectRefusal(
      3, mentioning: "a.db.shard-1", "shard 1 of 3", "first file")
  }

  @Test("are refused when --shards says another number, and when they were restored apart")
  func wrongNumbers() throws {
    let world = try worlds()
    try world.command("a", shards: 2).run().expectRefusal(
      3, mentioning: "a.db", "3 shards, not 2", "leave --shards out")
    try world.command("a", shards: 0).run().expectRefusal(2, mentioning: "--shards")
    try world.command("a", shards: 65).run().expectRefusal(2, mentioning: "--shards")
    try world.run("whole", shards: nil)
    try world.command("whole", shards: 2).run().expectRefusal(
      3, mentioning: "whole.db", "1 shard, not 2", "saga reshard")
    var options = SQLiteOptions()
    options.shard = ShardPlace(index: 1, of: 3)
    try SQLiteStore.restore(
      path: world.folder.path("a.db.shard-1"), now: Timestamp(milliseconds: 1_800_000_000_000), options: options)
    try world.saga("list", "--db", "a.db").expectRefusal(3, mentioning: "a.db.shard-1", "epoch", "saga restore")
    // Which is what a restore that was cut off leaves, and restoring again ends it.
    try world.saga("restore", "a.db").expectDone()
    try world.saga("list", "--db", "a.db").expectDone()
  }

  @Test("are made again when a crash came before the first of them")
  func cutOffCreation() throws {
    let world = try ShardWorld(shipped: "order-fulfillment")
    try world.write("in.jsonl", ShardWorld.orders(3))
    var options = SQLiteOptions()
    options.shard = ShardPlace(index: 1, of: 2)
    try SQLiteStore(path: world.folder.path("a.db.shard-1"), options: options).close()
    try world.run("a", shards: 2)
    #expect(try ShardOutcome(world.folder, "a").counts.reduce(0, +) == 3)
  }
}
