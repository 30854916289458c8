import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// Adds up what three databases say, each by its own service's rows: they know nothing of one another.
struct Auditor {
  let folder: String

  struct Findings {
    var lines: [String] = []
    var problems: [String] = []
    var text: String {
      (lines + (problems.isEmpty ? ["everything adds up"] : problems.map { "WRONG: \($0)" })).joined(separator: "\n")
    }
  }

  func audit(expectedOrders: Int) async throws -> Findings {
    let orders = try rows("orders", "SELECT id, quantity, cents, status FROM customer_order")
    let accounts = try rows("payments", "SELECT sum(cents), count(*) FROM account")
    let payments = try rows("payments", "SELECT order_id, sum(cents), count(*) FROM payment GROUP BY order_id")
    let stock = try rows("inventory", "SELECT sum(quantity), count(*) FROM stock")
    let reservations = try rows("inventory", "SELECT order_id, quantity, status FROM reservation")
    var findings = Findings()
    func check(_ holds: Bool, _ problem: @autoclosure () -> String) {
      if !holds, findings.problems.count < 20 { findings.problems.append(problem()) }
    }

    let status = Dictionary(grouping: orders) { $0.text(3) ?? "" }.mapValues(\.count)
    findings.lines.append(
      "orders: \(orders.count), of which \(status["fulfilled", default: 0]) fulfilled and \(status["cancelled", default: 0]) cancelled"
    )
    check(orders.count == expectedOrders, "\(orders.count) orders are there, \(expectedOrders) were acknowledged")
    check(status["placed", default: 0] == 0, "\(status["placed", default: 0]) orders have no end")

    let paid = Dictionary(uniqueKeysWithValues: payments.map { ($0.text(0) ?? "", $0.integer(1) ?? 0) })
    let movements = payments.compactMap { $0.integer(2) }.reduce(0, +)
    let reserved = Dictionary(grouping: reservations) { $0.text(0) ?? "" }
    for order in orders {
      let id = order.text(0) ?? ""
      let cents = paid[id] ?? 0
      let states = (reserved[id] ?? []).compactMap { $0.text(2) }
      if order.text(3) == "fulfilled" {
        check(cents == order.integer(2), "\(id) is fulfilled and paid \(cents) of \(order.integer(2) ?? 0) cents")
        check(states == ["shipped"], "\(id) is fulfilled and its reservations are \(states)")
      } else {
        check(cents == 0, "\(id) is cancelled and keeps \(cents) cents")
        check(!states.contains { $0 != "released" } && states.count <= 1, "\(id) is cancelled with \(states)")
      }
    }
    let money = (accounts[0].integer(0) ?? 0) + paid.values.reduce(0, +)
    let opening = Int64(Payments.customers) * Payments.openingCents
    findings.lines.append("money: \(money) cents in accounts and payments of \(opening); \(movements) movements")
    check(money == opening, "\(opening - money) cents are missing")
    let shipped = reservations.filter { $0.text(2) == "shipped" }.compactMap { $0.integer(1) }.reduce(0, +)
    let pieces = (stock[0].integer(0) ?? 0) + shipped
    let openingPieces = Int64(Inventory.articles) * Inventory.openingQuantity
    findings.lines.append("stock: \(pieces) pieces in stock and shipped of \(openingPieces); \(shipped) shipped")
    check(pieces == openingPieces, "\(openingPieces - pieces) pieces are missing")
    for peer in Peer.allCases { try auditEngine(peer, &findings) }
    return findings
  }

  /// No message may be left over: not held, not parked, not dead.
  private func auditEngine(_ peer: Peer, _ findings: inout Findings) throws {
    let reader = try ShardReader(store: try store(peer.rawValue))
    let statistics = try reader.statistics()
    let held = statistics.lanes.map(\.held).reduce(0, +)
    for (what, count) in [
      ("dead letters", statistics.unresolvedDeadLetters), ("held messages", held),
      ("parked messages", statistics.parked),
    ] where count != 0 {
      findings.problems.append("\(peer.rawValue) has \(count) \(what)")
    }
    findings.lines.append("\(peer.rawValue): \(statistics.lastSequence) journal rows")
  }

  private func store(_ name: String) throws -> SQLiteStore {
    try SQLiteStore(path: folder + "/\(name).db", mode: .reader)
  }

  private func rows(_ name: String, _ sql: String) throws -> [SQLiteRow] { try store(name).query(sql) }
}
