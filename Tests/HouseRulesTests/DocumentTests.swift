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

  @Test("link only to headings that are there", arguments: documents.sorted())
  func headings(document: String) throws {
    let page = SourceTree.root.appendingPathComponent(document)
    let folder = page.deletingLastPathComponent()
    for match in try SourceTree.text(document).matches(of: /\]\((?<target>[^)#:\s]*)#(?<anchor>[^)\s]+)\)/) {
      let target = String(match.target)
      guard target.isEmpty || target.hasSuffix(".md") else { continue }
      let text = try String(
        contentsOf: target.isEmpty ? page : folder.appendingPathComponent(target), encoding: .utf8)
      let anchors = Self.anchors(of: text)
      #expect(anchors.contains(String(match.anchor)), "\(document) links to \(target)#\(match.anchor)")
    }
  }

  /// What GitHub makes of a page's headings.
  private static func anchors(of text: String) -> Set<String> {
    var anchors: Set<String> = []
    var counts: [String: Int] = [:]
    var isInCode = false
    for line in text.split(separator: "\n") {
      if line.hasPrefix("```") { isInCode.toggle() }
      guard !isInCode, line.hasPrefix("#") else { continue }
      let title = line.drop { $0 == "#" }.dropFirst().lowercased()
      let kept = title.compactMap { character -> Character? in
        if character == " " { return "-" }
        return character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
      }
      let anchor = String(kept)
      let before = counts[anchor, default: 0]
      anchors.insert(before == 0 ? anchor : "\(anchor)-\(before)")
      counts[anchor] = before + 1
    }
    return anchors
  }

  @Test("headings are found as GitHub calls them, the same one twice with a number, and none in code")
  func anchors() {
    let text = "# The `a.b` of it\n\n## Why\n```\n# no heading\n```\n## Why\n### Made, and run_on-it\n"
    #expect(Self.anchors(of: text) == ["the-ab-of-it", "why", "why-1", "made-and-run_on-it"])
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
