import Foundation
import Testing

@Suite("The guides")
struct GuideTests {
  private static let guides = Command.repository.appendingPathComponent("docs/guides")
  private static let sources = Command.repository.appendingPathComponent("Tests/sagaTests/Guides")

  /// Guides with Swift in them.
  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: guides.path)) ?? []
    return files.filter { name in
      (try? String(contentsOf: guides.appendingPathComponent(name), encoding: .utf8))?.contains("```swift") ?? false
    }.sorted()
  }()

  @Test("are found where the next test looks for them")
  func found() {
    #expect(Self.names.contains("getting-started.md"))
    #expect(Self.names.count > 5)
  }

  @Test("show Swift that is compiled here, word for word", arguments: names)
  func compiled(_ name: String) throws {
    let text = try String(contentsOf: Self.guides.appendingPathComponent(name), encoding: .utf8)
    let words = name.dropLast(".md".count).split(separator: "-")
    let stem = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    let source = try String(contentsOf: Self.sources.appendingPathComponent(stem + ".swift"), encoding: .utf8)
    let compiled = Self.unindented(source)
    for match in text.matches(of: /```swift\n((?s).*?)```/) {
      let snippet = Self.unindented(String(match.1))
      #expect(compiled.contains(snippet), "Tests/sagaTests/Guides/\(stem).swift lacks:\n\(match.1)")
    }
  }

  /// Lines without the white space at their beginnings: a snippet may stand in a function.
  private static func unindented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.drop { $0 == " " } }.joined(separator: "\n")
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
