/// A cursor over the bytes of a short text of digits and punctuation.
struct DigitScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { position == bytes.count }
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let next, UInt32(next) == character.value else { return false }
    position += 1
    return true
  }

  /// Exactly so many digits.
  mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = takeDigit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// One digit, if one comes next.
  mutating func takeDigit() -> Int? {
    guard let next, (0x30...0x39).contains(next) else { return nil }
    position += 1
    return Int(next) - 0x30
  }

  /// The nanoseconds of an optional `.ddd`; nil when a point has no digit behind it.
  mutating func fraction() -> Int32? {
    guard take(".") else { return 0 }
    var value: Int32 = 0
    var scale: Int32 = 100_000_000
    var count = 0
    while let digit = takeDigit() {
      value += Int32(digit) * scale
      scale /= 10
      count += 1
    }
    return count == 0 ? nil : value
  }
}
