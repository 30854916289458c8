import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@Suite("Commands on a divided database")
struct ShardCommandTests {
  private static let orders = 24

  private func world(shards: Int? = 3) throws -> ShardWorld {
    let world = try ShardWorld(shipped: "order-fulfillment")
    try world.write("in.jsonl", ShardWorld.orders(ShardCommandTests.orders) + [#"{"no":"event"}"#])
    try world.run("a", shards: shards)
    return world
  }

  @Test("list all shards' sagas in the order in which they started, and find one by its key")
  func looking() throws {
    let world = try world()
    let listed = try world.saga("list", "--db", "a.db", "--json").json()
    let keys = listed.compactMap { $0["key"]?.stringValue }
    #expect(keys == (0..<ShardCommandTests.orders).map { "o\($0)" })
    let some = try world.saga("list", "--db", "a.db", "--json", "--limit", "5").json()
    #expect(some.compactMap { $0["key"]?.stringValue } == Array(keys.prefix(5)))
    for key in keys.prefix(6) {
      #expect(try world.saga("show", "--db", "a.db", key, "--json").json()[0]["key"]?.stringValue == key)
      #expect(try world.saga("history", "--db", "a.db", key, "--json").json().count > 3)
    }
    try world.saga("show", "--db", "a.db", "o99").expectRefusal(1, mentioning: "o99")
  }

  @Test("sum what the shards have, and tell what is each one's")
  func statistics() throws {
    let (divided, whole) = (try world(), try world(shards: nil))
    let sums = try divided.saga("stats", "--db", "a.db", "--json").json()[0]
    let expected = try whole.saga("stats", "--db", "a.db", "--json").json()[0]
    for name in ["sagas", "instances", "paused", "deadLetters", "parked", "oldestDue"] {
      #expect(sums[name] == expected[name], "\(name)")
    }
    let shards = try #require(sums["shards"]?.arrayValue)
    #expect(shards.compactMap { $0["shard"]?.intValue } == [0, 1, 2])
    #expect(shards.allSatisfy { ($0["lastSequence"]?.intValue ?? 0) > 1 })
    let text = try divided.saga("stats", "--db", "a.db").output
    #expect(text.contains("a.db.shard-2") && text.contains("output (shard 1)"))
  }

  @Test("name dead letters by their shard, and replay and discard them there")
  func deadLetters() throws {
    let world = try world()
    try world.saga("dlq", "show", "--db", "a.db", "1").expectRefusal(2, mentioning: "3 shards", "1/4711")
    let letter = try #require(try world.saga("dlq", "list", "--db", "a.db", "--json").json().first)
    #expect(letter["shard"] == 0)
    let name = "0/\(try #require(letter["sequence"]?.intValue))"
    #expect(try world.saga("dlq", "list", "--db", "a.db").output.contains(name))
    try world.saga("dlq", "show", "--db", "a.db", name).expectDone()
    #expect(try world.saga("dlq", "replay", "--db", "a.db", name).code == 1)
    try world.saga("dlq", "discard", "--db", "a.db", "--count", "10", "--reason", "noise").expectDone()
    #expect(try world.saga("dlq", "list", "--db", "a.db").output.contains("no dead letters"))
    try world.saga("outbox", "list", "--db", "a.db").expectDone()
    try world.saga("outbox", "retry", "--db", "a.db", "--lane", "nosuch").expectRefusal(1, mentioning: "nosuch")
  }

  @Test("act on sagas of every shard, without an engine and through a running one")
  func operators() async throws {
    let world = try ShardWorld(shipped: "order-fulfillment")
    try world.write("in.jsonl", ShardWorld.orders(ShardCommandTests.orders))
    try world.run("a", shards: 3, linger: "0s")
    let open = try world.saga("list", "--db", "a.db", "--status", "running", "--json").json()
    let keys = open.compactMap { $0["key"]?.stringValue }
    #expect(Set(keys.map { ShardPlace.owner(of: Slot(key: $0), among: 3) }).count > 1)
    let time = "2026-01-01T00:10:00Z"
    try world.saga("pause", "--db", "a.db", keys[0], "--at", time).expectDone()
    let all = try world.saga("pause", "--db", "a.db", "--status", "running", "--json", "--at", time).json()[0]
    #expect(all["done"]?.intValue == Int64(keys.count - 1) && all["unchanged"] == 1)
    // Without participants nothing moves by itself.
    let engine = Command(
      ["run", "--db", "a.db", "--definitions"] + world.definitions + ["--output", "more.out", "--follow"],
      in: world.folder.url)
    try await engine.whileFollowing(socket: "a.db.sock") { _ in
      let resumed = try world.saga("resume", "--db", "a.db", "--status", "paused", "--json").json()[0]
      #expect(resumed["done"]?.intValue == Int64(keys.count))
      try world.saga("send", "--db", "a.db", ShardWorld.orders(30)[29]).expectDone()
      #expect(try world.saga("show", "--db", "a.db", "o29", "--json").json()[0]["key"] == "o29")
      try world.saga("reshard", "--db", "a.db", "--shards", "4").expectRefusal(3, mentioning: "a.db", "engine runs")
      try world.saga("backup", "--db", "a.db", "b.db").expectRefusal(
        3, mentioning: "a.db", "3 shards", "as of one moment")
      try world.saga("prune", "--db", "a.db", "--older-than", "1d").expectRefusal(3, mentioning: "a.db", "engine runs")
    }
  }

  @Test("say in an archive of lines whose each row is: every shard numbers its own")
  func archivedLines() throws {
    let world = try world()
    let pruned = try world.saga(
      "prune", "--db", "a.db", "--older-than", "0s", "--at", "2026-01-20T00:00:00Z", "--archive", "old.jsonl", "--json")
    pruned.expectDone()
    let text = try String(contentsOfFile: world.folder.path("old.jsonl"), encoding: .utf8)
    let rows = try text.split(separator: "\n").map { try JSON.parse(String($0)) }
    #expect(try pruned.json()[0]["archived"]?.intValue == Int64(rows.count))
    let shards = rows.compactMap { $0["shard"]?.intValue }
    #expect(shards.count == rows.count && Set(shards) == [0, 1, 2])
    let names = zip(shards, rows.compactMap { $0["sequence"]?.intValue }).map { "\($0)/\($1)" }
    #expect(Set(names).count == rows.count)
    // What came in was for a key of its shard.
    for (shard, row) in zip(shards, rows) where row["input"]?["type"] == "OrderPlaced" {
      let key = try #require(row["input"]?["data"]?["orderId"]?.stringValue)
      #expect(ShardPlace.owner(of: Slot(key: key), among: 3) == Int(shard))
    }
  }

  @Test("back up, restore and prune all shards")
  func keeping() throws {
    let world = try world()
    try world.saga("backup", "--db", "a.db", "b.db").expectDone()
    try world.command("b", shards: nil).run().expectRefusal(3, mentioning: "b.db", "saga restore")
    try world.saga("restore", "b.db").expectDone()
    try world.run("b", shards: 3)
    try Data().write(to: URL(fileURLWithPath: world.folder.path("a.out")))
    try Data().write(to: URL(fileURLWithPath: world.folder.path("b.out")))
    let (copied, original) = (try ShardOutcome(world.folder, "b"), try ShardOutcome(world.folder, "a"))
    #expect(copied.states.keys.sorted() == original.states.keys.sorted())
    let pruned = try world.saga(
      "prune", "--db", "a.db", "--older-than", "0s", "--at", "2026-01-20T00:00:00Z", "--archive-db", "old.db", "--json")
    pruned.expectDone()
    #expect(try (pruned.json()[0]["archived"]?.intValue ?? 0) > 100)
    #expect(try world.saga("history", "--db", "a.db", "o3").output.contains("pruned"))
    #expect(try world.saga("list", "--db", "old.db", "--json").json().count == ShardCommandTests.orders)
    try world.saga("backup", "--db", "a.db", "b.db").expectRefusal(3, mentioning: "b.db", "exists already")
  }
}
