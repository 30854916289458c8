import SagaCore
import Testing

@Suite("Definitions that are named without a running engine")
struct NamedDefinitionTests {
  private let world: CommandLineWorld
  private static let at = ["--at", "2026-01-07T09:00:00Z"]

  /// A database that holds both versions, with a saga of each.
  init() throws {
    world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.write("v1.json", try world.read("orders.json"))
    try world.write(
      "v2.json", try world.read("orders.json").replacing("\"version\": 1", with: "\"version\": 2"))
    for version in 1...2 {
      let time = "2026-01-06T09:0\(version):00Z"
      try world.write("in.jsonl", CommandLineWorld.order("placed-\(version)", key: "o-\(version)", time: time) + "\n")
      try world.saga(
        "run", "--db", "orders.db", "--definitions", "v\(version).json", "--input", "in.jsonl", "--clock", "events",
        "--output", "out-\(version).jsonl"
      ).expectDone()
    }
  }

  private func version(_ key: String) throws -> Int64? {
    try world.saga("show", "--db", "orders.db", key, "--json").json().first?["version"]?.intValue
  }

  @Test("are what a message begins a saga with; without them it is the greatest version that the database holds")
  func send() throws {
    let message = { (number: Int) in
      CommandLineWorld.order("m-\(number)", key: "o-\(number)", time: "2026-01-07T09:00:00Z")
    }
    try world.saga(["send", "--db", "orders.db", message(3), "--definitions", "v1.json"] + Self.at).expectDone()
    #expect(try version("o-3") == 1)
    try world.saga(["send", "--db", "orders.db", message(4)] + Self.at).expectDone()
    #expect(try version("o-4") == 2)
    try world.saga(["send", "--db", "orders.db", message(5), "--definitions", "v1.json", "v2.json"] + Self.at)
      .expectDone()
    #expect(try version("o-5") == 2)
    // An instance goes on with its own, whatever is named.
    for key in ["o-1", "o-2"] {
      let reserved = ["send", "--db", "orders.db", "--type", "StockReserved", "--key", key]
      try world.saga(reserved + ["--definitions", "v1.json"] + Self.at).expectDone()
    }
    #expect(try [version("o-1"), version("o-2")] == [1, 2])
  }

  @Test("are what a dead letter begins a saga with, too")
  func replay() throws {
    // It has no version that takes such an amount.
    for version in 1...2 {
      let bad = CommandLineWorld.order("bad-\(version)", key: "o-8\(version)", time: "2026-01-07T09:00:00Z").replacing(
        "\"totalCents\":100", with: "\"totalCents\":\"1\"")
      try world.saga(["send", "--db", "orders.db", bad] + Self.at).expectRefusal(1, mentioning: "message.schema")
    }
    let mended = try world.read("v1.json").replacing("\"version\": 1", with: "\"version\": 3").replacing(
      #""type": "integer""#, with: #""type": ["integer", "string"]"#)
    try world.write("v3.json", mended)
    try world.write("v4.json", mended.replacing("\"version\": 3", with: "\"version\": 4"))
    let rows = try world.saga("dlq", "list", "--db", "orders.db", "--json").json().compactMap {
      $0["sequence"]?.intValue
    }
    try #require(rows.count == 2)
    let replay = { (index: Int) in ["dlq", "replay", "--db", "orders.db", "\(rows[index])"] + Self.at }
    try world.saga(replay(0)).expectRefusal(1, mentioning: "message.schema")
    try world.saga(replay(0) + ["--definitions", "v4.json", "--dry-run"]).expectDone()
    try world.saga(replay(0) + ["--definitions", "v4.json"]).expectDone()
    #expect(try version("o-81") == 4)
    try world.saga(replay(1) + ["--definitions", "v3.json"]).expectDone()
    #expect(try version("o-82") == 3)
  }

  @Test("are refused where an engine runs, which has loaded its own")
  func runningEngine() async throws {
    let engine = Command(
      ["run", "--db", "orders.db", "--definitions", "v2.json", "--follow", "--output", "more.jsonl"],
      in: world.folder.url)
    try await engine.whileFollowing(socket: "orders.db.sock") { _ in
      try world.saga("dlq", "replay", "--db", "orders.db", "1", "--definitions", "v1.json").expectRefusal(
        2, mentioning: "--definitions: an engine runs on orders.db")
    }
  }
}
