extension JSONReader {
  /// Reads the string whose opening quote stands at the current place.
  mutating func readString() throws(JSONError) -> String {
    let start = offset + 1
    var end = start + UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...]).plainPrefix
    var bits: UInt8 = 0
    while end < bytes.count {
      let byte = bytes[end]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
      bits |= byte
      end += 1
    }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else {
      return try readEscapedString(start: start, plain: end)
    }
    try checkLength(start..<end)
    offset = end + 1
    let slice = UnsafeBufferPointer(rebasing: bytes[start..<end])
    if bits < 0x80 { return String(decoding: slice, as: UTF8.self) }
    guard let text = String(validating: slice, as: UTF8.self) else {
      throw illFormed(at: offsetOfIllFormedUTF8(in: start..<end) ?? start)
    }
    return text
  }

  /// Reads on where a string has its first escape, or an error.
  private mutating func readEscapedString(start: Int, plain: Int) throws(JSONError) -> String {
    scratch.removeAll(keepingCapacity: true)
    var chunk = start
    offset = plain
    while true {
      guard offset < bytes.count else {
        throw JSONError(kind: .unexpectedEnd, offset: offset, message: "the text ends inside a string")
      }
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") { break }
      if byte < 0x20 { throw unescapedControl(byte) }
      if byte == UInt8(ascii: "\\") {
        scratch.append(contentsOf: bytes[chunk..<offset])
        try readEscape()
        chunk = offset
      } else {
        offset += 1
      }
    }
    try checkLength(start..<offset)
    // Escapes are ASCII, so that the raw text is well formed exactly if its pieces between them are.
    if let wrong = offsetOfIllFormedUTF8(in: start..<offset) { throw illFormed(at: wrong) }
    scratch.append(contentsOf: bytes[chunk..<offset])
    offset += 1
    return String(decoding: scratch, as: UTF8.self)
  }

  /// Resolves the escape whose backslash stands at the current place into `scratch`.
  private mutating func readEscape() throws(JSONError) {
    let backslash = offset
    offset += 1
    switch current {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(current)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"):
      offset += 1
      return try readUnicodeEscape(backslash)
    default:
      throw unexpected("an escape (one of \" \\ / b f n r t u after the backslash)", kind: .invalidEscape)
    }
    offset += 1
  }

  /// Reads the digits of a `\u` escape, and a second one where the first is a high surrogate.
  private mutating func readUnicodeEscape(_ backslash: Int) throws(JSONError) {
    let unit = try readHexadecimalDigits()
    var value = unit
    if unit & 0xFC00 == 0xD800, current == UInt8(ascii: "\\"), offset + 1 < bytes.count,
      bytes[offset + 1] == UInt8(ascii: "u")
    {
      offset += 2
      let low = try readHexadecimalDigits()
      if low & 0xFC00 == 0xDC00 { value = 0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF) }
    }
    guard let scalar = Unicode.Scalar(value) else {
      let message = "a \\u escape names half of a surrogate pair (\(String(unit, radix: 16, uppercase: true)))"
      throw JSONError(kind: .loneSurrogate, offset: backslash, message: message)
    }
    scratch.append(contentsOf: UTF8.encode(scalar)!)
  }

  private mutating func readHexadecimalDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch current {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = current - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = current - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = current - UInt8(ascii: "A") + 10
      default: throw unexpected("four hexadecimal digits after \\u", kind: .invalidEscape)
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  private func unescapedControl(_ byte: UInt8) -> JSONError {
    let message = "control character \(hexadecimal(byte)) in a string must be escaped"
    return JSONError(kind: .unescapedControl, offset: offset, message: message)
  }

  @inline(__always) private func checkLength(_ range: Range<Int>) throws(JSONError) {
    if let maximum = limits.maximumStringBytes, range.count > maximum {
      let message = "a string has \(range.count) bytes; at most \(maximum) are allowed"
      throw JSONError(kind: .stringTooLong, offset: range.lowerBound - 1, message: message)
    }
  }
}
