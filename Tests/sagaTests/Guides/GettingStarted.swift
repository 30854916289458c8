// The snippets of docs/guides/getting-started.md. GuideTests sees to it that they are here, word for word.
import Foundation
import Logging
import SagaCore
import SagaRuntime
import SagaSQLite
import ServiceLifecycle
import Testing

struct OrderCommand: Codable, Sendable {
  var orderId: String
  var amountCents: Int64?
}

func shopParticipants() -> [Participant] {
  var stock = Participant("stock")
  stock.handleInTransaction("ReserveStock", as: OrderCommand.self) { command, _, transaction in
    try transaction.execute("CREATE TABLE IF NOT EXISTS reservation(order_id TEXT PRIMARY KEY) STRICT")
    try transaction.execute("INSERT INTO reservation VALUES(?)", .text(command.orderId))
    return .done("StockReserved", ["orderId": .string(command.orderId)])
  }
  stock.undoInTransaction("ReleaseStock", as: OrderCommand.self) { command, _ in
    .done("StockReleased", ["orderId": .string(command.orderId)])  // there was nothing to undo
  } _: { command, _, transaction in
    try transaction.execute("DELETE FROM reservation WHERE order_id=?", .text(command.orderId))
    return .done("StockReleased", ["orderId": .string(command.orderId)])
  }

  var payments = Participant("payments")
  payments.handle("Charge", as: OrderCommand.self) { command, context in
    // Here a payment provider is called, with context.idempotencyKey.
    guard command.amountCents ?? 0 < 100_000 else {
      return .declined("Declined", ["orderId": .string(command.orderId), "reason": "over the limit"])
    }
    return .done("Charged", ["orderId": .string(command.orderId), "paymentId": .string(context.idempotencyKey)])
  }
  payments.undo("Refund", as: OrderCommand.self) { command, _ in
    .done("Refunded", ["orderId": .string(command.orderId)])
  } _: { command, context in
    // Here the provider is asked to refund what was charged under context.undoes.
    .done("Refunded", ["orderId": .string(command.orderId)])
  }

  var shipping = Participant("shipping")
  shipping.handle("Ship", as: OrderCommand.self) { command, _ in
    .done("Shipped", ["orderId": .string(command.orderId)])
  }
  return [stock, payments, shipping]
}

func shop(in folder: String) async throws {
  let engine = try SagaEngine(
    database: folder + "/orders.db", definitions: SagaDefinitions(at: [folder + "/orders.json"]),
    participants: shopParticipants())
  let group = ServiceGroup(services: [engine], logger: Logger(label: "shop"))
  async let running: Void = group.run()

  for (key, cents) in [("o-1", 1250), ("o-2", 250_000)] as [(String, Int64)] {
    let order = try await engine.start(
      "OrderPlaced", ["orderId": .string(key), "totalCents": .int(cents)], source: "/shop", id: "placed-" + key)
    for try await change in engine.changes(of: order, after: 0) {
      print(key, change.entry.facts)
      if change.entry.facts.contains(where: { if case .closed = $0 { true } else { false } }) { break }
    }
  }
  await group.triggerGracefulShutdown()
  try await running
}

@Suite("Getting started")
struct GettingStartedTests {
  @Test("leads to a shop that fulfils one order, releases the other one's stock, and starts nothing twice")
  func shopRuns() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shop-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let made = try Command(["init", "orders"], in: folder).run()
    #expect(made.code == 0, "\(made.errors)")
    for _ in 1...2 {
      try await shop(in: folder.path)
      let store = try SQLiteStore(path: folder.path + "/orders.db", mode: .reader)
      let orders = try ShardReader(store: store).instances()
      #expect(orders.map(\.key) == ["o-1", "o-2"])
      #expect(orders.map(\.status) == [.completed, .compensated])
      #expect(try store.query("SELECT order_id FROM reservation").map { $0.text(0) } == ["o-1"])
    }
  }
}
