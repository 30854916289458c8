import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite

@Suite("The log of a shard")
struct ShardCheckpointTests {
  private static let batch = 16
  private let folder = Folder()
  private let now = Timestamp(milliseconds: 1_700_000_000_000)

  private func group(_ stores: [SQLiteStore]) throws -> ShardGroup {
    ShardGroup(
      try stores.map { store in
        var configuration = EngineConfiguration()
        configuration.shard = store.options.shard
        configuration.maximumBatch = ShardCheckpointTests.batch
        configuration.checkpointFrames = 1
        configuration.checkpointFramesFull = 1_000_000
        let loaded = LoadedDefinition.load(source: Array(Self.definition.utf8), file: "visit.json")
        return try ShardEngine(store: store, machines: loaded.machines, configuration: configuration, now: now)
      })
  }

  private static let definition = """
    { "saga": "visit", "version": 1, "messages": { "Arrived": { "key": "event.data.id" } },
      "roles": { "desk": { "start": { "Arrived": { "goto": "inside" } },
        "states": { "inside": { "after": { "1h": { "goto": "left" } } }, "left": { "final": "completed" } } } } }
    """

  /// New sagas of one shard.
  private func arrivals(_ count: Int, at place: ShardPlace, from first: Int) -> [IncomingMessage] {
    let keys = (first..<first + 1000).map { "v\($0)" }.filter { place.owns(Slot(key: $0)) }
    return keys.prefix(count).map { key in
      let event = CloudEvent(id: key, source: "/test", type: "Arrived", data: ["id": .string(key)])
      return IncomingMessage(bytes: event.encode())
    }
  }

  @Test(
    "may become long while each shard's part of a call is at least half of what it could be, and is checkpointed after less",
    arguments: [1, 2, 4])
  func checkpoints(shards: Int) throws {
    let stores = try SQLiteShards.open(folder.database, count: shards, options: Folder.options)
    defer { for store in stores { store.close() } }
    let group = try self.group(stores)
    let places = ShardPlace.all(of: shards)
    let part = ShardCheckpointTests.batch / shards
    let full = places.flatMap { arrivals(part / 2, at: $0, from: 0) }
    #expect(try group.offer(full, now: now).allSatisfy { $0.deliveries.map(\.outcome) == [.started] })
    let afterFull = try group.maintain(now: now, isIdle: false)
    #expect(!afterFull.checkpointed && afterFull.logFrames > 0)
    _ = try group.offer(arrivals(part / 2 - 1, at: places[0], from: 1000), now: now)
    #expect(try group.maintain(now: now, isIdle: false).checkpointed)
  }
}
