/// Reads the sentences of a Markdown page mechanically: good enough to see that none is forgotten.
enum ContractText {
  /// The sentences of a section: of its prose and lists one by one, of its tables each row but the heads.
  static func sentences(of section: String, in text: String) -> [String] {
    blocks(of: section, in: text).flatMap { block in
      if block.hasPrefix("|") { return isHead(block) ? [] : [block] }
      return split(block)
    }
  }

  /// Paragraphs, list items and table rows, each on one line; code is left out.
  private static func blocks(of section: String, in text: String) -> [String] {
    var blocks: [String] = []
    var current = ""
    var isInside = false
    var isInCode = false
    func flush() {
      if !current.isEmpty { blocks.append(current) }
      current = ""
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## ") {
        flush()
        isInside = line.dropFirst(3) == section
      } else if line.hasPrefix("```") {
        flush()
        isInCode.toggle()
      } else if isInside, !isInCode {
        if line.allSatisfy(\.isWhitespace) || line.hasPrefix("- ") || line.hasPrefix("|") { flush() }
        let words = line.split(separator: " ").joined(separator: " ")
        let part = line.hasPrefix("- ") ? String(words.dropFirst(2)) : words
        current += current.isEmpty || part.isEmpty ? part : " \(part)"
      }
    }
    flush()
    return blocks
  }

  private static func isHead(_ row: String) -> Bool {
    row.hasPrefix("| |") || row.allSatisfy { "|-: ".contains($0) }
  }

  /// A sentence ends with a full stop before a space, outside of backquotes; a bold heading is none.
  private static func split(_ block: String) -> [String] {
    var sentences: [String] = []
    var current = ""
    var isQuoted = false
    var previous: Character = " "
    for character in block + " " {
      if character == "`" { isQuoted.toggle() }
      let ends = character == " " && !isQuoted && (previous == "." || current.hasSuffix(".**"))
      if ends {
        if !current.hasPrefix("**") || !current.hasSuffix("**") { sentences.append(current) }
        current = ""
      } else if !(character == " " && current.isEmpty) {
        current.append(character)
      }
      previous = character
    }
    if !current.allSatisfy(\.isWhitespace) { sentences.append(current) }
    return sentences
  }
}
