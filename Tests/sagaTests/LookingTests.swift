import Foundation
import SagaCore
import SagaRuntime
import SagaTesting
import Testing

@Suite("saga list, show, history and stats") struct LookingTests {
  private let world: CommandLineWorld
  init() throws { world = try CommandLineWorld.withOrders() }

  @Test("list finds by status, state, name and expression")
  func list() throws {
    let all = try world.saga("list", "--db", "orders.db", "--json").json()
    #expect(all.count == 10)
    let compensated = try world.saga("list", "--db", "orders.db", "--status", "compensated", "--json").json()
    #expect(!compensated.isEmpty)
    #expect(compensated.allSatisfy { $0["status"] == "compensated" && $0["state"] == "compensated" })
    let rich = try world.saga("list", "--db", "orders.db", "--where", "data.totalCents > 10000", "--json").json()
    #expect(rich.compactMap { $0["key"]?.stringValue } == ["o-9", "o-10"])
    let cancelled = try world.saga(
      "list", "--db", "orders.db", "--where", "saga.failure != null && saga.failure.kind == 'cancelled'", "--json")
    #expect(try cancelled.json().map { $0["key"] } == ["o-10"])
    #expect(try world.saga("list", "--db", "orders.db", "--limit", "3", "--json").json().count == 3)
    #expect(
      try world.saga("list", "--db", "orders.db", "--saga", "orders", "--where", "false").output.contains(
        "no saga matches"))
    let table = try world.saga("list", "--db", "orders.db", "--saga", "orders")
    #expect(table.output.hasPrefix("KEY "))
    #expect(table.output.split(separator: "\n").count == 11)
  }

  @Test("list says for how many sagas an expression has no value")
  func unanswered() throws {
    let result = try world.saga("list", "--db", "orders.db", "--where", "data.nosuch == 1")
    result.expectDone()
    #expect(result.errors.contains("no answer for 10 sagas"))
  }

  @Test("history tells the causes, the compensation and its end; as JSON one object a row")
  func history() throws {
    let text = try world.saga("history", "--db", "orders.db", "o-10").output
    #expect(text.contains("OrderPlaced (placed-10 from /shop): starts the saga"))
    #expect(text.contains("↩ compensating (cancelled): cancelled by the customer"))
    #expect(text.contains("undo of reserve: ReleaseStock → stock"))
    #expect(text.contains("saga compensated"))
    let rows = try world.saga("history", "--db", "orders.db", "o-10", "--json").json()
    #expect(rows.first?["outcome"] == "started")
    #expect(rows.compactMap { $0["revision"]?.intValue } == Array(1...Int64(rows.count)))
    #expect(try world.saga("history", "--db", "orders.db", "o-10", "--limit", "2", "--json").json().count == 2)
  }

  @Test("history --export writes a file that replays without a difference")
  func export() throws {
    let result = try world.saga("history", "--db", "orders.db", "o-10", "--export", "o-10.history.jsonl")
    result.expectDone()
    #expect(result.output.contains("rows of orders o-10"))
    let history = try GoldenHistory(jsonLines: Array(try world.read("o-10.history.jsonl").utf8), file: "o-10")
    #expect(history.address == InstanceAddress(saga: "orders", key: "o-10"))
    let definitions = try SagaDefinitions(sources: [("orders.json", Array(try world.read("orders.json").utf8))])
    #expect(try history.replay(against: definitions) == [])
    let json = try world.saga("history", "--db", "orders.db", "o-10", "--export", "again.jsonl", "--json").json()
    #expect(json == [["result": "done", "file": "again.jsonl", "rows": .int(Int64(history.rows.count))]])
    #expect(try world.saga("history", "--db", "orders.db", "o-10", "--export", "a", "--limit", "1").code == 2)
    #expect(try world.saga("history", "--db", "orders.db", "o-10", "--export", "/no/where").code == 3)
  }

  @Test("show tells state, data, what is awaited and what is owed")
  func show() throws {
    try world.saga(
      "send", "--db", "orders.db", "--type", "OrderPlaced", "--key", "o-50", "--data", "{\"totalCents\": 7}",
      "--at", "2026-02-01T00:00:00Z"
    ).expectDone()
    let text = try world.saga("show", "--db", "orders.db", "o-50").output
    for part in ["o-50", "running", "totalCents", "ReserveStock to stock", "1 of 5", "after 24h"] {
      #expect(text.contains(part))
    }
    let json = try #require(try world.saga("show", "--db", "orders.db", "o-50", "--json").json().first)
    #expect(json["openCalls"]?[0]?["command"] == "ReserveStock")
    #expect(json["startedAt"] == "2026-02-01T00:00:00.000Z")
  }

  @Test("stats counts")
  func stats() throws {
    let json = try #require(try world.saga("stats", "--db", "orders.db", "--json").json().first)
    let instances = try #require(json["instances"]?.objectValue)
    #expect(instances.reduce(0) { $0 + ($1.value.intValue ?? 0) } == 10)
    #expect(json["deadLetters"]?.intValue == 0)
    #expect(json["lanes"]?.arrayValue?.allSatisfy { $0["lagRows"] == 0 } == true)
    #expect(try world.saga("stats", "--db", "orders.db").output.contains("none runs"))
  }

  @Test("stats does not say that no engine runs where the lock cannot be read")
  func unreadableLock() throws {
    // Held by somebody who has not said who it is.
    try world.write("orders.db.lock", "")
    let lock = open(world.folder.path("orders.db.lock"), O_RDWR | O_CLOEXEC)
    try #require(lock >= 0)
    defer { close(lock) }
    try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
    try world.saga("stats", "--db", "orders.db").expectRefusal(3, mentioning: "orders.db.lock", "in use")
  }

  @Test(
    "what is not there is said, with the right exit code",
    arguments: [
      (["show", "--db", "orders.db", "nope"], 1, "no saga has the key 'nope'"),
      (["history", "--db", "orders.db", "o-1", "--saga", "nope"], 1, "no saga 'nope' has run here; there is orders"),
      (["history", "--db", "orders.db", "o-1", "--role", "nope"], 1, "no role 'nope' has run here"),
      (["list", "--db", "orders.db", "--saga", "nope"], 1, "no saga 'nope' has run here; there is orders"),
      (["list", "--db", "orders.db", "--state", "complete"], 1, "did you mean 'completed'?"),
      (["list", "--db", "orders.db", "--role", "nope"], 1, "no role 'nope' has run here"),
      (["pause", "--db", "orders.db", "--saga", "nope"], 1, "no saga 'nope' has run here; there is orders"),
      (["list", "--db", "nope.db"], 3, "nope.db"), (["stats", "--db", "."], 3, "directory"),
      (["show", "--db", "orders.json", "o-1"], 3, "not a SQLite database"),
      (["dlq", "show", "--db", "orders.db", "1"], 1, "no dead letter"),
      (["dlq", "show", "--db", "orders.db", "0"], 2, "a number from 1"),
      (["dlq", "show", "--db", "orders.db", "0/-9223372036854775808"], 2, "a number from 1"),
      (["dlq", "replay", "--db", "orders.db", "0/-9223372036854775808"], 2, "The dead letter's journal row"),
      (["dlq", "discard", "--db", "orders.db", "0/-1"], 2, "The dead letter's journal row"),
      (["outbox", "list", "--db", "orders.db", "--lane", "nope"], 1, "no lane 'nope'"),
      (["show", "--db", "orders.db", "x'; DROP TABLE instance; --"], 1, "DROP TABLE"),
      (["show", "--db", "orders.db", "../../etc/passwd"], 1, "no saga"),
      (["chek", "orders.json"], 2, "there is no command 'chek'; did you mean 'saga check'?"),
      (["orders.json"], 2, "there is no command 'orders.json'; saga --help lists them"),
    ] as [([String], Int32, String)])
  func refusals(arguments: [String], code: Int32, word: String) throws {
    try world.saga(arguments).expectRefusal(code, mentioning: word)
  }

  @Test("a key in two sagas must be told apart")
  func ambiguity() throws {
    var other = try world.read("orders.json")
    other = other.replacing("\"saga\": \"orders\"", with: "\"saga\": \"parcels\"")
    try world.write("parcels.json", other)
    let message = CommandLineWorld.order("again", key: "o-1")
    try world.saga(["send", "--db", "orders.db", message, "--definitions", "parcels.json"]).expectDone()
    let refused = try world.saga("show", "--db", "orders.db", "o-1")
    refused.expectRefusal(2, mentioning: "--saga orders", "--saga parcels")
    try world.saga("show", "--db", "orders.db", "o-1", "--saga", "parcels").expectDone()
  }
}
