import Testing

@Suite("saga init and saga check") struct StarterTests {
  @Test("makes a definition that passes the check without a warning and runs to its ends")
  func starter() throws {
    let world = try CommandLineWorld()
    let made = try world.saga("init", "my-orders_2")
    made.expectDone()
    #expect(made.output.contains("saga run --db my-orders_2.db"))
    let checked = try world.saga("check", ".")
    checked.expectDone()
    #expect(checked.output.contains("no findings"))
    #expect(try world.saga("check", "my-orders_2.json", "--json").output.isEmpty)
    let run = try world.saga(
      "run", "--db", "x.db", "--definitions", "my-orders_2.json", "--input", "my-orders_2.messages.jsonl",
      "--participants", "my-orders_2.scenario.json", "--clock", "events", "--linger", "2h")
    run.expectDone()
    let sagas = try world.saga("list", "--db", "x.db", "--json").json()
    #expect(sagas.count == 10)
    let statuses = Set(sagas.compactMap { $0["status"]?.stringValue })
    #expect(statuses == ["completed", "compensated"])
  }

  @Test("overwrites nothing")
  func noOverwriting() throws {
    let world = try CommandLineWorld()
    try world.write("orders.scenario.json", "mine")
    try world.saga("init", "orders").expectRefusal(1, mentioning: "orders.scenario.json", "exists already")
    #expect(try world.read("orders.scenario.json") == "mine")
    try world.saga("check", "orders.json").expectRefusal(3, mentioning: "orders.json")
  }

  @Test("needs a folder that is there")
  func noFolder() throws {
    try CommandLineWorld().saga("init", "orders", "--directory", "nowhere").expectRefusal(3, mentioning: "nowhere")
  }

  @Test("check names file, line and column, for people and machines")
  func diagnostics() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "bad").expectDone()
    let text = try world.read("bad.json").replacing(
      "\"step\": \"charge\",", with: "\"step\": \"charge\", \"timeuot\": \"1s\",")
    try world.write("bad.json", text)
    let result = try world.saga("check", "bad.json")
    result.expectRefusal(1, mentioning: "bad.json:48:25: error[field.unknown]", "timeout")
    let json = try world.saga("check", "bad.json", "--json")
    #expect(json.code == 1)
    let first = try #require(try json.json().first)
    #expect(first["file"] == "bad.json")
    #expect(first["severity"] == "error")
    #expect(first["line"]?.intValue != nil)
  }

  @Test("check --table tells what becomes of every message in every state")
  func table() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let text = try world.saga("check", "orders.json", "--table").output
    #expect(text.contains("MESSAGE"))
    #expect(text.contains("OrderCancelled"))
    let rows = try world.saga("check", "orders.json", "--table", "--json").json()
    #expect(rows.contains { $0["state"] == "completed" && $0["message"] == "OrderPlaced" && $0["outcome"] == "late" })
  }

  @Test(
    "check refuses what is no definition",
    arguments: [
      ("missing.json", 3, "no such file"), ("empty.json", 1, "error["), ("number.json", 1, "error["),
      ("folder", 3, "no definition"),
      ("half.json", 1, "error["),
    ] as [(String, Int32, String)])
  func noDefinition(name: String, code: Int32, word: String) throws {
    let world = try CommandLineWorld()
    try world.write("empty.json", "")
    try world.write("number.json", "42")
    try world.write("half.json", "{\"saga\": ")
    try world.folder.makeFolder("folder")
    try world.saga("check", name).expectRefusal(code, mentioning: word)
  }
}
