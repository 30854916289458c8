import SagaCore
import Testing

@Suite("The history of an undo that has to be tried again")
struct HistoryUndoTests {
  private let world: CommandLineWorld

  /// An order whose payment nobody answers, nor its undo.
  init() throws {
    world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.write(
      "orders.scenario.json",
      """
      { "participants": {
          "stock": { "ReserveStock": [{ "reply": "StockReserved", "data": { "orderId": "command.data.orderId" } }] },
          "payments": { "Charge": [{ "silent": true }], "Refund": [{ "silent": true }] } } }
      """)
    try world.write("one.jsonl", CommandLineWorld.order("placed", key: "o-1") + "\n")
    try world.runOrders("one.jsonl").expectDone()
  }

  @Test("is that of the undo also where the rows in which it began are not shown")
  func limited() throws {
    let whole = try world.saga("history", "--db", "orders.db", "o-1").output.split(separator: "\n")
    #expect(whole.contains { $0.contains("timer: undo of charge: no answer in time") })
    #expect(whole.contains { $0.contains("timer: charge: no answer in time") })
    let rows = whole.indices.filter { whole[$0].contains("  #") }
    for limit in 1...rows.count {
      let shown = try world.saga("history", "--db", "orders.db", "o-1", "--limit", "\(limit)").output
      let lines = shown.split(separator: "\n").filter { !$0.contains("not shown") }
      #expect(lines.dropFirst() == whole[rows[rows.count - limit]...], "--limit \(limit)")
    }
  }

  @Test("says in JSON, fact by fact, whether it is about the undo, however many rows are asked for")
  func json() throws {
    func facts(_ more: String...) throws -> [[JSON]] {
      try world.saga(["history", "--db", "orders.db", "o-1", "--json"] + more).json().map {
        $0["facts"]?.arrayValue ?? []
      }
    }
    let all = try facts()
    let timeouts = all.joined().filter { $0["fact"] == "timedOut" }
    #expect(timeouts.first?["undo"] == false)
    #expect(timeouts.last?["undo"] == true)
    #expect(all.joined().first { $0["fact"] == "called" }?["undo"] == nil)
    for limit in 1...all.count { #expect(try facts("--limit", "\(limit)") == Array(all.suffix(limit))) }
  }
}
