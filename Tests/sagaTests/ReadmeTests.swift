import Foundation
import SagaCore
import SagaRuntime
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
    let (sent, sending) = AsyncStream.makeStream(of: String.self)
    let runner = sagas(source, database: folder.path("sagas.db")) { sending.yield($0.type) }
    let running = Task { try await runner.run() }
    let message = """
      {"specversion":"1.0","id":"1","source":"/readme","type":"TripRequested","data":{"tripId":"t-1"}}
      """
    let receipt = try await runner.deliver(Array(message.utf8))
    #expect(receipt.deliveries.map(\.outcome) == [.started])
    // Waits as long as it takes: other tests may hold every thread for a while.
    for await type in sent {
      #expect(type == "BookFlight")
      break
    }
    running.cancel()
    _ = await running.result
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
