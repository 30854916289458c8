// The snippets of docs/guides/embedding.md. GuideTests sees to it that they are here, word for word.
import Foundation
import Logging
import SagaCore
import SagaRuntime
import SagaSQLite
import ServiceLifecycle

struct Charge: Codable, Sendable {
  var orderId: String
  var cents: Int64
}

func guideEngine(payments: Participant, projection: Consumer, broker: any OutgoingTransport) throws -> SagaEngine {
  let engine = try SagaEngine(
    database: "orders.db",
    definitions: SagaDefinitions(at: ["sagas"]),
    participants: [payments],
    consumers: [projection],
    routes: [.all("broker", transport: broker)])
  return engine
}

func guideGroup(engine: SagaEngine, server: any Service, logger: Logger) async throws {
  let group = ServiceGroup(
    services: [engine, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
  try await group.run()
}

func guideDeliver(engine: SagaEngine, bytes: [UInt8]) async throws {
  let receipt = try await engine.deliver(bytes)
  for delivery in receipt.deliveries { print(delivery.key ?? "-", delivery.outcome) }
}

func guideStart(engine: SagaEngine) async throws {
  let order = try await engine.start(
    "OrderPlaced", ["orderId": "o-1", "totalCents": 4200], source: "/checkout", id: "request-77")
  for try await change in engine.changes(of: order, after: 0) {
    print(change.entry.at, change.entry.facts)
    if change.entry.facts.contains(where: { if case .closed = $0 { true } else { false } }) { break }
  }
  let view = try await engine.instance(order)
  print(view?.status as Any, view?.instance?.data as Any)
}

func guideParticipant(charge: @escaping @Sendable (String, Int64, String) async throws -> Bool) -> Participant {
  var payments = Participant("payments", policy: DestinationPolicy(concurrency: 8, commandsPerSecond: 50))
  payments.handle("ChargePayment", as: Charge.self) { command, context in
    // The provider recognises the key: a second attempt charges nothing.
    let isCharged = try await charge(command.orderId, command.cents, context.idempotencyKey)
    return isCharged
      ? .done("PaymentCharged", ["orderId": .string(command.orderId)])
      : .declined("PaymentDeclined", ["orderId": .string(command.orderId), "reason": "no cover"])
  }
  return payments
}

func guideInTransaction(_ payments: inout Participant) {
  payments.handleInTransaction("ChargePayment", as: Charge.self) { command, context, transaction in
    try transaction.execute("UPDATE account SET cents=cents-? WHERE id=1", .integer(command.cents))
    return .done("PaymentCharged", ["orderId": .string(command.orderId)])
  }
  payments.undoInTransaction("RefundPayment", as: Charge.self) { command, _ in
    .done("PaymentRefunded", ["orderId": .string(command.orderId)])
  } _: { command, context, transaction in
    try transaction.execute("UPDATE account SET cents=cents+? WHERE id=1", .integer(command.cents))
    return .done("PaymentRefunded", ["orderId": .string(command.orderId)])
  }
}

func guideOutbox(engine: SagaEngine) async throws {
  try await engine.transaction { (transaction: SQLiteTransaction) in
    try transaction.execute("INSERT INTO customer_order(id, cents) VALUES(?,?)", "o-1", 4200)
    try transaction.publish("OrderPlaced", ["orderId": "o-1"], source: "/orders", orderingKey: "o-1")
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

func guideDeadLetters(engine: SagaEngine) async throws {
  let expired = try DeadLetterCondition("code == 'message.expired' && event.data.cents > 100")
  let wouldBe = try await engine.replayDeadLetters(
    where: expired, isDryRun: true, by: "anna", reason: "what would happen")
  let report = try await engine.replayDeadLetters(
    where: expired, limit: 1000, perSecond: 50, by: "anna", reason: "the order service is back")
  print(wouldBe.refused, report.resolved.count)
}

func guideConsumer() -> Consumer {
  var projection = Consumer("revenue")
  projection.onInTransaction("PaymentCharged", as: Charge.self) { (charge, _, transaction: SQLiteTransaction) in
    try transaction.execute("UPDATE revenue SET cents=cents+?", .integer(charge.cents))
  }
  return projection
}

func guideOperate(engine: SagaEngine, order: InstanceAddress) async throws {
  try await engine.cancel(order, by: "anna", reason: "the customer called")
  let stuck = try await engine.read { reader in
    try reader.instances(InstanceFilter(statuses: [.stuck])).map(\.key)
  }
  print(stuck)
}
