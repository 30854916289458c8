import SagaCore
import Testing

@testable import SagaRuntime

@Suite("A group of shards")
struct ShardGroupTests {
  private func engines(_ definition: String, count: Int) throws -> [ShardEngine] {
    let loaded = LoadedDefinition.load(source: Array(definition.utf8), file: "definition.json")
    return try ShardPlace.all(of: count).map { place in
      var contents = MemoryContents()
      contents.shard = place
      var configuration = EngineConfiguration()
      configuration.shard = place
      return try ShardEngine(
        store: MemoryStore(contents), machines: loaded.machines, configuration: configuration,
        now: Timestamp(milliseconds: 0))
    }
  }

  @Test("of every size divides all slots, each to one shard, and a shard's slots say which it is")
  func slots() {
    for count in 1...ShardPlace.maximumCount {
      let slots = ShardPlace.all(of: count).map(\.slots)
      #expect(slots.map { ShardPlace(slots: $0) } == ShardPlace.all(of: count))
      for value in stride(from: 0, to: Slot.count, by: 13) {
        let owners = slots.indices.filter { slots[$0][value / 8] & 0x80 >> (value % 8) != 0 }
        #expect(owners == [ShardPlace.owner(of: Slot(value: UInt16(value)), among: count)])
      }
    }
    #expect(ShardPlace(slots: [UInt8](repeating: 0, count: Slot.count / 8)) == nil)
    #expect(ShardPlace(slots: [UInt8](repeating: 0x55, count: Slot.count / 8)) == nil)
    #expect(ShardPlace(slots: []) == nil)
  }

  @Test("takes no definition that finds instances by recorded values where nobody can look into the other shards")
  func undividable() throws {
    #expect(throws: EngineError.self) { try engines(Definitions.parcel, count: 2) }
    #expect(try engines(Definitions.order, count: 2).count == 2)
  }

  @Test("refuses a store of another shard than its engine is to run")
  func wrongShard() throws {
    var configuration = EngineConfiguration()
    configuration.shard = ShardPlace(index: 1, of: 2)
    let error = #expect(throws: EngineError.self) {
      try ShardEngine(
        store: MemoryStore(), machines: [], configuration: configuration, now: Timestamp(milliseconds: 0))
    }
    #expect("\(try #require(error))".contains("shard 0 of 1"))
  }

  @Test(
    "gives a message to the shards of its keys and tells what became of it at each; what has none goes to the first")
  func receipts() throws {
    let group = ShardGroup(try engines(Definitions.order, count: 3))
    let keys = (0..<9).map { "o\($0)" }
    let messages = keys.map { key in
      IncomingMessage(
        bytes: CloudEvent(
          id: key, source: "/test", type: "OrderPlaced", data: ["orderId": .string(key), "totalCents": 1]
        ).encode())
    }
    let receipts = try group.offer(messages + [IncomingMessage(bytes: [1, 2])], now: Timestamp(milliseconds: 1))
    #expect(receipts.prefix(9).map { $0.deliveries.map(\.key) } == keys.map { [$0] })
    #expect(receipts.prefix(9).allSatisfy { $0.deliveries[0].outcome == .started })
    let again = try group.offer(messages, now: Timestamp(milliseconds: 2))
    #expect(again.allSatisfy { $0.deliveries.map(\.outcome) == [.duplicate] })
    for (engine, place) in zip(group.engines, ShardPlace.all(of: 3)) {
      let found = try engine.read { try $0.instances().map(\.key) }
      #expect(found == keys.filter { place.owns(Slot(key: $0)) })
      #expect(try engine.read { try $0.deadLetters().count } == (place.index == 0 ? 1 : 0))
    }
  }
}
