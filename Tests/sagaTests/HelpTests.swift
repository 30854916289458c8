import Testing

@Suite("Help and usage") struct HelpTests {
  static let commands = [
    "init", "check", "generate swift", "diagram", "eval", "run", "send", "list", "show", "history", "stats", "cancel",
    "pause", "resume",
    "retry", "skip", "resolve", "dlq", "dlq list", "dlq show", "dlq replay", "dlq discard", "outbox", "outbox list",
    "outbox retry", "outbox discard", "prune", "backup", "restore", "reshard",
  ]

  @Test("every command explains itself with an example", arguments: commands)
  func help(command: String) throws {
    let world = try CommandLineWorld()
    let result = try world.saga(command.split(separator: " ").map(String.init) + ["--help"])
    #expect(result.code == 0)
    #expect(result.output.contains("Example"))
    #expect(result.output.contains("saga \(command.split(separator: " ")[0])"))
    #expect(result.errors.isEmpty)
  }

  @Test("saga alone shows its commands")
  func root() throws {
    let result = try CommandLineWorld().saga()
    #expect(result.code == 0)
    #expect(result.output.contains("history"))
  }

  @Test(
    "wrong usage exits with 2 and says what is missing",
    arguments: [
      ["frobnicate"], ["list"], ["list", "--db"], ["check"], ["eval"], ["eval", "1", "--lines"],
      ["resume", "--db", "x"],
      ["resume", "k", "--clock", "--db", "x"], ["dlq", "replay", "--db", "x"],
      ["dlq", "replay", "1", "--count", "2", "--db", "x"],
      ["dlq", "show", "x", "--db", "x"], ["send", "--db", "x"], ["send", "{}", "--key", "k", "--db", "x"],
      ["list", "--db", "x", "--limit", "0"], ["init", "../evil"], ["init", ""], ["init", "a b"], ["run"],
      ["prune", "--db", "x", "--older-than", "soon"], ["prune", "--db", "x", "--older-than", "-1d"],
      ["eval", "1", "--with", "{"], ["eval", "1", "--with", "[]"], ["list", "--db", "x", "--status", "fine"],
      ["list", "--db", "x", "--where", "data."], ["list", "--db", "x", "--where", "nosuch == 1"],
      ["list", "--db", "x", "--where", "'text'"], ["dlq", "list", "--db", "x", "--where", "1 +"],
      ["outbox", "retry", "--db", "x", "--lane", "l", "7"], ["pause", "k", "--db", "x", "--at", "noon"],
      ["diagram", "x", "--format", "png"], ["run", "--db", "x", "--definitions", "d", "--until", "now"],
      ["run", "--db", "x", "--definitions", "d", "--linger", "later"],
    ])
  func usage(arguments: [String]) throws {
    let world = try CommandLineWorld()
    try world.write("x", "not a database")
    let result = try world.saga(arguments)
    result.expectRefusal(2)
  }
}
