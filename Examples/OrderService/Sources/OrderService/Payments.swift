import AsyncHTTPClient
import Foundation
import Logging
import SagaCore
import SagaPrometheus
import SagaRuntime
import SagaSQLite

/// Holds the customers' accounts. Money moves in the same transaction as the reply that says so.
enum Payments {
  struct Charge: Codable, Sendable {
    var orderId: String
    var customer: String
    var cents: Int64
  }

  static let customers = 100
  static let openingCents: Int64 = 1_000_000

  static let schema = """
    CREATE TABLE IF NOT EXISTS account(customer TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK(cents>=0)) STRICT;
    CREATE TABLE IF NOT EXISTS payment(id INTEGER PRIMARY KEY, order_id TEXT NOT NULL, cents INTEGER NOT NULL) STRICT
    """

  static func run(database: String, basePort: Int, logger: Logger) async throws {
    let client = HTTPClient(eventLoopGroupProvider: .singleton)
    let metrics = PrometheusExporter(help: SagaMetric.helpByName)
    let engine = try SagaEngine(
      database: database, definitions: .none, participants: [participant()],
      routes: [.repliesToOrders(basePort: basePort, client: client)], logger: logger,
      telemetry: Telemetry(metrics: metrics))
    try await serve(engine, as: .payments, basePort: basePort, client: client, metrics: metrics, logger: logger)
  }

  static func participant() -> Participant {
    var payments = Participant("payments")
    payments.handleInTransaction("ChargePayment", as: Charge.self) { charge, _, transaction in
      try open(transaction)
      let paid = try transaction.execute(
        "UPDATE account SET cents=cents-?1 WHERE customer=?2 AND cents>=?1", .integer(charge.cents),
        .text(charge.customer))
      guard paid == 1 else {
        return .declined(
          "PaymentDeclined", ["orderId": .string(charge.orderId), "reason": "not enough money"])
      }
      try record(charge.orderId, charge.cents, transaction)
      return .done("PaymentCharged", ["orderId": .string(charge.orderId)])
    }
    payments.undoInTransaction("RefundPayment", as: Charge.self) { charge, _ in
      .done("PaymentRefunded", ["orderId": .string(charge.orderId)])
    } _: { charge, _, transaction in
      try transaction.execute(
        "UPDATE account SET cents=cents+? WHERE customer=?", .integer(charge.cents), .text(charge.customer))
      try record(charge.orderId, -charge.cents, transaction)
      return .done("PaymentRefunded", ["orderId": .string(charge.orderId)])
    }
    return payments
  }

  private static func record(_ order: String, _ cents: Int64, _ transaction: SQLiteTransaction) throws {
    try transaction.execute("INSERT INTO payment(order_id,cents) VALUES(?,?)", .text(order), .integer(cents))
  }

  /// Every customer begins with the same money.
  private static func open(_ transaction: SQLiteTransaction) throws {
    for statement in schema.split(separator: ";") { try transaction.execute(String(statement)) }
    guard try transaction.query("SELECT 1 FROM account LIMIT 1").isEmpty else { return }
    for number in 0..<customers {
      try transaction.execute(
        "INSERT INTO account VALUES(?,?)", .text("customer-\(number)"), .integer(openingCents))
    }
  }
}
