import AsyncHTTPClient
import Foundation
import Logging
import SagaCore
import SagaPrometheus
import SagaRuntime
import SagaSQLite

/// Holds the stock: reserved for an order, given back, or shipped.
enum Inventory {
  struct Reservation: Codable, Sendable {
    var orderId: String
    var sku: String
    var quantity: Int64
  }

  struct Shipment: Codable, Sendable { var orderId: String }

  static let articles = 20
  static let openingQuantity: Int64 = 300

  static let schema = """
    CREATE TABLE IF NOT EXISTS stock(sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL CHECK(quantity>=0)) STRICT;
    CREATE TABLE IF NOT EXISTS reservation(
      order_id TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
      status TEXT NOT NULL CHECK(status IN('reserved','released','shipped'))) STRICT
    """

  static func run(database: String, basePort: Int, logger: Logger) async throws {
    let client = HTTPClient(eventLoopGroupProvider: .singleton)
    let metrics = PrometheusExporter(help: SagaMetric.helpByName)
    let engine = try SagaEngine(
      database: database, definitions: .none, participants: [participant()],
      routes: [.repliesToOrders(basePort: basePort, client: client)], logger: logger,
      telemetry: Telemetry(metrics: metrics))
    try await serve(engine, as: .inventory, basePort: basePort, client: client, metrics: metrics, logger: logger)
  }

  static func participant() -> Participant {
    var inventory = Participant("inventory")
    inventory.handleInTransaction("ReserveStock", as: Reservation.self) { wanted, _, transaction in
      try open(transaction)
      let taken = try transaction.execute(
        "UPDATE stock SET quantity=quantity-?1 WHERE sku=?2 AND quantity>=?1", .integer(wanted.quantity),
        .text(wanted.sku))
      guard taken == 1 else { return .declined("OutOfStock", ["orderId": .string(wanted.orderId)]) }
      try transaction.execute(
        "INSERT INTO reservation VALUES(?,?,?,'reserved')", .text(wanted.orderId), .text(wanted.sku),
        .integer(wanted.quantity))
      return .done("StockReserved", ["orderId": .string(wanted.orderId)])
    }
    inventory.undoInTransaction("ReleaseStock", as: Reservation.self) { wanted, _ in
      .done("StockReleased", ["orderId": .string(wanted.orderId)])
    } _: { wanted, _, transaction in
      try transaction.execute(
        "UPDATE stock SET quantity=quantity+? WHERE sku=?", .integer(wanted.quantity), .text(wanted.sku))
      try transaction.execute(
        "UPDATE reservation SET status='released' WHERE order_id=? AND status='reserved'", .text(wanted.orderId))
      return .done("StockReleased", ["orderId": .string(wanted.orderId)])
    }
    inventory.handleInTransaction("ShipOrder", as: Shipment.self) { shipment, _, transaction in
      try transaction.execute(
        "UPDATE reservation SET status='shipped' WHERE order_id=? AND status='reserved'", .text(shipment.orderId))
      return .done("OrderShipped", ["orderId": .string(shipment.orderId)])
    }
    return inventory
  }

  /// Every article begins with the same stock.
  private static func open(_ transaction: SQLiteTransaction) throws {
    for statement in schema.split(separator: ";") { try transaction.execute(String(statement)) }
    guard try transaction.query("SELECT 1 FROM stock LIMIT 1").isEmpty else { return }
    for number in 0..<articles {
      try transaction.execute(
        "INSERT INTO stock VALUES(?,?)", .text("article-\(number)"), .integer(openingQuantity))
    }
  }
}
