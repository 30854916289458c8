extension Lexer {
  mutating func number() throws(CELError) -> Token.Kind {
    let start = position
    if peek() == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
      position += 2
      let digits = take { Self.hexDigit($0) != nil }
      return try integer(digits, radix: 16, start: start)
    }
    let whole = take(Self.isDigit)
    var isDouble = false
    if peek() == UInt8(ascii: "."), let digit = peek(1), Self.isDigit(digit) {
      isDouble = true
      position += 1
      _ = take(Self.isDigit)
    }
    if try exponent() { isDouble = true }
    if !isDouble { return try integer(whole, radix: 10, start: start) }
    let text = String(decoding: source[start..<position], as: UTF8.self)
    guard let value = Double(text.hasPrefix(".") ? "0" + text : text), value.isFinite else {
      throw failure("the number \(text) is out of the range of a double", at: start)
    }
    try refuseLetter(start)
    return .double(value)
  }

  private mutating func exponent() throws(CELError) -> Bool {
    guard peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") else { return false }
    let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
    guard let digit = peek(1 + sign), Self.isDigit(digit) else { throw failure("an exponent needs digits") }
    position += 1 + sign
    _ = take(Self.isDigit)
    return true
  }

  private mutating func integer(_ digits: String, radix: Int, start: Int) throws(CELError) -> Token.Kind {
    let isUnsigned = peek() == UInt8(ascii: "u") || peek() == UInt8(ascii: "U")
    if isUnsigned { position += 1 }
    try refuseLetter(start)
    if digits.isEmpty { throw failure("a hexadecimal number needs digits", at: start) }
    guard let value = UInt64(digits, radix: radix), isUnsigned || value <= UInt64(Int64.max) + 1 else {
      throw failure("the number is out of the range of \(isUnsigned ? "a uint" : "an int")", at: start)
    }
    return isUnsigned ? .uint(value) : .int(value)
  }

  private func refuseLetter(_ start: Int) throws(CELError) {
    if let byte = peek(), Self.isLetter(byte) || Self.isDigit(byte) {
      throw failure("a number runs into a letter", at: start)
    }
  }

  private mutating func take(_ condition: (UInt8) -> Bool) -> String {
    let start = position
    while let byte = peek(), condition(byte) { position += 1 }
    return String(decoding: source[start..<position], as: UTF8.self)
  }
}
