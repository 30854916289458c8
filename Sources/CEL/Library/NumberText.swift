/// Decimal text of doubles without Foundation.
enum NumberText {
  /// The shortest digits that read back as the same number; without exponent from 1e-6 to 1e21, as JSON writers do.
  static func shortest(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    let (digits, exponent) = shortestDigits(number.magnitude)
    let sign = number < 0 ? "-" : ""
    let text = String(decoding: digits, as: UTF8.self)
    let point = exponent + 1
    if point > 21 || point < -5 {
      let fraction = digits.count > 1 ? "." + text.dropFirst() : ""
      return sign + text.prefix(1) + fraction + (exponent < 0 ? "e-" : "e+") + padded(abs(exponent), 2)
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + text }
    if point >= digits.count { return sign + text + String(repeating: "0", count: point - digits.count) }
    return sign + text.prefix(point) + "." + text.dropFirst(point)
  }

  /// Digits without leading or trailing zeros and the power of ten of the first, from Swift's own shortest text.
  private static func shortestDigits(_ number: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var pointPosition: Int?
    var exponent = 0
    let bytes = Array("\(number)".utf8)
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: ".") {
        pointPosition = digits.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: bytes[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
      }
    }
    exponent += (pointPosition ?? digits.count) - 1
    while digits.first == UInt8(ascii: "0") {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, exponent)
  }

  /// `[-]ddd.ddd` with exactly so many digits behind the point, rounded half to even on the exact value.
  static func fixed(_ number: Double, precision: Int) -> String {
    if !number.isFinite { return shortest(number) }
    var decimal = ExactDecimal(number.magnitude)
    decimal.round(fractionDigits: precision)
    let whole = decimal.whole.isEmpty ? "0" : String(decoding: decimal.whole, as: UTF8.self)
    let fraction = precision == 0 ? "" : "." + String(decoding: decimal.fraction(precision), as: UTF8.self)
    return (number.sign == .minus ? "-" : "") + whole + fraction
  }

  /// `[-]d.ddde±dd`
  static func scientific(_ number: Double, precision: Int) -> String {
    if !number.isFinite { return shortest(number) }
    let sign = number.sign == .minus ? "-" : ""
    var exponent = 0
    var digits = Array(repeating: UInt8(ascii: "0"), count: precision + 1)
    if number != 0 {
      var decimal = ExactDecimal(number.magnitude)
      decimal.round(fractionDigits: precision - decimal.leadingExponent)
      exponent = decimal.leadingExponent
      digits = decimal.leadingDigits(precision + 1)
    }
    let text = String(decoding: digits, as: UTF8.self)
    let fraction = precision == 0 ? "" : "." + text.dropFirst()
    return sign + text.prefix(1) + fraction + (exponent < 0 ? "e-" : "e+") + padded(abs(exponent), 2)
  }
}
