/// Cuts source text into tokens (CEL spec, "Syntax").
struct Lexer {
  let source: [UInt8]
  var position = 0

  init(_ source: String) { self.source = Array(source.utf8) }

  mutating func next() throws(CELError) -> Token {
    skipBlanks()
    let start = position
    guard let byte = peek() else { return Token(kind: .end, offset: start) }
    if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(Self.isDigit) == true) {
      return Token(kind: try number(), offset: start)
    }
    if byte == UInt8(ascii: "`") { return Token(kind: try quotedIdentifier(), offset: start) }
    if let kind = try quoted() { return Token(kind: kind, offset: start) }
    if Self.isLetter(byte) { return Token(kind: .identifier(word()), offset: start) }
    return Token(kind: .symbol(try symbol()), offset: start)
  }

  func peek(_ distance: Int = 0) -> UInt8? {
    position + distance < source.count ? source[position + distance] : nil
  }

  func failure(_ message: String, at offset: Int? = nil) -> CELError {
    CELError(kind: .syntax, message: message, offset: offset ?? position)
  }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
  }
  static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte) - 0x30
    case 0x41...0x46: UInt32(byte) - 0x41 + 10
    case 0x61...0x66: UInt32(byte) - 0x61 + 10
    default: nil
    }
  }

  private mutating func skipBlanks() {
    while let byte = peek() {
      switch byte {
      case 0x20, 0x09, 0x0a, 0x0c, 0x0d: position += 1
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        while let byte = peek(), byte != 0x0a { position += 1 }
      default: return
      }
    }
  }

  private mutating func word() -> String {
    let start = position
    while let byte = peek(), Self.isLetter(byte) || Self.isDigit(byte) { position += 1 }
    return String(decoding: source[start..<position], as: UTF8.self)
  }

  private mutating func quotedIdentifier() throws(CELError) -> Token.Kind {
    let start = position
    position += 1
    while let byte = peek(), byte != UInt8(ascii: "`") {
      guard Self.isLetter(byte) || Self.isDigit(byte) || " -./".utf8.contains(byte) else {
        throw failure("a name in backticks holds letters, digits, '_', '-', '.', '/' and spaces only")
      }
      position += 1
    }
    guard peek() != nil, position > start + 1 else {
      throw failure("a name in backticks is empty or not closed", at: start)
    }
    position += 1
    return .quotedIdentifier(String(decoding: source[start + 1..<position - 1], as: UTF8.self))
  }

  private mutating func symbol() throws(CELError) -> Token.Symbol {
    for length in [2, 1] where position + length <= source.count {
      let text = String(decoding: source[position..<position + length], as: UTF8.self)
      if let symbol = Token.Symbol(rawValue: text) {
        position += length
        return symbol
      }
    }
    switch source[position] {
    case UInt8(ascii: "="): throw failure("'=' is no operator; equality is written '=='")
    case UInt8(ascii: "&"): throw failure("'&' is no operator; 'and' is written '&&'")
    case UInt8(ascii: "|"): throw failure("'|' is no operator; 'or' is written '||'")
    default:
      let rest = String(decoding: source[position...].prefix(4), as: UTF8.self)
      throw failure("unexpected character '\(rest.unicodeScalars.first.map(String.init) ?? "")'")
    }
  }
}
