extension JSON: Hashable {
  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let one), .bool(let other)): one == other
    case (.int(let one), .int(let other)): one == other
    case (.double(let one), .double(let other)): one == other
    case (.string(let one), .string(let other)): one.hasSameCodePoints(as: other)
    case (.array(let one), .array(let other)): one == other
    case (.object(let one), .object(let other)): one == other
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0 as UInt8)
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value)
    case .string(let value): hasher.combine(value)
    case .array(let value): hasher.combine(value)
    case .object(let value): hasher.combine(value)
    }
  }

  /// Equality as JSON Schema defines it (draft 2020-12 core, 4.2.2): numbers are equal when their mathematical values are, so
  /// that `1` and `1.0` are the same.
  public func isEquivalent(to other: JSON) -> Bool {
    switch (self, other) {
    case (.int, .double), (.double, .int):
      return compareNumber(to: other) == 0
    case (.array(let one), .array(let two)):
      return one.count == two.count && zip(one, two).allSatisfy { $0.isEquivalent(to: $1) }
    case (.object(let one), .object(let two)):
      guard one.count == two.count else { return false }
      return one.allSatisfy { member in two[member.key].map { member.value.isEquivalent(to: $0) } ?? false }
    default:
      return self == other
    }
  }

  /// The order of two numbers by their exact values: -1, 0 or 1; nil when either is no number.
  func compareNumber(to other: JSON) -> Int? {
    switch (self, other) {
    case (.int(let one), .int(let two)): one < two ? -1 : one == two ? 0 : 1
    case (.double(let one), .double(let two)): one < two ? -1 : one == two ? 0 : 1
    case (.int(let one), .double(let two)): JSON.compare(one, two)
    case (.double(let one), .int(let two)): JSON.compare(two, one).map { -$0 }
    default: nil
    }
  }

  private static func compare(_ integer: Int64, _ double: Double) -> Int? {
    if double.isNaN { return nil }
    if double >= 0x1p63 { return -1 }
    if double < -0x1p63 { return 1 }
    let floor = double.rounded(.down)
    let whole = Int64(floor)
    if integer != whole { return integer < whole ? -1 : 1 }
    return floor < double ? -1 : 0
  }
}

extension String {
  /// Code point for code point equality. Swift's `==` is canonical equivalence, by which two different JSON keys, or two
  /// message ids of different bytes, would be one.
  func hasSameCodePoints(as other: String) -> Bool {
    if utf8.count != other.utf8.count { return false }
    // Texts of up to 15 bytes mostly stand in the value itself: the same two words are the same text, and nothing is counted.
    if unsafeBitCast(self, to: Words.self) == unsafeBitCast(other, to: Words.self) { return true }
    return withBytes { left in other.withBytes { right in String.hasSameBytes(left, right) } }
  }

  /// What a `String` is made of.
  private typealias Words = SIMD2<UInt>

  /// Whether the string's bytes come before another's.
  func precedes(_ other: String) -> Bool {
    withBytes { left in other.withBytes { right in left.lexicographicallyPrecedes(right) } }
  }

  /// Eight bytes at a time: an iterator takes ten times as long.
  private static func hasSameBytes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    let (left, right) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
    var index = 0
    while index + 8 <= left.count {
      // Both have `left.count` bytes, so the loads stay inside.
      if left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        != right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      {
        return false
      }
      index += 8
    }
    while index < left.count {
      if left[index] != right[index] { return false }
      index += 1
    }
    return true
  }
}
