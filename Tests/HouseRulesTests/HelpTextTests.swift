import Foundation
import Testing

/// The help is wrapped at 80 columns wherever it is not read at a wider terminal, and a command that is wrapped is two: the first of them
/// has lost its last options, which may be `--dry-run`.
@Suite("The examples in the help")
struct HelpTextTests {
  static let maximumColumns = 78

  struct Line {
    var file: String
    var number: Int
    /// As it is printed.
    var text: String
  }

  /// The lines of the `discussion` of each command, as far as they are examples or go on with one: these are indented.
  static func examples(in file: SourceFile) -> [Line] {
    var found: [Line] = []
    var block: [(number: Int, text: Substring)]?
    for (index, line) in file.lines.enumerated() {
      guard let lines = block else {
        if line.contains("discussion: \"\"\"") { block = [] }
        continue
      }
      guard line.drop(while: { $0 == " " }).hasPrefix("\"\"\"") else {
        block = lines + [(number: index + 1, text: line)]
        continue
      }
      let margin = line.prefix { $0 == " " }.count
      for (number, text) in lines where text.dropFirst(margin).hasPrefix(" ") {
        let printed = text.dropFirst(margin).replacing("\\\\", with: "\\")
        found.append(Line(file: file.path, number: number, text: String(printed)))
      }
      block = nil
    }
    return found
  }

  @Test("fit into 78 columns, so that nothing breaks a line but a backslash")
  func width() {
    let lines = SourceTree.swiftFiles(below: "Sources/saga").flatMap(Self.examples(in:))
    #expect(lines.filter { $0.text.drop(while: { $0 == " " }).hasPrefix("saga ") }.count > 40)
    for line in lines where line.text.count > Self.maximumColumns {
      let columns = "\(line.text.count) columns, more than \(Self.maximumColumns): \(line.text)"
      Issue.record("\(line.file):\(line.number): \(columns)")
    }
  }

  @Test("name --dry-run directly behind the verb, where no line break can lose it")
  func dryRun() {
    for line in SourceTree.swiftFiles(below: "Sources/saga").flatMap(Self.examples(in:)) {
      guard let option = line.text.range(of: " --dry-run") else { continue }
      let words = line.text[..<option.lowerBound].split(separator: " ")
      let isDirect = words.first == "saga" && !words.contains { $0.hasPrefix("-") }
      #expect(isDirect, "\(line.file):\(line.number): \(line.text)")
    }
  }

  @Test("are found in literals, without the margin and the second backslash")
  func reading() {
    let text = [
      "    discussion: \"\"\"", "      What it does.", "", "      Example:", "        saga list --db a \\\\",
      "          --json", "      \"\"\")", "  let other = \"saga list\"",
    ]
    let lines = Self.examples(in: SourceFile(path: "x.swift", text: text.joined(separator: "\n")))
    #expect(lines.map(\.text) == ["  saga list --db a \\", "    --json"])
    #expect(lines.map(\.number) == [5, 6])
  }
}
