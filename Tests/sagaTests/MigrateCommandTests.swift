import Foundation
import SagaCore
import Testing

@Suite("saga diff and saga migrate") struct MigrateCommandTests {
  private let world: CommandLineWorld

  /// Three orders whose stock is being reserved, and a second version that charges under another name, checks for fraud first
  /// and needs a currency.
  init() throws {
    world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    var lines = ""
    for number in 1...3 { lines += CommandLineWorld.order("placed-\(number)", key: "o-\(number)") + "\n" }
    try world.write("three.jsonl", lines)
    try world.saga(
      "run", "--db", "orders.db", "--definitions", "orders.json", "--input", "three.jsonl", "--clock", "events",
      "--output", "out.jsonl"
    ).expectDone()
    let first = try world.read("orders.json")
    let second =
      first
      .replacingOccurrences(of: "\"version\": 1", with: "\"version\": 2")
      .replacingOccurrences(of: "\"step\": \"charge\"", with: "\"step\": \"pay\"")
      .replacingOccurrences(
        of: "\"Refunded\": { \"key\"",
        with: "\"Checked\": { \"key\": \"event.data.orderId\" },\n    \"Refunded\": { \"key\""
      )
      .replacingOccurrences(
        of: "\"steps\": [",
        with: """
          "steps": [
              { "step": "check", "call": "CheckFraud", "to": "fraud", "with": { "orderId": "saga.key" }, "reply": { "Checked": {} } },
          """)
    try world.write("v2.json", second)
    try world.write("map.json", #"{"steps": {"charge": "pay"}, "skip": ["check"]}"#)
  }

  @Test("diff says for every place what a new version means, and exits with 1 where an instance would stay")
  func diff() throws {
    let bare = try world.saga("diff", "orders.json", "v2.json")
    bare.expectRefusal(1, mentioning: "needs a mapping while reserve is under way", "\"skip\": [\"check\"]", "Checked")
    let mapped = try world.saga("diff", "orders.json", "v2.json", "--mapping", "map.json", "--json")
    mapped.expectDone()
    let report = try #require(try mapped.json().first)
    #expect(report["verdict"] == "may-move")
    #expect(report["addedMessages"] == ["Checked"])
    try world.saga("diff", "orders.json", "orders.json").expectRefusal(2, mentioning: "both version 1")
    try world.saga("diff", "orders.json", "nowhere.json").expectRefusal(3, mentioning: "nowhere.json")
    try world.write("wrong.json", #"{"steps": {"charg": "pay"}}"#)
    try world.saga("diff", "orders.json", "v2.json", "--mapping", "wrong.json")
      .expectRefusal(1, mentioning: "wrong.json#/steps", "did you mean 'charge'")
    try world.write("list.json", "[]")
    try world.saga("diff", "orders.json", "v2.json", "--mapping", "list.json")
      .expectRefusal(1, mentioning: "list.json: a mapping is an object, not an array")
    try world.write("broken.json", "{")
    try world.saga("diff", "orders.json", "v2.json", "--mapping", "broken.json")
      .expectRefusal(1, mentioning: "broken.json:1:")
  }

  @Test("migrate says what stays and why, moves the rest, and the sagas end under the new version")
  func migrate() throws {
    let at = ["--at", "2026-01-06T09:00:00Z"]
    let refused = try world.saga(["migrate", "--db", "orders.db", "--to", "v2.json", "--dry-run"] + at)
    refused.expectRefusal(1, mentioning: "3 would refuse", "migration.never-runs", "o-1, o-2, o-3")
    let trial = ["migrate", "--db", "orders.db", "--to", "v2.json", "--mapping", "map.json", "--by", "anna"] + at
    let dry = try world.saga(trial + ["--dry-run", "--json"])
    dry.expectDone()
    #expect(try dry.json().first?["done"] == 3)
    #expect(try world.saga("list", "--db", "orders.db", "--json").json().allSatisfy { $0["version"] == 1 })
    try world.saga(trial + ["--where", "saga.key != 'o-3'", "--reason", "fraud"]).expectDone()
    let versions = try world.saga("list", "--db", "orders.db", "--json").json().map { $0["version"] }
    #expect(versions == [2, 2, 1])
    let history = try world.saga("history", "--db", "orders.db", "o-1").output
    #expect(history.contains("migrate to version 2 by anna: fraud"))
    #expect(history.contains("goes on under version 2 (was 1)"))
    // Both versions end: the moved ones with the new one's steps, the other with its own.
    try world.write("end.jsonl", CommandLineWorld.order("placed-9", key: "o-9", time: "2026-01-06T09:00:01Z") + "\n")
    try world.write(
      "orders.scenario.json",
      """
      { "participants": {
          "fraud": { "CheckFraud": [{ "reply": "Checked", "data": { "orderId": "command.data.orderId" } }] },
          "stock": { "ReserveStock": [{ "reply": "StockReserved", "data": { "orderId": "command.data.orderId" } }] },
          "payments": { "Charge": [{ "reply": "Charged",
                                     "data": { "orderId": "command.data.orderId", "paymentId": "'p-1'" } }] },
          "shipping": { "Ship": [{ "reply": "Shipped", "data": { "orderId": "command.data.orderId" } }] } } }
      """)
    try world.saga(
      "run", "--db", "orders.db", "--definitions", "v2.json", "--input", "end.jsonl", "--participants",
      "orders.scenario.json", "--clock", "events", "--linger", "2h", "--output", "out.jsonl"
    ).expectDone()
    let ended = try world.saga("list", "--db", "orders.db", "--json").json()
    #expect(ended.map { $0["status"] } == ["completed", "completed", "completed", "completed"])
    #expect(ended.map { $0["version"] } == [2, 2, 1, 2])
  }

  @Test("a dry run beside a running engine asks it: what it has not loaded it would refuse")
  func runningEngine() async throws {
    let trial = ["migrate", "--db", "orders.db", "--to", "v2.json", "--mapping", "map.json", "--json"]
    func follow(_ definition: String, _ body: () throws -> Void) async throws {
      let engine = Command(
        [
          "run", "--db", "orders.db", "--definitions", definition, "--clock", "events", "--follow", "--output",
          "o.jsonl",
        ],
        in: world.folder.url)
      try await engine.whileFollowing(socket: "orders.db.sock") { _ in try body() }
    }
    try await follow("orders.json") {
      for more in [["--dry-run"], []] {
        let refused = try world.saga(trial + more)
        #expect(refused.code == 1)
        let report = try #require(try refused.json().first)
        #expect(report["refused"] == 3 && report["done"] == 0)
        #expect(report["refusals"]?[0]?["code"] == "migration.version")
        #expect(report["dryRun"] == .bool(!more.isEmpty))
      }
    }
    try await follow("v2.json") {
      let bare = try world.saga("migrate", "--db", "orders.db", "--to", "v2.json", "--dry-run")
      bare.expectRefusal(1, mentioning: "3 would refuse", "migration.never-runs", "o-1, o-2, o-3")
      let dry = try world.saga(trial + ["--dry-run"])
      dry.expectDone()
      #expect(try dry.json().first?["done"] == 3)
      #expect(try world.saga("list", "--db", "orders.db", "--json").json().allSatisfy { $0["version"] == 1 })
      try world.saga(trial).expectDone()
      #expect(try world.saga("list", "--db", "orders.db", "--json").json().allSatisfy { $0["version"] == 2 })
    }
  }

  @Test("what is no version of the saga, or changed under its number, is refused")
  func mistakes() throws {
    try world.saga("migrate", "--db", "nowhere.db", "--to", "v2.json").expectRefusal(3, mentioning: "nowhere.db")
    try world.saga("migrate", "--db", "orders.db", "--to", "nowhere.json").expectRefusal(3, mentioning: "nowhere.json")
    try world.write(
      "changed.json", try world.read("v2.json").replacingOccurrences(of: "\"version\": 2", with: "\"version\": 1"))
    try world.saga("migrate", "--db", "orders.db", "--to", "changed.json")
      .expectRefusal(1, mentioning: "another definition has run", "new version")
    try world.saga("migrate", "--db", "orders.db", "--to", "v2.json", "--where", "data.")
      .expectRefusal(2, mentioning: "--where")
    let parcels = try world.read("v2.json").replacing("\"saga\": \"orders\"", with: "\"saga\": \"parcels\"")
    try world.write("parcels.json", parcels)
    try world.saga("migrate", "--db", "orders.db", "--to", "parcels.json")
      .expectRefusal(2, mentioning: "--to parcels.json: is a version of 'parcels'", "there is orders")
  }

  @Test(
    "a verb takes many: what the options choose, with a dry run; without a key and without options it is wrong usage")
  func bulk() throws {
    let at = ["--at", "2026-01-06T09:00:01Z", "--by", "anna"]
    try world.saga(["pause", "--db", "orders.db"] + at).expectRefusal(2, mentioning: "--where")
    try world.saga(["pause", "--db", "orders.db", "o-1", "--status", "running"] + at).expectRefusal(
      2, mentioning: "key")
    let dry = try world.saga(["pause", "--db", "orders.db", "--saga", "orders", "--limit", "2", "--dry-run"] + at)
    dry.expectDone()
    #expect(dry.output.contains("2 would be done"))
    try world.saga(["pause", "--db", "orders.db", "--where", "saga.key > 'o-1'", "--reason", "stocktaking"] + at)
      .expectDone()
    let paused = try world.saga("list", "--db", "orders.db", "--status", "paused", "--json").json()
    #expect(paused.map { $0["key"] } == ["o-2", "o-3"])
    let resumed = try world.saga(["resume", "--db", "orders.db", "--saga", "orders", "--json"] + at)
    resumed.expectDone()
    let report = try #require(try resumed.json().first)
    #expect(report["done"] == 2)
    #expect(report["unchanged"] == 1)
    let skipped = try world.saga(["skip", "--db", "orders.db", "--saga", "orders"] + at)
    skipped.expectRefusal(1, mentioning: "3 refused", "operation.status")
  }

  @Test("force leads a saga to a state, refuses what would lose an effect, and says in the history what was given up")
  func force() throws {
    let at = ["--at", "2026-01-06T09:00:01Z", "--by", "anna", "--db", "orders.db"]
    try world.saga(["force", "o-1", "--to", "nowhere"] + at).expectRefusal(1, mentioning: "the states are")
    try world.saga(["force", "o-1", "--to", "completed"] + at).expectRefusal(
      1, mentioning: "force.in-flight", "reserve")
    let dry = try world.saga(["force", "o-1", "--to", "completed", "--unsafe", "--dry-run"] + at)
    dry.expectDone()
    try world.saga(["force", "o-1", "--to", "completed", "--unsafe", "--reason", "sold in the shop"] + at).expectDone()
    let history = try world.saga("history", "--db", "orders.db", "o-1").output
    #expect(history.contains("force to completed, unsafely, by anna: sold in the shop"))
    #expect(history.contains("although the outcome of reserve is not known yet"))
  }
}
