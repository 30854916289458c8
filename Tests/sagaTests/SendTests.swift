import SagaCore
import Testing

@Suite("saga send and saga dlq") struct SendTests {
  private let world: CommandLineWorld
  init() throws { world = try CommandLineWorld.withOrders() }

  @Test("a message comes as an argument, from a file, from standard input or in parts, and twice without effect")
  func ways() throws {
    let message = CommandLineWorld.order("m-1", key: "o-70")
    #expect(try world.saga("send", "--db", "orders.db", message).output.contains("o-70: started"))
    #expect(try world.saga("send", "--db", "orders.db", "-", input: message).output.contains("o-70: duplicate"))
    try world.write("m.json", CommandLineWorld.order("m-2", key: "o-71"))
    let json = try world.saga("send", "--db", "orders.db", "@m.json", "--json").json()
    #expect(json.first?["deliveries"]?[0]?["outcome"] == "started")
    let parts = try world.saga(
      "send", "--db", "orders.db", "--type", "OrderPlaced", "--key", "o-72", "--data", "{\"totalCents\": 5}", "--id",
      "m-3")
    #expect(parts.output.contains("o-72: started"))
  }

  @Test("a definition that the database does not hold yet can be named")
  func definitions() throws {
    let fresh = try CommandLineWorld()
    try fresh.saga("init", "orders").expectDone()
    try fresh.write("none.jsonl", "")
    try fresh.saga("run", "--db", "orders.db", "--definitions", "orders.json", "--input", "none.jsonl").expectDone()
    let message = CommandLineWorld.order("m-1", key: "o-1")
    try fresh.saga("send", "--db", "orders.db", message).expectRefusal(1, mentioning: "--definitions")
    try fresh.saga(["send", "--db", "orders.db", message, "--definitions", "orders.json"]).expectDone()
  }

  @Test("a refused message waits as a dead letter, to be shown, replayed and discarded")
  func deadLetter() throws {
    let bad = CommandLineWorld.order("m-9", key: "o-80").replacing(
      "\"totalCents\":100", with: "\"totalCents\":\"much\"")
    try world.saga("send", "--db", "orders.db", bad).expectRefusal(1, mentioning: "dead-lettered")
    let letters = try world.saga("dlq", "list", "--db", "orders.db", "--json").json()
    let row = try #require(letters.first?["sequence"]?.intValue)
    #expect(letters.count == 1)
    #expect(letters[0]["code"] == "message.schema")
    #expect(try world.saga("dlq", "show", "--db", "orders.db", "\(row)", "--raw").output == bad)
    #expect(try world.saga("dlq", "show", "--db", "orders.db", "\(row)").output.contains("much"))
    try world.saga("dlq", "replay", "--db", "orders.db", "\(row)").expectRefusal(1, mentioning: "message.schema")
    let elsewhere = try world.saga("dlq", "discard", "--db", "orders.db", "--where", "code == 'other'")
    #expect(elsewhere.output.contains("no dead letter matches"))
    try world.saga("dlq", "discard", "--db", "orders.db", "--where", "event.id == 'm-9'", "--count", "5").expectDone()
    #expect(try world.saga("dlq", "list", "--db", "orders.db").output.contains("no dead letters"))
    #expect(
      try world.saga("dlq", "list", "--db", "orders.db", "--all", "--json").json().first?["resolution"] == "discarded")
    #expect(try world.saga("dlq", "replay", "--db", "orders.db", "\(row)").output.contains("resolved before"))
  }

  @Test("a row that is named with a shard is not looked for in a database that has none")
  func noShards() throws {
    try world.saga("dlq", "show", "--db", "orders.db", "1/1").expectRefusal(
      2, mentioning: "1/1: orders.db is not divided into shards", "by its number alone, 1")
  }

  @Test(
    "what is no message is not sent, and nothing is written",
    arguments: [
      "{broken", "[]", "42", "\"text\"", "", "{}",
      "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"OrderPlaced\"}",
      "{\"specversion\":\"1.0\",\"id\":1,\"source\":\"/s\",\"type\":\"OrderPlaced\"}",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"id\":\"2\",\"source\":\"/s\",\"type\":\"OrderPlaced\"}",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"OrderPlaced\",\"data\":{\"n\":1e999}}",
      "{\"specversion\":\"1.0\",\"id\":\"a\\u0000b\",\"source\":\"/s\",\"type\":\"OrderPlaced\"}",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"OrderPlaced\",\"Order\":1}",
    ])
  func noMessage(text: String) throws {
    let before = try world.saga("stats", "--db", "orders.db", "--json").json().first?["lastSequence"]
    try world.saga("send", "--db", "orders.db", "-", input: text).expectRefusal(1, mentioning: "not sent")
    #expect(try world.saga("stats", "--db", "orders.db", "--json").json().first?["lastSequence"] == before)
  }

  @Test("files and options that are wrong are named")
  func wrongFiles() throws {
    try world.saga("send", "--db", "orders.db", "@nope.json").expectRefusal(3, mentioning: "nope.json")
    try world.saga("send", "--db", "orders.db", "@.").expectRefusal(3, mentioning: "directory")
    try world.saga("send", "--db", "nope.db", CommandLineWorld.order("1", key: "k")).expectRefusal(
      3, mentioning: "nope.db")
    try world.saga("send", "--db", "orders.db", "--type", "OrderPlaced", "--data", "{").expectRefusal(
      2, mentioning: "--data")
    try world.saga("send", "--db", "orders.db", "--type", "Nope", "--key", "k").expectRefusal(1, mentioning: "Nope")
  }
}
