/// All decimal digits of a finite double, which is a dyadic fraction and so has finitely many.
struct ExactDecimal {
  /// ASCII digits without leading zeros, the last `scale` of them behind the point.
  private var digits: [UInt8]
  private var scale: Int

  private static let zero = UInt8(ascii: "0")

  init(_ magnitude: Double) {
    guard magnitude != 0 else {
      (digits, scale) = ([], 0)
      return
    }
    let significand = magnitude.isNormal ? magnitude.significandBitPattern | 1 << 52 : magnitude.significandBitPattern
    let exponent = (magnitude.isNormal ? Int(magnitude.exponentBitPattern) : 1) - 1075
    var number = BigDecimalInteger(significand)
    // significand × 2^-n is significand × 5^n × 10^-n.
    for _ in 0..<abs(exponent) { number.multiply(by: exponent < 0 ? 5 : 2) }
    digits = number.digits
    scale = max(0, -exponent)
  }

  var whole: [UInt8] { digits.count > scale ? Array(digits[..<(digits.count - scale)]) : [] }

  /// The power of ten of the first digit.
  var leadingExponent: Int { digits.count - scale - 1 }

  func fraction(_ count: Int) -> [UInt8] {
    let known = Array(repeating: Self.zero, count: max(0, scale - digits.count)) + digits.suffix(scale)
    return Array((known + Array(repeating: Self.zero, count: count)).prefix(count))
  }

  func leadingDigits(_ count: Int) -> [UInt8] {
    Array((digits + Array(repeating: Self.zero, count: count)).prefix(count))
  }

  /// Rounds half to even; a negative count rounds before the point.
  mutating func round(fractionDigits count: Int) {
    let dropped = scale - count
    guard dropped > 0 else { return }
    guard dropped <= digits.count else {
      (digits, scale) = ([], 0)
      return
    }
    let tail = digits.suffix(dropped)
    let kept = Array(digits.dropLast(dropped))
    let isOdd = kept.last.map { $0 % 2 == 1 } ?? false
    let isAboveHalf =
      tail.first! > UInt8(ascii: "5")
      || tail.first! == UInt8(ascii: "5") && tail.dropFirst().contains { $0 != Self.zero }
    let isHalf = tail.first! == UInt8(ascii: "5") && !isAboveHalf
    digits = isAboveHalf || isHalf && isOdd ? Self.incremented(kept) : kept
    if count >= 0 {
      scale = count
    } else {
      if !digits.isEmpty { digits += Array(repeating: Self.zero, count: -count) }
      scale = 0
    }
  }

  private static func incremented(_ digits: [UInt8]) -> [UInt8] {
    var result = digits
    for position in result.indices.reversed() {
      if result[position] != UInt8(ascii: "9") {
        result[position] += 1
        return result
      }
      result[position] = zero
    }
    return [UInt8(ascii: "1")] + result
  }
}

/// A natural number in base 10^9, least significant part first.
private struct BigDecimalInteger {
  private var parts: [UInt32] = []

  init(_ value: UInt64) {
    var rest = value
    while rest > 0 {
      parts.append(UInt32(rest % 1_000_000_000))
      rest /= 1_000_000_000
    }
  }

  mutating func multiply(by factor: UInt64) {
    var carry: UInt64 = 0
    for index in parts.indices {
      let product = UInt64(parts[index]) * factor + carry
      parts[index] = UInt32(product % 1_000_000_000)
      carry = product / 1_000_000_000
    }
    if carry > 0 { parts.append(UInt32(carry)) }
  }

  /// ASCII digits without leading zeros.
  var digits: [UInt8] {
    guard let top = parts.last else { return [] }
    return Array(String(top).utf8) + parts.dropLast().reversed().flatMap { Array(padded(Int($0), 9).utf8) }
  }
}
