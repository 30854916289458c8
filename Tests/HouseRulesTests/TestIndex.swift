import Foundation

/// The tests of the repository by suite and sentence, read from their sources.
enum TestIndex {
  struct Entry: Hashable {
    /// The suite's name, or its type's where it has none.
    var suite: String
    var sentence: String
  }

  static func read() -> Set<Entry> {
    Set(SourceTree.swiftFiles(below: "Tests").flatMap { entries(in: $0.text) })
  }

  /// A suite is a type at the left margin; an extension goes on with the suite of its type, a type inside one is none.
  static func entries(in text: String) -> [Entry] {
    var names: [String: String] = [:]
    var type = ""
    var name: String?
    var entries: [Entry] = []
    let pattern =
      /@Suite\(\s*(?<suite>"(?:[^"\\]|\\.)*")|(?:struct|class|enum|extension|actor) (?<type>\w+)|@Test\(\s*(?<test>"(?:[^"\\]|\\.)*")/
    for match in text.matches(of: pattern) {
      if let test = match.test {
        entries.append(Entry(suite: names[type] ?? type, sentence: unquoted(test)))
        continue
      }
      let margin = text[..<match.range.lowerBound].lastIndex(of: "\n").map { text[text.index(after: $0)] } ?? text.first
      guard let margin, !margin.isWhitespace, margin != "/" else { continue }
      if let suite = match.suite { name = unquoted(suite) }
      if let found = match.type {
        type = String(found)
        if let name { names[type] = name }
        name = nil
      }
    }
    return entries
  }

  private static func unquoted(_ literal: Substring) -> String {
    var text = ""
    var isEscaped = false
    for character in literal.dropFirst().dropLast() {
      if !isEscaped, character == "\\" {
        isEscaped = true
      } else {
        text.append(character)
        isEscaped = false
      }
    }
    return text
  }
}
