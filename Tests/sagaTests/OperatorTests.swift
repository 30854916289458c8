import Foundation
import SagaCore
import Testing

@Suite("Operators") struct OperatorTests {
  private let world: CommandLineWorld
  init() throws {
    world = try CommandLineWorld.withOrders()
    try world.write("late.jsonl", CommandLineWorld.order("placed-60", key: "o-60") + "\n")
    try world.saga("send", "--db", "orders.db", "@late.jsonl", "--at", "2026-01-06T09:00:00Z").expectDone()
  }

  private func status(_ key: String) throws -> JSON? {
    try world.saga("show", "--db", "orders.db", key, "--json").json().first
  }

  @Test("pause, resume and cancel are in the history with who and why")
  func verbs() throws {
    let when = ["--db", "orders.db", "--by", "anna", "--at", "2026-01-06T09:00:01Z"]
    try world.saga(["pause", "o-60", "--reason", "first why"] + when).expectDone()
    #expect(try status("o-60")?["paused"] == true)
    let again = try world.saga(["pause", "o-60"] + when)
    again.expectDone()
    #expect(again.output.contains("nothing to do"))
    try world.saga(["resume", "o-60", "--reason", "second why"] + when).expectDone()
    try world.saga(["cancel", "o-60", "--reason", "third why", "--json"] + when).expectDone()
    #expect(try status("o-60")?["status"] == "compensating")
    let history = try world.saga("history", "--db", "orders.db", "o-60").output
    for line in ["pause by anna: first why", "resume by anna: second why", "cancel by anna: third why"] {
      #expect(history.contains(line))
    }
  }

  @Test("confirm the clock of a database whose time is far ahead: timers wait until then, and begin anew")
  func clockAhead() throws {
    let far = "2096-01-06T09:00:00Z"
    try world.write("far.jsonl", CommandLineWorld.order("placed-96", key: "o-96", time: far) + "\n")
    try world.write("none.jsonl", "")
    try world.saga("send", "--db", "orders.db", "@far.jsonl", "--at", far).expectDone()
    func run() throws -> Command.Result {
      try world.saga(
        "run", "--db", "orders.db", "--definitions", "orders.json", "--input", "none.jsonl", "--output", "more.jsonl")
    }
    let held = try run()
    held.expectDone()
    #expect(held.errors.contains("timers wait for `saga resume --clock`"))
    let due = "2096-01-06T09:00:10.000Z"
    #expect(try world.saga("list", "--db", "orders.db").output.contains(due))
    try world.saga("resume", "--db", "orders.db", "--clock").expectDone()
    #expect(try !world.saga("list", "--db", "orders.db").output.contains(due))
    let free = try run()
    free.expectDone()
    #expect(!free.errors.contains("saga resume --clock"))
  }

  @Test("what does not fit is refused with the reason", arguments: ["retry", "skip", "resolve"])
  func unfitting(verb: String) throws {
    try world.saga(verb, "o-60", "--db", "orders.db").expectRefusal(1, mentioning: "operation.")
    try world.saga(verb, "o-1", "--db", "orders.db").expectRefusal(1, mentioning: "final")
    try world.saga(verb, "nope", "--db", "orders.db").expectRefusal(1, mentioning: "no saga")
    try world.saga(verb, "o-60", "--db", "nope.db").expectRefusal(3, mentioning: "nope.db")
    try world.saga(verb, "o-60", "--db", "orders.db", "--saga", "nope").expectRefusal(1, mentioning: "nope")
  }

  @Test("a stuck saga can be retried, taken as done or closed as it is", arguments: ["retry", "skip", "resolve"])
  func stuck(verb: String) throws {
    let stuck = try CommandLineWorld()
    try stuck.saga("init", "orders").expectDone()
    // Stock is reserved, the card declined, and nobody answers when the stock shall be released.
    try stuck.write(
      "orders.scenario.json",
      """
      { "participants": {
          "stock": { "ReserveStock": [{ "reply": "StockReserved", "data": { "orderId": "command.data.orderId" } }],
                     "ReleaseStock": [{ "silent": true }] },
          "payments": { "Charge": [{ "reply": "Declined", "refuses": true,
                                     "data": { "orderId": "command.data.orderId", "reason": "'no'" } }] } } }
      """)
    try stuck.write("one.jsonl", CommandLineWorld.order("placed", key: "o-1") + "\n")
    try stuck.runOrders("one.jsonl").expectDone()
    let page = try stuck.saga("show", "--db", "orders.db", "o-1").output
    #expect(page.contains("Stuck") && page.contains("undo of reserve"))
    try stuck.saga(
      verb, "--db", "orders.db", "o-1", "--by", "anna", "--reason", "by hand", "--at", "2026-01-06T12:00:00Z"
    )
    .expectDone()
    let after = try #require(try stuck.saga("show", "--db", "orders.db", "o-1", "--json").json().first)
    #expect(after["status"] == (verb == "retry" ? "compensating" : "compensated"))
    #expect(try stuck.saga("history", "--db", "orders.db", "o-1").output.contains("\(verb) by anna: by hand"))
  }

  @Test("a time before the journal's last one is refused with it: rows do not go back")
  func backwards() throws {
    let last = "2026-01-06T09:00:00.000Z"
    try world.saga("pause", "--db", "orders.db", "o-60", "--at", last).expectDone()
    for verb in [
      ["send", CommandLineWorld.order("back", key: "o-70")], ["resume", "o-60"], ["cancel", "--saga", "orders"],
      ["cancel", "o-60", "--dry-run"], ["cancel", "--saga", "orders", "--dry-run"], ["dlq", "replay", "1"],
    ] {
      // By four hours and by a millisecond: neither the leap of a clock nor its trembling.
      for at in ["2026-01-06T05:00:00Z", "2026-01-06T08:59:59.999Z"] {
        try world.saga(verb + ["--db", "orders.db", "--at", at]).expectRefusal(
          2, mentioning: "--at \(at.dropLast().prefix(19))", "has come to \(last)", "a later one")
      }
    }
    try world.saga("resume", "--db", "orders.db", "o-60", "--at", last).expectDone()
    let rows = try world.saga("history", "--db", "orders.db", "o-60", "--json").json()
    #expect(rows.compactMap { $0["at"]?.stringValue }.last == last)
  }

  @Test("a running engine does what commands ask, and only it writes")
  func runningEngine() async throws {
    let engine = Command(
      [
        // Nobody answers: the order stays open while the commands come, however slow the machine.
        "run", "--db", "orders.db", "--definitions", "orders.json", "--follow", "--output", "orders.out.jsonl",
      ], in: world.folder.url)
    try await engine.whileFollowing(socket: "orders.db.sock") { process in
      try world.saga(
        "send", "--db", "orders.db", "--type", "OrderPlaced", "--key", "o-61", "--data", "{\"totalCents\":1}"
      )
      .expectDone()
      try world.saga("pause", "--db", "orders.db", "o-61").expectDone()
      #expect(try status("o-61")?["paused"] == true)
      try world.saga("resume", "--db", "orders.db", "--clock").expectDone()
      try world.saga("pause", "--db", "orders.db", "o-61", "--at", "2026-01-01T00:00:00Z").expectRefusal(
        2, mentioning: "--at")
      try world.saga("prune", "--db", "orders.db", "--older-than", "1d").expectRefusal(3, mentioning: "engine runs")
      try world.saga("restore", "orders.db").expectRefusal(3, mentioning: "in use")
      #expect(try world.saga("stats", "--db", "orders.db").output.contains("process \(process.processIdentifier)"))
    }
  }
}
