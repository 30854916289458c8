import Foundation
import Testing

@testable import SagaCore

@Suite("The catalogue of diagnostics")
struct CatalogueTests {
  static let sources = DefinitionFixtures.root.deletingLastPathComponent().deletingLastPathComponent()

  @Test("has an entry for every code, once")
  func complete() throws {
    var codes = CheckCode.allCases.map(\.rawValue) + DecodingCode.allCases.map(\.rawValue)
    codes += try compilerCodes()
    #expect(DiagnosticCatalogue.entries.map(\.code) == Set(codes).sorted())
  }

  /// The compiler's codes stand in its source.
  private func compilerCodes() throws -> [String] {
    let folder = Self.sources.appending(path: "Sources/SagaCore/Compiler")
    var codes: [String] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      for match in text.matches(of: /"([a-z]+\.[a-z-]+)"/) { codes.append(String(match.output.1)) }
    }
    return codes
  }

  @Test("finds a misspelt code")
  func nearest() {
    #expect(DiagnosticCatalogue.entry("pivot.second")?.severity == .error)
    #expect(DiagnosticCatalogue.entry("pivot.secnod") == nil)
    #expect(DiagnosticCatalogue.nearest(to: "pivot.secnod") == "pivot.second")
  }

  /// Set `SAGA_WRITE_DOCS` to write the file anew.
  @Test("docs/checks.md is what the catalogue says")
  func documentation() throws {
    let file = Self.sources.appending(path: "docs/checks.md")
    if ProcessInfo.processInfo.environment["SAGA_WRITE_DOCS"] != nil {
      try DiagnosticCatalogue.markdown.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == DiagnosticCatalogue.markdown)
  }
}
