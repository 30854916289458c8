import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import TestSupport
import Testing

@Suite("The README")
struct ReadmeTests {
  let text: String

  init() throws {
    text = try String(contentsOf: Command.repository.appendingPathComponent("README.md"), encoding: .utf8)
  }

  private func block(_ language: String) throws -> String {
    let start = try #require(text.range(of: "```\(language)\n"))
    let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
    return String(text[start.upperBound..<end.lowerBound])
  }

  @Test("its Swift example is the one that is compiled here")
  func example() throws {
    let compiled = Command.repository.appendingPathComponent("Tests/sagaTests/ReadmeExample.swift")
    #expect(try block("swift") == String(contentsOf: compiled, encoding: .utf8))
  }

  @Test("its definition has no findings and runs in its Swift example")
  func definition() async throws {
    let source = Array(try block("json").utf8)
    let loaded = LoadedDefinition.load(source: source, file: "README.md")
    #expect(loaded.diagnostics.filter { $0.severity == .error } == [])
    let folder = try Folder()
    let definition = URL(fileURLWithPath: folder.path("trip.json"))
    try Data(source).write(to: definition)
    let sent = Sent()
    let engine = try trips(
      sagas: definition.path, database: folder.path("trips.db"),
      broker: ClosureTransport { await sent.take($0.type) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await engine.run() }
      group.addTask {
        try await engine.transaction { (transaction: SQLiteTransaction) in
          try transaction.execute("CREATE TABLE seat(id INTEGER PRIMARY KEY, trip TEXT)")
          try transaction.execute("INSERT INTO seat VALUES(1,NULL)")
        }
        for trip in ["t-1", "t-2"] {
          _ = try await engine.start("TripRequested", ["tripId": .string(trip)], source: "/readme", id: trip)
        }
        try await eventually("two events have left the service") { await sent.types.count >= 2 }
      }
      // An engine that fails ends first, with its error.
      try await group.next()
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(await sent.types == ["TripBooked", "TripNotBooked"])
  }

  /// The types of what has left the service, in order.
  private actor Sent {
    private(set) var types: [String] = []
    func take(_ type: String) { types.append(type) }
  }

  @Test("its commands are those that saga init prints, and end as it says")
  func commands() throws {
    let begin = try #require(text.range(of: "## Try it\n")).upperBound
    let end = try #require(text.range(of: "\n## ", range: begin..<text.endIndex)).lowerBound
    let section = text[begin..<end]
    let block = try #require(section.split(separator: "```").dropFirst().first)
    let commands = block.replacing("\\\n", with: " ").split(separator: "\n").map { line in
      line.prefix { $0 != "#" }.split(separator: " ").joined(separator: " ")
    }
    let world = try CommandLineWorld()
    var printed = ""
    // What makes `saga` and puts it on the path has been done here.
    let making = commands.prefix { !$0.hasPrefix("saga ") }
    #expect(making.map { $0.prefix { $0 != " " } } == ["swift", "export"])
    let excluded = ["saga simulate ", "saga explore "]
    for command in commands.dropFirst(making.count) where !excluded.contains(where: { command.hasPrefix($0) }) {
      let result = try world.shell(command)
      #expect(result.code == 0, "\(command): \(result.errors)")
      if command.hasPrefix("saga init ") { printed = result.output.replacing("\\\n", with: " ") }
      if command.hasPrefix("saga run ") {
        let shown = printed.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(shown.contains(command), "\(printed)")
      }
    }
    let ended = try world.saga("list", "--db", "orders.db", "--json").json().compactMap { $0["status"]?.stringValue }
    #expect(section.contains("Five of the ten orders are completed and five compensated"))
    #expect(ended.filter { $0 == "completed" }.count == 5 && ended.filter { $0 == "compensated" }.count == 5)
  }

  @Test("every file that it links to is there")
  func links() throws {
    for match in text.matches(of: /\]\(([^)#]+)\)/) where !match.1.hasPrefix("http") {
      #expect(
        FileManager.default.fileExists(atPath: Command.repository.appendingPathComponent(String(match.1)).path),
        "\(match.1)")
    }
  }
}
