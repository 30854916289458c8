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

func guideOperate(engine: SagaEngine, order: InstanceAddress) async throws {
  try await engine.cancel(order, by: "anna", reason: "the customer called")
  let stuck = try await engine.read { reader in
    try reader.instances(InstanceFilter(statuses: [.stuck])).map(\.key)
  }
  print(stuck)
}
