import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Where a lane begins")
struct LaneBeginningTests {
  private let now = Timestamp(milliseconds: 1_700_000_000_000)

  private struct Undone: Error {}

  /// Orders go to one lane, news to another.
  private var configuration: EngineConfiguration {
    var configuration = EngineConfiguration()
    configuration.lanes = { [$0.event.type == "News" ? "news" : "orders"] }
    return configuration
  }

  private func publish(_ types: [String], in transaction: any ServiceTransaction) throws {
    for type in types { try transaction.publish(type, ["text": "x"], source: "/service", orderingKey: "k") }
  }

  @Test("what was published in vain moves no lane's beginning: messages of earlier rows are sent, also after a restart")
  func rolledBack() throws {
    let store = MemoryStore()
    var engine = try ShardEngine(store: store, machines: [], configuration: configuration, now: now)
    let outcomes = try engine.transact(
      [
        {
          try self.publish(["Order", "Order", "Order", "News"], in: $0)
          throw Undone()
        }, { try self.publish(["News"], in: $0) },
      ], now: now)
    #expect(outcomes.map { $0 is Undone } == [true, false])
    #expect(try engine.takeOutgoing(lane: "news", limit: 10, now: now).count == 1)
    engine = try ShardEngine(
      store: MemoryStore(store.contents), machines: [], configuration: configuration, now: now)
    #expect(try engine.takeOutgoing(lane: "news", limit: 10, now: now).count == 1)
  }
}
