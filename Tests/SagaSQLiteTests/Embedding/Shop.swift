import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import TestSupport
import Testing

/// A shop in one process: a saga that charges, reserves and ships, and participants with tables of their own beside it.
enum Shop {
  static let definition = """
    {
      "saga": "shop", "version": 1,
      "messages": {
        "OrderPlaced": { "key": "event.data.orderId" },
        "Charged": { "key": "event.data.orderId" }, "Declined": { "key": "event.data.orderId" },
        "Refunded": { "key": "event.data.orderId" },
        "Reserved": { "key": "event.data.orderId" }, "SoldOut": { "key": "event.data.orderId" },
        "Released": { "key": "event.data.orderId" }
      },
      "data": { "type": "object", "properties": { "cents": { "type": "integer", "default": 0 } } },
      "start": { "OrderPlaced": { "set": { "cents": "event.data.cents" } } },
      "steps": [
        { "step": "charge", "call": "Charge", "to": "payments",
          "with": { "orderId": "saga.key", "cents": "data.cents" },
          "reply": { "Charged": {}, "Declined": { "fail": "event.data.reason" } },
          "timeout": "10m", "retry": { "attempts": 3, "delay": "50ms", "factor": 1 },
          "undo": { "call": "Refund", "to": "payments", "with": { "orderId": "saga.key", "cents": "data.cents" },
                    "timeout": "10m", "reply": { "Refunded": {} } } },
        { "step": "reserve", "call": "Reserve", "to": "stock", "with": { "orderId": "saga.key" },
          "reply": { "Reserved": {}, "SoldOut": { "fail": "'sold out'" } }, "timeout": "10m",
          "retry": { "attempts": 2, "delay": "20ms" },
          "undo": { "call": "Release", "to": "stock", "with": { "orderId": "saga.key" }, "timeout": "10m",
                    "reply": { "Released": {} } } }
      ],
      "completed": { "publish": { "OrderDone": { "orderId": "saga.key" } } },
      "compensated": { "publish": { "OrderOff": { "orderId": "saga.key", "reason": "saga.failure.reason" } } }
    }
    """

  static func definitions() throws -> SagaDefinitions {
    try SagaDefinitions(sources: [("shop.json", Array(definition.utf8))])
  }

  struct Order: Codable, Sendable {
    var orderId: String
    var cents: Int64?
  }

  /// Takes money from an account table in the engine's file; orders over 1,000 cents are declined.
  static func payments(policy: DestinationPolicy = DestinationPolicy()) -> Participant {
    var payments = Participant("payments", policy: policy)
    payments.handleInTransaction("Charge", as: Order.self) { order, _, transaction in
      let cents = order.cents ?? 0
      guard cents <= 1000 else {
        return .declined("Declined", ["orderId": .string(order.orderId), "reason": "too much"])
      }
      try book(order.orderId, cents, transaction)
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    payments.undoInTransaction("Refund", as: Order.self) { order, _ in
      .done("Refunded", ["orderId": .string(order.orderId)])
    } _: { order, _, transaction in
      try book(order.orderId, -(order.cents ?? 0), transaction)
      return .done("Refunded", ["orderId": .string(order.orderId)])
    }
    return payments
  }

  /// Has no stock for orders whose key ends in `!`.
  static func stock() -> Participant {
    var stock = Participant("stock")
    stock.handle("Reserve", as: Order.self) { order, _ in
      order.orderId.hasSuffix("!")
        ? .declined("SoldOut", ["orderId": .string(order.orderId)])
        : .done("Reserved", ["orderId": .string(order.orderId)])
    }
    stock.undo("Release", as: Order.self) { order, _ in
      .done("Released", ["orderId": .string(order.orderId)])
    } _: { order, _ in
      .done("Released", ["orderId": .string(order.orderId)])
    }
    return stock
  }

  static func book(_ order: String, _ cents: Int64, _ transaction: SQLiteTransaction) throws {
    try transaction.execute("CREATE TABLE IF NOT EXISTS booking(orderId TEXT, cents INTEGER) STRICT")
    try transaction.execute("INSERT INTO booking VALUES(?,?)", .text(order), .integer(cents))
  }

  static func bookings(_ engine: SagaEngine) async throws -> [Int64] {
    try await engine.transaction { (transaction: SQLiteTransaction) in
      try transaction.execute("CREATE TABLE IF NOT EXISTS booking(orderId TEXT, cents INTEGER) STRICT")
      return try transaction.query("SELECT cents FROM booking ORDER BY rowid").compactMap { $0.integer(0) }
    }
  }

  static func place(_ key: String, cents: Int64, _ engine: SagaEngine) async throws -> InstanceAddress {
    try await engine.start(
      "OrderPlaced", ["orderId": .string(key), "cents": .int(cents)], source: "/checkout", id: "place-\(key)")
  }

  /// Waits until an instance is final.
  static func settled(_ address: InstanceAddress, _ engine: SagaEngine) async throws -> InstanceView {
    for try await _ in engine.changes(of: address, after: 0) {
      if let view = try await engine.instance(address), view.status.isFinal { return view }
    }
    throw Crash(what: "the engine stopped before \(address.key) had ended")
  }
}

/// Runs an engine while `body` uses it, and stops it. An engine that ends first ends `body`, which would wait for ever.
///
/// - Throws: what the engine threw, whatever that made of `body`; otherwise what `body` threw.
func running<Value: Sendable>(
  _ engine: SagaEngine, _ body: @escaping @Sendable (SagaEngine) async throws -> Value
) async throws -> Value {
  let failures = Recorder<any Error>()
  return try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask {
      do { try await engine.run() } catch { failures.append(error) }
      return nil
    }
    group.addTask { try await body(engine) }
    let first = await group.nextResult()
    group.cancelAll()
    while await group.nextResult() != nil {}
    if let failure = failures.values.first { throw failure }
    guard let value = try first?.get() else { throw Crash(what: "the engine stopped first") }
    return value
  }
}

/// Collects what a route was given.
///
/// `@unchecked Sendable`: every access holds the lock.
final class Outbox: OutgoingTransport, @unchecked Sendable {
  private let lock = NSLock()
  private var sent: [CloudEvent] = []
  private var isClosed = false

  var events: [CloudEvent] { lock.withLock { sent } }

  /// From now on the destination is down.
  func refuse() { lock.withLock { isClosed = true } }

  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    messages.map { message in
      if lock.withLock({ isClosed }) {
        let retryAt = WallClock.now.advanced(byMilliseconds: 3_600_000)
        return DeliveryResult(position: message.position, outcome: .unavailable(retryAt: retryAt))
      }
      if let event = try? CloudEvent.decode(message.bytes) { lock.withLock { sent.append(event) } }
      return DeliveryResult(position: message.position, outcome: .confirmed)
    }
  }

  /// Waits until so many have come.
  func wait(for count: Int) async throws -> [CloudEvent] {
    try await eventually("\(count) messages have come") { events.count >= count }
    return events
  }
}
