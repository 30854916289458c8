import Foundation
import SagaCore
import Testing

/// A command as the command line itself describes it.
struct CommandHelp: Sendable, CustomTestStringConvertible {
  /// How it is called: `saga dlq list`.
  var name: String
  var discussion: String
  /// The names of its options and flags, without their dashes.
  var options: [String]
  /// Whether it has commands of its own instead of doing something.
  var isGroup: Bool

  var testDescription: String { name }

  /// All commands but `saga` itself and `help`; none where they cannot be read, which a test would see.
  static let all: [CommandHelp] = {
    guard let result = try? CommandLineWorld().saga("--experimental-dump-help"),
      let dump = try? JSONParser.parse(Array(result.output.utf8), limits: .definition)
    else { return [] }
    return below(dump["command"], called: "saga")
  }()

  private static func below(_ command: JSON?, called name: String) -> [CommandHelp] {
    (command?["subcommands"]?.arrayValue ?? []).flatMap { inner -> [CommandHelp] in
      guard let own = inner["commandName"]?.stringValue, own != "help" else { return [] }
      let names = (inner["arguments"]?.arrayValue ?? []).flatMap { $0["names"]?.arrayValue ?? [] }
      let commands = below(inner, called: "\(name) \(own)")
      let help = CommandHelp(
        name: "\(name) \(own)", discussion: inner["discussion"]?.stringValue ?? "",
        options: names.compactMap { $0["name"]?.stringValue }, isGroup: !commands.isEmpty)
      return [help] + commands
    }
  }

  /// The lines below `Example:`, each as a shell would read it.
  var examples: [String] {
    let lines = discussion.replacing("\\\n", with: " ").split(separator: "\n", omittingEmptySubsequences: false)
    guard let head = lines.firstIndex(of: "Example:") else { return [] }
    return lines[(head + 1)...].prefix { $0.hasPrefix("  ") }.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

@Suite("Help and usage") struct HelpTests {
  @Test("every command explains itself with an example", arguments: CommandHelp.all)
  func help(command: CommandHelp) throws {
    let world = try CommandLineWorld()
    let result = try world.saga(command.name.split(separator: " ").dropFirst().map(String.init) + ["--help"])
    #expect(result.code == 0)
    #expect(result.output.contains("Example"))
    #expect(result.errors.isEmpty)
    #expect(command.examples.contains { $0.contains(command.name) }, "\(command.discussion)")
  }

  @Test("every command that does something has --json")
  func machineReadable() {
    #expect(CommandHelp.all.count > 30)
    for command in CommandHelp.all where !command.isGroup {
      #expect(command.options.contains("json"), "\(command.name)")
    }
  }

  @Test("the examples that need nothing but what saga init makes do what they say")
  func examples() throws {
    let world = try CommandLineWorld.withOrders()
    let looking = ["eval", "check", "diagram", "generate swift", "list", "stats", "dlq list", "dlq export"]
    for name in looking {
      let command = try #require(CommandHelp.all.first { $0.name == "saga \(name)" })
      // A folder `sagas` is what most have, and `init` does not make.
      let examples = command.examples.filter { !$0.contains("sagas") }
      #expect(!examples.isEmpty, "\(name)")
      for example in examples {
        let result = try world.shell(example)
        #expect(result.code == 0, "\(example): \(result.errors)\(result.output)")
      }
    }
    let sum = try #require(CommandHelp.all.first { $0.name == "saga eval" }?.examples.first)
    #expect(try world.shell(sum).output == "7\n")
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

  @Test(
    "a number below the least is refused with the least, not as an option that nobody knows",
    arguments: [
      (["explore", "x", "--losses", "-1"], "--losses takes a number from 0 to 7"),
      (["explore", "x", "--states", "-1"], "--states takes a number from 1"),
      (["list", "--db", "x", "--limit", "-1"], "--limit is at least 1"),
      (["outbox", "list", "--db", "x", "--limit", "-1"], "--limit is at least 1"),
      (["dlq", "list", "--db", "x", "--count", "-1"], "--count is at least 1"),
      (["dlq", "replay", "--db", "x", "--count", "2", "--rate", "-1"], "--rate takes a number from 0.001"),
      (["reshard", "--db", "x", "--shards", "-1"], "--shards takes a number from 1"),
    ] as [([String], String)])
  func negative(arguments: [String], says: String) throws {
    try CommandLineWorld().saga(arguments).expectRefusal(2, mentioning: says)
  }
}
