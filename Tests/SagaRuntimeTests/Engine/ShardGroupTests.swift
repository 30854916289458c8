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

  @Test("has one receipt for a message that several shards take, in their order, between those of messages for one")
  func severalShards() throws {
    let group = ShardGroup(
      try engines(
        """
        { "saga": "seat", "version": 1, "messages": { "Booked": { "key": "event.data.seats" } },
          "roles": { "hall": { "start": { "Booked": { "goto": "taken" } },
            "states": { "taken": { "final": "completed" } } } } }
        """, count: 3))
    func keys(of shard: Int) -> [String] {
      (0..<100).map { "s\($0)" }.filter { ShardPlace.owner(of: Slot(key: $0), among: 3) == shard }
    }
    let booked = [[keys(of: 2)[0]], [keys(of: 2)[1], keys(of: 0)[0], keys(of: 1)[0]], [keys(of: 0)[1]]]
    let messages = booked.enumerated().map { index, seats in
      IncomingMessage(
        bytes: CloudEvent(
          id: "b\(index)", source: "/test", type: "Booked", data: ["seats": .array(seats.map { .string($0) })]
        ).encode())
    }
    let receipts = try group.offer(messages, now: Timestamp(milliseconds: 1))
    let inOrder = [keys(of: 0)[0], keys(of: 1)[0], keys(of: 2)[1]]
    #expect(receipts.map { $0.deliveries.map(\.key) } == [booked[0], inOrder, booked[2]])
    #expect(receipts.allSatisfy { $0.deliveries.allSatisfy { $0.outcome == .started } })
  }
}
