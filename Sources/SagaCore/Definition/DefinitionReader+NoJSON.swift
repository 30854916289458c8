/// Texts that are no JSON, and what they are instead.
extension DefinitionReader {
  /// What to do about a text that is no JSON: by what it most likely is, or by what stands where JSON ends.
  func mend(of error: JSONError, in source: [UInt8]) -> String {
    switch error.kind {
    case .unexpectedEnd:
      let isEmpty = source.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
      return isEmpty
        ? "The file is empty; `saga init` makes a definition to begin with."
        : "Close what is open: quotes, brackets, braces; or the file is not whole."
    case .trailingContent where source.dropFirst(error.offset).first == UInt8(ascii: "{"):
      return "A definition is one object; messages, one a line, go to `saga run --input`."
    case .trailingContent: return "A definition is one object; take away what follows it."
    case .byteOrderMark: return "Save the file as UTF-8 without a byte order mark."
    case .invalidUTF8: return "Save the file as UTF-8."
    case .duplicateKey: return "Keep one of the two."
    case .unescapedControl: return "Write it as an escape, such as \\n or \\t."
    case .invalidEscape: return "Write a backslash itself as \\\\."
    case .loneSurrogate: return "Write both halves, or the character itself."
    case .numberOutOfRange: return "Write a number of 64 bits, or a text in quotes."
    case .tooLarge, .tooDeep, .stringTooLong, .tooManyMembers:
      return "Divide it: what is independent is a saga of its own."
    case .syntax: return syntaxMend(at: error.offset, in: source)
    }
  }

  private func syntaxMend(at offset: Int, in source: [UInt8]) -> String {
    if source.starts(with: "SQLite format 3".utf8) {
      return "The file is a database; name a definition. `saga list --db` shows what a database holds."
    }
    guard source.indices.contains(offset) else { return "Close what is open: quotes, brackets, braces." }
    let before = source[..<offset].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    switch source[offset] {
    case UInt8(ascii: "/"), UInt8(ascii: "#"):
      return "JSON has no comments; nearly every part may have a `description`."
    case UInt8(ascii: "'"): return "Write double quotes."
    case UInt8(ascii: "}") where before == UInt8(ascii: ","), UInt8(ascii: "]") where before == UInt8(ascii: ","):
      return "Take away the comma before it."
    case UInt8(ascii: "\"") where before != UInt8(ascii: ","): return "Put a comma before it."
    default:
      return before == nil
        ? "A definition is an object: { \"saga\": …, \"version\": 1, … }." : "See what stands before it."
    }
  }
}
