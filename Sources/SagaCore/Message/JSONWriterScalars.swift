extension JSONWriter {
  /// Appends an integer.
  public mutating func write(_ value: Int64) {
    var magnitude = value.magnitude
    if value < 0 { appendByte("-") }
    if magnitude < 10 { return output.append(UInt8(magnitude) + UInt8(ascii: "0")) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = 20
      while magnitude > 0 {
        start -= 1
        digits.initializeElement(at: start, to: UInt8(magnitude % 10) + UInt8(ascii: "0"))
        magnitude /= 10
      }
      output.append(UnsafeBufferPointer(rebasing: digits[start..<20]))
    }
  }

  /// Appends a double: the shortest text that reads back as the same number, `null` if it is not finite.
  public mutating func write(_ value: Double) {
    if value == 0 { return append(value.sign == .minus ? "-0" : "0") }
    if value.magnitude < 0x1p53, let integer = Int64(exactly: value) { return write(integer) }
    if !value.isFinite { return append("null") }
    value.description.withBytes { output.append($0) }
  }

  /// Appends a string in quotes; escapes only what RFC 8259, 7 requires.
  public mutating func write(_ value: String) {
    appendByte("\"")
    value.withBytes { text in
      var chunk = 0
      for index in UnsafeRawBufferPointer(text).plainPrefix..<text.count {
        let byte = text[index]
        if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
        output.append(UnsafeBufferPointer(rebasing: text[chunk..<index]))
        writeEscape(byte)
        chunk = index + 1
      }
      output.append(UnsafeBufferPointer(rebasing: text[chunk...]))
    }
    appendByte("\"")
  }

  private mutating func writeEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default:
      append("\\u00")
      for digit in [byte >> 4, byte & 0xF] {
        output.append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
      }
    }
  }
}
