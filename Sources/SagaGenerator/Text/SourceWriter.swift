/// Writes Swift as `.swift-format` wants it.
struct SourceWriter {
  static let lineLength = 120

  private(set) var lines: [String] = []
  private var indentation = 0

  var text: String { lines.joined(separator: "\n") + "\n" }

  mutating func line(_ text: String) {
    lines.append(text.isEmpty ? "" : String(repeating: " ", count: indentation) + text)
  }

  /// An empty line, unless a block begins here.
  mutating func gap() {
    guard let last = lines.last, !last.isEmpty, !last.hasSuffix("{") else { return }
    lines.append("")
  }

  /// A line that ends with `{`, what stands in the block, and its end.
  mutating func block(_ head: String, _ body: (inout SourceWriter) -> Void) {
    line(head + " {")
    closed(by: "}", body)
  }

  /// What stands in a block that has been begun, and its end.
  mutating func closed(by end: String, _ body: (inout SourceWriter) -> Void) {
    indented(body)
    line(end)
  }

  mutating func indented(_ body: (inout SourceWriter) -> Void) {
    indentation += 2
    body(&self)
    indentation -= 2
  }

  /// `head(items)tail` on one line, or with the items on lines of their own where that is too long.
  mutating func list(_ head: String, _ items: [String], _ tail: String) {
    let joined = items.joined(separator: ", ")
    if fits("\(head)(\(joined))\(tail)") {
      line("\(head)(\(joined))\(tail)")
      return
    }
    line(head + "(")
    indented { writer in
      if writer.fits(joined) {
        writer.line(joined)
      } else {
        for (index, item) in items.enumerated() { writer.line(index == items.count - 1 ? item : item + ",") }
      }
    }
    line(")" + tail)
  }

  /// `head = value`, with the value on a line of its own where that is too long.
  mutating func assignment(_ head: String, _ value: String) {
    if fits("\(head) = \(value)") {
      line("\(head) = \(value)")
    } else {
      line("\(head) =")
      indented { $0.line(value) }
    }
  }

  /// A documentation comment: paragraphs, wrapped.
  mutating func documentation(_ text: String?) {
    guard let text else { return }
    let width = SourceWriter.lineLength - indentation - 4
    for paragraph in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      for line in SourceWriter.wrapped(String(paragraph), width: width) {
        self.line(line.isEmpty ? "///" : "/// \(line)")
      }
    }
  }

  private func fits(_ text: String) -> Bool { indentation + text.count <= SourceWriter.lineLength }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    // Characters that cannot be seen have no business in code.
    let visible = String(String.UnicodeScalarView(text.unicodeScalars.map { SwiftName.isInvisible($0) ? " " : $0 }))
    for word in visible.split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if line.count + 1 + word.count <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    return lines + [line]
  }
}
