import Testing

@Suite("saga diagram") struct DiagramCommandTests {
  private let world: CommandLineWorld
  init() throws {
    world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
  }

  @Test(
    "draws in every format",
    arguments: [("mermaid", "stateDiagram-v2"), ("markdown", "```mermaid"), ("dot", "digraph"), ("svg", "<svg")])
  func formats(format: String, mark: String) throws {
    let result = try world.saga("diagram", "orders.json", "--format", format)
    result.expectDone()
    #expect(result.output.contains(mark))
    #expect(result.output.contains("ReserveStock"))
    let json = try #require(try world.saga("diagram", "orders.json", "--format", format, "--json").json().first)
    #expect(json["diagram"] == .string(result.output))
    #expect(json["saga"] == "orders" && json["format"] == .string(format))
  }

  @Test(
    "says what is wrong with what it cannot draw",
    arguments: [
      (["diagram", "nope.json"], 3, "nope.json"), (["diagram", "."], 3, "directory"),
      (["diagram", "orders.scenario.json"], 1, "error["), (["diagram", "orders.messages.jsonl"], 1, "error["),
      (["diagram", "orders.json", "--role", "nope"], 2, "nope"),
    ] as [([String], Int32, String)])
  func refusals(arguments: [String], code: Int32, word: String) throws {
    try world.saga(arguments).expectRefusal(code, mentioning: word)
  }
}
