/// A SHA-256 digest cut to its first 16 bytes. Ordered as its bytes are.
public struct Hash128: Sendable, Hashable, Comparable {
  /// The first eight bytes, most significant first.
  public var high: UInt64
  /// The last eight bytes, most significant first.
  public var low: UInt64

  /// The hash with these halves.
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
    guard let hash = hex.withBytes({ Hash128(hexDigits: $0[...]) }) else { return nil }
    self = hash
  }

  /// The hash of 32 hexadecimal digits in ASCII.
  init?(hexDigits: Slice<UnsafeBufferPointer<UInt8>>) {
    guard hexDigits.count == 32 else { return nil }
    (high, low) = (0, 0)
    for digit in hexDigits {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
      default: return nil
      }
      high = high << 4 | low >> 60
      low = low << 4 | UInt64(value)
    }
  }

  /// The 16 bytes, most significant first.
  public var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      for index in 0..<16 { buffer.initializeElement(at: index, to: byte(index)) }
      count = 16
    }
  }

  /// 32 lower-case hexadecimal digits.
  public var hex: String {
    String(unsafeUninitializedCapacity: 32) { buffer in
      writeDigits(to: buffer, at: 0)
      return 32
    }
  }

  /// The digits of a slot, then those of the hash.
  func hex(after slot: Slot) -> String {
    String(unsafeUninitializedCapacity: 35) { buffer in
      for index in 0..<3 { buffer.initializeElement(at: index, to: slot.digit(index)) }
      writeDigits(to: buffer, at: 3)
      return 35
    }
  }

  /// Writes 32 digits, most significant first, from the back.
  private func writeDigits(to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
    var (first, second) = (high, low)
    for index in (0..<16).reversed() {
      buffer.initializeElement(at: start + index, to: Hash128.digit(UInt8(truncatingIfNeeded: first & 15)))
      buffer.initializeElement(at: start + 16 + index, to: Hash128.digit(UInt8(truncatingIfNeeded: second & 15)))
      first >>= 4
      second >>= 4
    }
  }

  /// Most significant first.
  private func byte(_ index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index & 7)))
  }

  static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// The hash of one text, as `HashBuilder` makes it.
  public static func of(_ text: String) -> Hash128 {
    var builder = HashBuilder()
    builder.append(text)
    return builder.finalize()
  }

  public static func < (left: Hash128, right: Hash128) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

extension Hash128: CustomStringConvertible {
  /// `hex`
  public var description: String { hex }
}
