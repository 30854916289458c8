/// A point in time with nanoseconds, from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z
/// (google.protobuf.Timestamp).
public struct CELTimestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Seconds since 1970-01-01T00:00:00Z.
  public var seconds: Int64
  /// 0 to 999,999,999, always counting forwards.
  public var nanoseconds: Int32

  static let secondsRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// Takes the parts as they are; ``init(validSeconds:nanoseconds:)`` checks the range.
  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Nil when the time lies outside the years 1 to 9999.
  public init?(validSeconds seconds: Int64, nanoseconds: Int32 = 0) {
    guard Self.secondsRange.contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else { return nil }
    self.init(seconds: seconds, nanoseconds: nanoseconds)
  }

  /// The time itself; outside the years 1 to 9999 the first or the last there is.
  public init(clampingSeconds seconds: Int64, nanoseconds: Int32 = 0) {
    if seconds < Self.secondsRange.lowerBound {
      self.init(seconds: Self.secondsRange.lowerBound)
    } else if seconds > Self.secondsRange.upperBound {
      self.init(seconds: Self.secondsRange.upperBound, nanoseconds: 999_999_999)
    } else {
      self.init(seconds: seconds, nanoseconds: nanoseconds)
    }
  }

  /// Reads an RFC 3339 date-time such as `2024-02-29T12:00:00.5+02:00`; digits beyond nanoseconds are dropped.
  ///
  /// Nil when the text is no such time or lies outside the range.
  public init?(parsingRFC3339 text: String) {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(digits: 4), scanner.take("-"),
      let month = scanner.number(digits: 2), (1...12).contains(month), scanner.take("-"),
      let day = scanner.number(digits: 2), (1...CivilTime.daysIn(month: month, year: year)).contains(day),
      scanner.take("T") || scanner.take("t"),
      let hour = scanner.number(digits: 2), hour <= 23, scanner.take(":"),
      let minute = scanner.number(digits: 2), minute <= 59, scanner.take(":"),
      let second = scanner.number(digits: 2), second <= 59
    else { return nil }
    guard let nanoseconds = scanner.fraction(), let offset = Self.offsetSeconds(&scanner), scanner.isAtEnd else {
      return nil
    }
    let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
    let local = days * CivilTime.secondsPerDay + Int64(hour * 3600 + minute * 60 + second)
    self.init(validSeconds: local - Int64(offset), nanoseconds: nanoseconds)
  }

  private static func offsetSeconds(_ scanner: inout DigitScanner) -> Int? {
    if scanner.take("Z") || scanner.take("z") { return 0 }
    let isNegative = scanner.take("-")
    guard isNegative || scanner.take("+"),
      let hours = scanner.number(digits: 2), hours <= 23, scanner.take(":"),
      let minutes = scanner.number(digits: 2), minutes <= 59
    else { return nil }
    return (hours * 3600 + minutes * 60) * (isNegative ? -1 : 1)
  }

  /// The time in UTC, with 0, 3, 6 or 9 digits of fraction.
  public var rfc3339: String {
    let civil = CivilTime(secondsSinceEpoch: seconds)
    var text = padded(civil.year, 4) + "-" + padded(civil.month, 2) + "-" + padded(civil.day, 2)
    text += "T" + padded(civil.hour, 2) + ":" + padded(civil.minute, 2) + ":" + padded(civil.second, 2)
    return text + fractionText(nanoseconds) + "Z"
  }

  public var description: String { rfc3339 }

  public static func < (left: CELTimestamp, right: CELTimestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Nil past the range.
  func adding(_ duration: CELDuration) -> CELTimestamp? {
    var seconds = self.seconds &+ duration.seconds
    var nanoseconds = self.nanoseconds + duration.nanoseconds
    if nanoseconds < 0 {
      nanoseconds += 1_000_000_000
      seconds -= 1
    } else if nanoseconds >= 1_000_000_000 {
      nanoseconds -= 1_000_000_000
      seconds += 1
    }
    return CELTimestamp(validSeconds: seconds, nanoseconds: nanoseconds)
  }

  /// The time from `other` to this one; nil past the range of a duration.
  func since(_ other: CELTimestamp) -> CELDuration? {
    let (whole, overflow) = (seconds &- other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return nil }
    let (total, carry) = whole.addingReportingOverflow(Int64(nanoseconds - other.nanoseconds))
    return carry ? nil : CELDuration(nanoseconds: total)
  }
}

func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

/// `.123`, `.123456`, `.123456789` or nothing.
func fractionText(_ nanoseconds: Int32) -> String {
  if nanoseconds == 0 { return "" }
  if nanoseconds % 1_000_000 == 0 { return "." + padded(Int(nanoseconds) / 1_000_000, 3) }
  if nanoseconds % 1000 == 0 { return "." + padded(Int(nanoseconds) / 1000, 6) }
  return "." + padded(Int(nanoseconds), 9)
}
