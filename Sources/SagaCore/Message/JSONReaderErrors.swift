extension JSONReader {
  /// The error for what stands at the current place, where something else was expected.
  @inline(never) func unexpected(_ expected: String, kind: JSONError.Kind = .syntax) -> JSONError {
    guard offset < bytes.count else {
      return JSONError(kind: .unexpectedEnd, offset: offset, message: "the text ends where \(expected) was expected")
    }
    if bytes[offset] >= 0x80, let wrong = offsetOfIllFormedUTF8(in: offset..<min(offset + 4, bytes.count)),
      wrong == offset
    {
      return illFormed(at: wrong)
    }
    return JSONError(kind: kind, offset: offset, message: "expected \(expected), found \(found)")
  }

  func duplicate(_ key: String, at offset: Int) -> JSONError {
    let shown = key.unicodeScalars.count > 80 ? String(key.unicodeScalars.prefix(80)) + "…" : key
    let message = "the key \(JSON.string(shown)) stands twice in the same object"
    return JSONError(kind: .duplicateKey, offset: offset, message: message)
  }

  func illFormed(at offset: Int) -> JSONError {
    JSONError(
      kind: .invalidUTF8, offset: offset, message: "byte \(hexadecimal(bytes[offset])) is no well-formed UTF-8 here")
  }

  /// The scalar at the current place, as errors show it.
  private var found: String {
    let rest = bytes[offset..<min(offset + 4, bytes.count)]
    guard let scalar = String(decoding: rest, as: UTF8.self).unicodeScalars.first else { return "the end of the text" }
    return scalar.value < 0x20 || scalar.value == 0x7F
      ? "control character \(hexadecimal(rest[offset]))" : "`\(scalar)`"
  }

  func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.utf8.count == 1 ? "0x0" + digits : "0x" + digits
  }

  /// The first byte in a range that begins no well-formed UTF-8 sequence (Unicode 16, table 3-7).
  func offsetOfIllFormedUTF8(in range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound {
      let length = lengthOfSequence(at: index, before: range.upperBound)
      if length == 0 { return index }
      index += length
    }
    return nil
  }

  /// The bytes of the well-formed sequence that begins at an index, 0 if there is none.
  private func lengthOfSequence(at index: Int, before end: Int) -> Int {
    let length: Int
    let second: ClosedRange<UInt8>
    switch bytes[index] {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    default: return 0
    }
    guard index + length <= end, second.contains(bytes[index + 1]) else { return 0 }
    for continuation in bytes[(index + 2)..<(index + length)] where continuation & 0xC0 != 0x80 { return 0 }
    return length
  }
}
