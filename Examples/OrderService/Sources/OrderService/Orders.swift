import AsyncHTTPClient
import Foundation
import Hummingbird
import Logging
import SagaCore
import SagaPrometheus
import SagaRuntime
import SagaSQLite

/// Takes orders and coordinates them: its row and the event that starts the saga are one transaction, and its row follows the saga's
/// end by a consumer.
enum Orders {
  struct Order: Codable, Sendable {
    var orderId: String
    var customer: String
    var sku: String
    var quantity: Int64
    var cents: Int64
  }

  private struct End: Codable, Sendable { var orderId: String }

  static let schema = """
    CREATE TABLE IF NOT EXISTS customer_order(
      id TEXT PRIMARY KEY, customer TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, cents INTEGER NOT NULL,
      status TEXT NOT NULL CHECK(status IN('placed','fulfilled','cancelled'))) STRICT
    """

  static func run(database: String, basePort: Int, logger: Logger) async throws {
    let client = HTTPClient(eventLoopGroupProvider: .singleton)
    let metrics = PrometheusExporter(help: SagaMetric.helpByName)
    let engine = try SagaEngine(
      database: database, definitions: SagaDefinitions(bundle: .module), consumers: [ends()],
      routes: [
        .commands(to: .payments, basePort: basePort, client: client),
        .commands(to: .inventory, basePort: basePort, client: client),
      ], logger: logger, telemetry: Telemetry(metrics: metrics))
    try await serve(engine, as: .orders, basePort: basePort, client: client, metrics: metrics, logger: logger) {
      router in
      router.post("orders") { request, context -> HTTPResponse.Status in
        let order = try await request.decode(as: Order.self, context: context)
        try await place(order, engine)
        return .created
      }
      router.get("open") { _, _ -> String in
        let counts = try await engine.read { try $0.statistics().instances }
        return "\(counts.filter { !$0.status.isFinal }.map(\.count).reduce(0, +))"
      }
    }
  }

  /// The order's row and the event are one commit. The same request again changes nothing.
  static func place(_ order: Order, _ engine: SagaEngine) async throws {
    let data = try JSON(encoding: order)
    try await engine.transaction { (transaction: SQLiteTransaction) in
      try transaction.execute(schema)
      let isNew = try transaction.execute(
        "INSERT INTO customer_order VALUES(?,?,?,?,?,'placed') ON CONFLICT DO NOTHING", .text(order.orderId),
        .text(order.customer), .text(order.sku), .integer(order.quantity), .integer(order.cents))
      if isNew == 1 {
        try transaction.publish("OrderPlaced", data, source: "/orders", orderingKey: order.orderId)
      }
    }
  }

  private static func ends() -> Consumer {
    var consumer = Consumer("order-rows")
    for (type, status) in [("OrderFulfilled", "fulfilled"), ("OrderCancelled", "cancelled")] {
      consumer.onInTransaction(type, as: End.self) { (end, _, transaction: SQLiteTransaction) in
        try transaction.execute("UPDATE customer_order SET status=? WHERE id=?", .text(status), .text(end.orderId))
      }
    }
    return consumer
  }
}
