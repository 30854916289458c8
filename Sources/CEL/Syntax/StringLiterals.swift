extension Lexer {
  /// A string or bytes literal with its prefixes, or nil when none begins here.
  mutating func quoted() throws(CELError) -> Token.Kind? {
    var distance = 0
    var isRaw = false
    var isBytes = false
    while let byte = peek(distance) {
      if !isRaw, byte == UInt8(ascii: "r") || byte == UInt8(ascii: "R") {
        isRaw = true
      } else if !isBytes, byte == UInt8(ascii: "b") || byte == UInt8(ascii: "B") {
        isBytes = true
      } else {
        break
      }
      distance += 1
    }
    guard let quote = peek(distance), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    let start = position
    position += distance
    let isTriple = peek(1) == quote && peek(2) == quote
    position += isTriple ? 3 : 1
    let contents = try body(quote: quote, isTriple: isTriple, isRaw: isRaw, isBytes: isBytes, start: start)
    // Escapes name whole code points and the source is valid UTF-8, so decoding a string repairs nothing.
    return isBytes ? .bytes(contents) : .string(String(decoding: contents, as: UTF8.self))
  }

  private mutating func body(
    quote: UInt8, isTriple: Bool, isRaw: Bool, isBytes: Bool, start: Int
  ) throws(CELError) -> [UInt8] {
    var contents: [UInt8] = []
    while let byte = peek() {
      if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
        position += isTriple ? 3 : 1
        return contents
      }
      if !isTriple, byte == 0x0a || byte == 0x0d {
        throw failure("a line break needs a triple-quoted string or the escape \\n")
      }
      if byte == UInt8(ascii: "\\"), !isRaw {
        try escape(into: &contents, isBytes: isBytes)
        continue
      }
      contents.append(byte)
      position += 1
    }
    throw failure("the string is not closed", at: start)
  }

  private mutating func escape(into contents: inout [UInt8], isBytes: Bool) throws(CELError) {
    let start = position
    guard let byte = peek(1) else { throw failure("the string is not closed") }
    position += 2
    switch byte {
    case UInt8(ascii: "a"): contents.append(0x07)
    case UInt8(ascii: "b"): contents.append(0x08)
    case UInt8(ascii: "f"): contents.append(0x0c)
    case UInt8(ascii: "n"): contents.append(0x0a)
    case UInt8(ascii: "r"): contents.append(0x0d)
    case UInt8(ascii: "t"): contents.append(0x09)
    case UInt8(ascii: "v"): contents.append(0x0b)
    case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
      contents.append(byte)
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      try append(try hex(2, start), to: &contents, isOctet: isBytes, start)
    case UInt8(ascii: "u") where !isBytes:
      try append(try hex(4, start), to: &contents, isOctet: false, start)
    case UInt8(ascii: "U") where !isBytes:
      try append(try hex(8, start), to: &contents, isOctet: false, start)
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      position -= 1
      try append(try octal(start), to: &contents, isOctet: isBytes, start)
    default:
      throw failure("unknown escape; a backslash is written '\\\\'", at: start)
    }
  }

  private func append(_ code: UInt32, to contents: inout [UInt8], isOctet: Bool, _ start: Int) throws(CELError) {
    if isOctet {
      contents.append(UInt8(code))
      return
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("the escape names no code point", at: start) }
    contents.append(contentsOf: UTF8.encode(scalar)!)
  }

  private mutating func hex(_ count: Int, _ start: Int) throws(CELError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let byte = peek(), let digit = Self.hexDigit(byte) else {
        throw failure("the escape needs \(count) hexadecimal digits", at: start)
      }
      value = value &<< 4 | digit
      position += 1
    }
    return value
  }

  private mutating func octal(_ start: Int) throws(CELError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<3 {
      guard let byte = peek(), (0x30...0x37).contains(byte) else {
        throw failure("an octal escape has three digits", at: start)
      }
      value = value << 3 | (UInt32(byte) - 0x30)
      position += 1
    }
    return value
  }
}
