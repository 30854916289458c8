// The snippets of docs/guides/outbox.md. GuideTests sees to it that they are here, word for word.
import SagaCore
import SagaRuntime
import SagaSQLite

func guideOutbox(engine: SagaEngine) async throws {
  try await engine.transaction { (transaction: SQLiteTransaction) in
    try transaction.execute("INSERT INTO customer_order(id, cents) VALUES(?,?)", "o-1", 4200)
    try transaction.publish("OrderPlaced", ["orderId": "o-1"], source: "/orders", orderingKey: "o-1")
  }
}

func guideConsumer() -> Consumer {
  var projection = Consumer("revenue")
  projection.onInTransaction("PaymentCharged", as: Charge.self) { (charge, _, transaction: SQLiteTransaction) in
    try transaction.execute("UPDATE revenue SET cents=cents+?", .integer(charge.cents))
  }
  return projection
}

struct QueueTransport: OutgoingTransport {
  var enqueue: @Sendable (_ key: String, _ message: [UInt8]) async throws -> Void

  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    var results: [DeliveryResult] = []
    for message in messages {
      do {
        try await enqueue(message.orderingKey, message.bytes)
        results.append(DeliveryResult(position: message.position, outcome: .confirmed))
      } catch {
        let later = WallClock.now.advanced(byMilliseconds: 1000)
        results.append(DeliveryResult(position: message.position, outcome: .unavailable(retryAt: later)))
      }
    }
    return results
  }
}

func guideBorrowing(lender: any SQLiteConnectionLender, definitions: SagaDefinitions) throws -> SagaEngine {
  let engine = try SagaEngine(source: .sqlite(borrowing: lender), definitions: definitions)
  return engine
}

func guideOutbox(handle: OpaquePointer) throws {
  try SQLiteOutbox.within(handle) { transaction in
    _ = try transaction.publish("OrderPlaced", ["orderId": "o-1"], source: "/orders", orderingKey: "o-1")
  }
}
