extension String {
  /// Lends the string's UTF-8 bytes. `withUTF8` wants a variable, and so a copy that is counted.
  @inline(__always) func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    // Only strings bridged from elsewhere are not contiguous.
    var copy = self
    return copy.withUTF8(body)
  }
}

extension UnsafeRawBufferPointer {
  /// A number of bytes, in steps of eight, that are printable ASCII, no quote and no backslash. After them there may be
  /// more: a byte beyond ASCII, or less than eight before the end, is left for a closer look.
  var plainPrefix: Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var plain = 0
    while plain + 8 <= count {
      let word = loadUnaligned(fromByteOffset: plain, as: UInt64.self)
      // The high bit of a byte is set where it is zero after the exclusive or (Mycroft's test), below 0x20, or not ASCII.
      let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let escape = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      let deletion = word ^ (ones &* 0x7F)
      let special =
        ((quote &- ones) & ~quote) | ((escape &- ones) & ~escape) | ((deletion &- ones) & ~deletion)
        | (word &- ones &* 0x20) | word
      if special & highs != 0 { break }
      plain += 8
    }
    return plain
  }
}
