/// A span of time with nanoseconds, positive or negative.
///
/// The range is that of a signed 64-bit count of nanoseconds, about 292 years, as in cel-go: the conformance suite
/// expects the span from year 1 to year 9999 to overflow.
public struct CELDuration: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Whole seconds, cut towards zero.
  public var seconds: Int64
  /// −999,999,999 to 999,999,999, of the same sign as ``seconds``.
  public var nanoseconds: Int32

  /// Takes the parts as they are; both must have one sign.
  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// A span of so many nanoseconds.
  public init(nanoseconds total: Int64) {
    seconds = total / 1_000_000_000
    nanoseconds = Int32(total % 1_000_000_000)
  }

  /// The whole span in nanoseconds; nil past the range.
  public var totalNanoseconds: Int64? {
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return nil }
    let (total, carry) = whole.addingReportingOverflow(Int64(nanoseconds))
    return carry ? nil : total
  }

  /// Reads a Go-like duration: decimal numbers with the units `h m s ms us µs ns`, such as `1h2m3.5s` or `-1.5h`; `0`
  /// needs no unit.
  ///
  /// Nil when the text is no such duration or is out of range.
  public init?(parsing text: String) {
    var scanner = DigitScanner(text)
    let isNegative = scanner.take("-")
    if !isNegative { _ = scanner.take("+") }
    if text == "0" || text == "-0" || text == "+0" {
      self.init(seconds: 0)
      return
    }
    if scanner.isAtEnd { return nil }
    var total: Int64 = 0
    while !scanner.isAtEnd {
      guard let part = Self.part(&scanner, isNegative: isNegative) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      if overflow { return nil }
      total = sum
    }
    self.init(nanoseconds: total)
  }

  private static func part(_ scanner: inout DigitScanner, isNegative: Bool) -> Int64? {
    var digits: [Int] = []
    var fraction: [Int] = []
    while let digit = scanner.takeDigit() { digits.append(digit) }
    if scanner.take(".") {
      while let digit = scanner.takeDigit() { fraction.append(digit) }
    }
    guard !digits.isEmpty || !fraction.isEmpty, let unit = unit(&scanner) else { return nil }
    var value: Int64 = 0
    for digit in digits {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.addingReportingOverflow(Int64(isNegative ? -digit : digit))
      if overflow || carry { return nil }
      value = next
    }
    let (whole, overflow) = value.multipliedReportingOverflow(by: unit)
    if overflow { return nil }
    var numerator: UInt64 = 0
    var denominator: UInt64 = 1
    // Fifteen digits go past the last nanosecond of an hour; more would only truncate.
    for digit in fraction.prefix(15) {
      numerator = numerator * 10 + UInt64(digit)
      denominator *= 10
    }
    let rest = Int64(denominator.dividingFullWidth(numerator.multipliedFullWidth(by: UInt64(unit))).quotient)
    let (sum, carry) = whole.addingReportingOverflow(isNegative ? -rest : rest)
    return carry ? nil : sum
  }

  private static func unit(_ scanner: inout DigitScanner) -> Int64? {
    if scanner.take("h") { return 3_600_000_000_000 }
    if scanner.take("s") { return 1_000_000_000 }
    if scanner.take("m") { return scanner.take("s") ? 1_000_000 : 60_000_000_000 }
    if scanner.take("n") { return scanner.take("s") ? 1 : nil }
    if scanner.take("u") { return scanner.take("s") ? 1000 : nil }
    // µ is U+00B5 or U+03BC, two bytes each.
    if scanner.take("\u{C2}") { return scanner.take("\u{B5}") && scanner.take("s") ? 1000 : nil }
    if scanner.take("\u{CE}") { return scanner.take("\u{BC}") && scanner.take("s") ? 1000 : nil }
    return nil
  }

  /// Decimal seconds with the unit, such as `3723.5s`.
  public var canonicalText: String {
    let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
    var text = sign + String(seconds.magnitude)
    if nanoseconds != 0 {
      var digits = padded(Int(nanoseconds.magnitude), 9)
      while digits.hasSuffix("0") { digits.removeLast() }
      text += "." + digits
    }
    return text + "s"
  }

  public var description: String { canonicalText }

  public static func < (left: CELDuration, right: CELDuration) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Nil past the range.
  func adding(_ other: CELDuration) -> CELDuration? {
    guard let left = totalNanoseconds, let right = other.totalNanoseconds else { return nil }
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? nil : CELDuration(nanoseconds: sum)
  }

  var negated: CELDuration { CELDuration(seconds: 0 &- seconds, nanoseconds: 0 &- nanoseconds) }
}
