/// A SHA-256 digest cut to its first 16 bytes. Ordered as its bytes are.
public struct Hash128: Sendable, Hashable, Comparable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The hash of 16 bytes, first byte most significant.
  ///
  /// - Precondition: there are 16 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == 16, "a Hash128 has 16 bytes, not \(bytes.count)")
    high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The hash of 32 hexadecimal digits, nil for any other text.
  public init?(hex: String) {
    guard hex.utf8.count == 32, hex.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let high = UInt64(hex.prefix(16), radix: 16), let low = UInt64(hex.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// The 16 bytes, most significant first.
  public var bytes: [UInt8] {
    [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) } }
  }

  /// 32 lower-case hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(32)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The hash of parts, as `HashBuilder` makes it.
  public static func of(_ parts: [HashPart]) -> Hash128 {
    var builder = HashBuilder()
    for part in parts { builder.append(part) }
    return builder.finalize()
  }

  public static func < (left: Hash128, right: Hash128) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

extension Hash128: CustomStringConvertible {
  /// `hex`
  public var description: String { hex }
}
