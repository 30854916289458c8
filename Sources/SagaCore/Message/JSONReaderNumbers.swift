extension JSONReader {
  /// Reads the number that begins at the current place.
  mutating func readNumber() throws(JSONError) -> JSON {
    let start = offset
    let isNegative = current == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    // The digits as an integer, as far as they fit. `scale` is the power of ten that a fraction divides it by.
    var digits = Digits()
    if current == UInt8(ascii: "0") {
      offset += 1
      if isDigit(current) { throw syntaxError("a number has no leading zeros", at: start) }
    } else {
      try readDigits(into: &digits)
    }
    var scale = 0
    var isIntegral = true
    if current == UInt8(ascii: ".") {
      isIntegral = false
      offset += 1
      let first = offset
      try readDigits(into: &digits)
      scale = first - offset
    }
    if current | 0x20 == UInt8(ascii: "e") {
      isIntegral = false
      scale += try readExponent()
    }
    if isIntegral, !digits.overflowed, let value = integer(digits.value, isNegative) { return .int(value) }
    return .double(try double(digits, scale: scale, isNegative: isNegative, start: start))
  }

  private struct Digits {
    var value: UInt64 = 0
    var overflowed = false

    @inline(__always) mutating func append(_ digit: UInt8) {
      let (product, tooGreat) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(UInt64(digit))
      value = sum
      if tooGreat || carried { overflowed = true }
    }
  }

  @inline(__always) private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  @inline(__always) private mutating func readDigits(into digits: inout Digits) throws(JSONError) {
    if !isDigit(current) { throw unexpected("a digit") }
    while offset < bytes.count, isDigit(bytes[offset]) {
      digits.append(bytes[offset] &- UInt8(ascii: "0"))
      offset += 1
    }
  }

  /// The exponent at the current place, cut to a magnitude beyond which every number is zero or out of range.
  private mutating func readExponent() throws(JSONError) -> Int {
    offset += 1
    let isNegative = current == UInt8(ascii: "-")
    if isNegative || current == UInt8(ascii: "+") { offset += 1 }
    var digits = Digits()
    try readDigits(into: &digits)
    let magnitude = digits.overflowed ? 1_000_000 : Int(min(digits.value, 1_000_000))
    return isNegative ? -magnitude : magnitude
  }

  /// `-0` is no integer: it keeps its sign as a double.
  private func integer(_ magnitude: UInt64, _ isNegative: Bool) -> Int64? {
    if !isNegative { return Int64(exactly: magnitude) }
    if magnitude == 0 { return nil }
    return magnitude <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
  }

  private func double(_ digits: Digits, scale: Int, isNegative: Bool, start: Int) throws(JSONError) -> Double {
    // Both operands are exact and one operation rounds once: the result is the nearest double (Clinger 1990).
    if !digits.overflowed, digits.value <= 1 << 53, scale.magnitude <= 22 {
      let power = JSONReader.powersOfTen[Int(scale.magnitude)]
      let magnitude = scale < 0 ? Double(digits.value) / power : Double(digits.value) * power
      return isNegative ? -magnitude : magnitude
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw JSONError(kind: .numberOutOfRange, offset: start, message: "the number is greater than any double")
    }
    return value
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21,
    1e22,
  ]

  private func syntaxError(_ message: String, at offset: Int) -> JSONError {
    JSONError(kind: .syntax, offset: offset, message: message)
  }
}
