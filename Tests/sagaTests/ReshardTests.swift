import Foundation
import SagaCore
import Testing

@testable import SagaRuntime
@testable import SagaSQLite

@Suite("Dividing a database")
struct ReshardTests {
  /// A database whose sagas are in the middle of their work: the input is half read.
  private func half(_ count: Int = 60) throws -> ShardWorld {
    let world = try ShardWorld(shipped: "order-fulfillment")
    let lines = ShardWorld.orders(count) + [#"{"no":"event"}"#]
    try world.write("in.jsonl", lines)
    try world.write("half.jsonl", Array(lines.prefix(count / 2)))
    try world.run("whole", shards: nil)
    try world.run("divided", shards: nil, input: "half.jsonl", linger: "0s")
    return world
  }

  @Test("lets open sagas go on in their shards as if nothing had been")
  func openSagas() throws {
    let world = try half()
    let reader = try SQLiteStore(path: world.folder.path("divided.db"), mode: .reader)
    #expect(try ShardReader(store: reader).instances(InstanceFilter(statuses: [.running, .compensating])).count > 0)
    reader.close()
    let divided = try world.saga("reshard", "--db", "divided.db", "--shards", "3")
    divided.expectDone()
    try world.run("divided", shards: 3)
    let outcome = try ShardOutcome(world.folder, "divided")
    #expect(outcome.counts.count == 3 && !outcome.counts.contains(0))
    outcome.expectSame(as: try ShardOutcome(world.folder, "whole"))
    let again = try world.saga("reshard", "--db", "divided.db", "--shards", "3")
    again.expectDone()
    #expect(again.output.contains("already"))
    // As for `saga run --shards 2`: the file is not as it has to be.
    try world.saga("reshard", "--db", "divided.db", "--shards", "2").expectRefusal(
      3, mentioning: "divided.db", "3 shards")
    let letters = try world.saga("dlq", "list", "--db", "divided.db", "--json").json()
    #expect(letters.count == 1 && letters[0]["shard"] == 0, "what has no key is in the first shard, once")
  }

  @Test("cut off before its one transaction leaves the old database, after it the new one")
  func cutOff() throws {
    let world = try half(20)
    let path = world.folder.path("divided.db")
    func division() throws -> (ShardDivision, SQLiteStore) {
      let store = try SQLiteStore(path: path)
      return (try ShardDivision(of: store, into: 2, homes: [:]), store)
    }
    var (divided, store) = try division()
    try divided.prepare()
    store.close()
    #expect(try SQLiteShards.count(at: path) == 1, "nobody looks at what was prepared")
    (divided, store) = try division()
    try divided.prepare()
    try divided.commit()
    store.close()
    #expect(try SQLiteShards.count(at: path) == 2)
    #expect(!FileManager.default.fileExists(atPath: SQLiteShards.path(path, shard: 1)))
    #expect(try world.saga("list", "--db", "divided.db", "--json").json().count == 10)
    try world.saga("reshard", "--db", "divided.db", "--shards", "2").expectDone()
    #expect(FileManager.default.fileExists(atPath: SQLiteShards.path(path, shard: 1)))
    try world.run("divided", shards: 2)
    try ShardOutcome(world.folder, "divided").expectSame(as: try ShardOutcome(world.folder, "whole"))
  }

  @Test("gives the new shards the permissions of the database")
  func permissions() throws {
    let world = try CommandLineWorld.withOrders()
    let path = world.folder.path("orders.db")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    try world.saga("reshard", "--db", "orders.db", "--shards", "3").expectDone()
    for shard in 0..<3 {
      let attributes = try FileManager.default.attributesOfItem(atPath: SQLiteShards.path(path, shard: shard))
      #expect(attributes[.posixPermissions] as? Int == 0o600, "shard \(shard)")
    }
  }

  @Test("killed at any moment leaves a database that can be divided and goes on")
  func killed() throws {
    let world = try half(40)
    var random = SplitMix(seed: 3)
    for _ in 0..<8 {
      let process = try Command(["reshard", "--db", "divided.db", "--shards", "4"], in: world.folder.url).start()
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: Double(10 + random.next() % 120) / 1000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let count = try SQLiteShards.count(at: world.folder.path("divided.db"))
      #expect(count == 1 || count == 4)
    }
    try world.saga("reshard", "--db", "divided.db", "--shards", "4").expectDone()
    try world.run("divided", shards: nil)
    try ShardOutcome(world.folder, "divided").expectSame(as: try ShardOutcome(world.folder, "whole"))
  }
}
