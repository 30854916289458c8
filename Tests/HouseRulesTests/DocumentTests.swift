import Foundation
import Testing

@Suite("The documents")
struct DocumentTests {
  static let documents: [String] = {
    let docs = SourceTree.root.appendingPathComponent("docs").path
    let pages = FileManager.default.enumerator(atPath: docs)?.compactMap { $0 as? String } ?? []
    return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] + pages.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
  }()

  @Test("link only to files that are there", arguments: documents.sorted())
  func links(document: String) throws {
    let folder = SourceTree.root.appendingPathComponent(document).deletingLastPathComponent()
    for match in try SourceTree.text(document).matches(of: /\]\((?<target>[^)#:\s]+)(#[^)]*)?\)/) {
      let path = folder.appendingPathComponent(String(match.target)).path
      #expect(FileManager.default.fileExists(atPath: path), "\(document) links to \(match.target)")
    }
  }
}
