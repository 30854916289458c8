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

  /// Pages of other projects that are named without an address.
  static let foreignPages = ["doc/extensions/strings.md"]

  @Test("that sources, scripts and documents name are there")
  func names() throws {
    let folders = ["Sources", "Plugins", "Benchmarks/Sources", "scripts", "docs"]
    var count = 0
    for file in ["README.md"] + folders.flatMap(SourceTree.paths(below:)) {
      // Folders have no text.
      guard let text = try? SourceTree.text(file) else { continue }
      let folder = SourceTree.root.appendingPathComponent(file).deletingLastPathComponent()
      for line in text.split(separator: "\n") where line.contains(".md") {
        for match in line.matches(of: /[\w.\/:-]+\.md\b/) {
          var name = String(match.output)
          if name.contains("://") || Self.foreignPages.contains(name) { continue }
          // Scripts put a variable in front of it.
          if !name.hasPrefix("."), let docs = name.range(of: "docs/") { name = String(name[docs.lowerBound...]) }
          let places = [SourceTree.root, folder].map { $0.appendingPathComponent(name).path }
          #expect(places.contains { FileManager.default.fileExists(atPath: $0) }, "\(file) names \(name)")
          count += 1
        }
      }
    }
    #expect(count > 100)
  }
}
