import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
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
    let (sent, sending) = AsyncStream.makeStream(of: String.self)
    let engine = try trips(
      sagas: definition.path, database: folder.path("trips.db"), broker: ClosureTransport { sending.yield($0.type) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await engine.run() }
      try await engine.transaction { (transaction: SQLiteTransaction) in
        try transaction.execute("CREATE TABLE seat(id INTEGER PRIMARY KEY, trip TEXT)")
        try transaction.execute("INSERT INTO seat VALUES(1,NULL)")
      }
      for trip in ["t-1", "t-2"] {
        _ = try await engine.start("TripRequested", ["tripId": .string(trip)], source: "/readme", id: trip)
      }
      var events = sent.makeAsyncIterator()
      let published = [await events.next(), await events.next()]
      #expect(published == ["TripBooked", "TripNotBooked"])
      group.cancelAll()
    }
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
