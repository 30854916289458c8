import Foundation
import TestSupport
import Testing

@Suite("The documentation of the libraries")
struct DocumentationTests {
  /// What the compiler knows of a module's symbols, as far as it matters here.
  private struct SymbolGraph: Decodable {
    struct Module: Decodable { var name: String }
    struct Symbol: Decodable {
      struct Identifier: Decodable { var precise: String }
      struct Comment: Decodable {
        struct Line: Decodable { var text: String }
        var lines: [Line]
      }
      struct Location: Decodable {
        struct Position: Decodable { var line: Int }
        var uri: String
        var position: Position
      }
      var identifier: Identifier
      var pathComponents: [String]
      var docComment: Comment?
      var location: Location?

      var isDocumented: Bool { docComment?.lines.contains { !$0.text.isEmpty } ?? false }
    }
    var module: Module
    var symbols: [Symbol]
  }

  /// The graphs that `scripts/documentation --symbols` makes of the modules of this build. Members that a type inherits are not in
  /// them, and what implements a requirement has the requirement's comment.
  private static func graphs() throws -> [SymbolGraph] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbols-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    process.executableURL = SourceTree.root.appendingPathComponent("scripts/documentation")
    process.arguments = ["--symbols", folder.path]
    try process.run()
    try process.waitUntilExit(withinSeconds: 300)
    try #require(
      process.terminationStatus == 0, "scripts/documentation --symbols ended with \(process.terminationStatus)")
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.lastPathComponent.hasSuffix(".symbols.json") }
      .sorted { $0.path < $1.path }
      .map { try JSONDecoder().decode(SymbolGraph.self, from: try Data(contentsOf: $0)) }
  }

  @Test("says something of every public symbol")
  func complete() throws {
    let graphs = try Self.graphs()
    let libraries = try SourceTree.text("Package.swift").matches(of: /\.library\(name: "(\w+)"/).map { String($0.1) }
    #expect(Set(graphs.map(\.module.name)) == Set(libraries))
    let symbols = graphs.flatMap(\.symbols).filter { !$0.identifier.precise.contains("::SYNTHESIZED::") }
    #expect(symbols.contains { $0.pathComponents == ["SagaEngine", "run()"] })
    for symbol in symbols where !symbol.isDocumented {
      let path = symbol.location.map { $0.uri.replacing(SourceTree.root.absoluteString, with: "") } ?? "?"
      let line = (symbol.location?.position.line ?? -1) + 1
      Issue.record(
        "\(path):\(line): \(symbol.pathComponents.joined(separator: ".")) has no comment: what it is, its unit, what it throws"
      )
    }
  }
}
