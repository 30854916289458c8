extension Timestamp {
  static let millisecondsPerDay: Int64 = 86_400_000

  /// The time in UTC with milliseconds, `2017-01-09T08:49:50.000Z`. Years outside 0 to 9999, which RFC 3339 does not have, are
  /// written with sign and six digits as ISO 8601 does it.
  public var rfc3339: String {
    var time = milliseconds % Timestamp.millisecondsPerDay
    var day = milliseconds / Timestamp.millisecondsPerDay
    if time < 0 {
      time += Timestamp.millisecondsPerDay
      day -= 1
    }
    let date = Timestamp.date(ofDay: day)
    let isFourDigits = (0...9999).contains(date.year)
    // Sign, up to nine digits of the year and twenty characters.
    return String(unsafeUninitializedCapacity: 32) { text in
      var count = 0
      func append(_ character: UInt8) {
        text.initializeElement(at: count, to: character)
        count += 1
      }
      func append(_ value: Int64, digits: Int, then separator: Unicode.Scalar) {
        var rest = value
        for place in stride(from: count + digits - 1, through: count, by: -1) {
          text.initializeElement(at: place, to: UInt8(rest % 10) + UInt8(ascii: "0"))
          rest /= 10
        }
        count += digits
        append(UInt8(ascii: separator))
      }
      if isFourDigits {
        append(date.year, digits: 4, then: "-")
      } else {
        append(UInt8(ascii: date.year < 0 ? "-" : "+"))
        let digits = String(date.year.magnitude).utf8.count
        append(Int64(date.year.magnitude), digits: max(digits, 6), then: "-")
      }
      append(date.month, digits: 2, then: "-")
      append(date.day, digits: 2, then: "T")
      append(time / 3_600_000, digits: 2, then: ":")
      append(time / 60_000 % 60, digits: 2, then: ":")
      append(time / 1000 % 60, digits: 2, then: ".")
      append(time % 1000, digits: 3, then: "Z")
      return count
    }
  }

  /// The time as an attribute of a message: beyond the years that RFC 3339 has, the nearest time that it has.
  package var attributeText: String {
    // 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z.
    Timestamp(milliseconds: min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)).rfc3339
  }

  /// The time an RFC 3339 `date-time` names, with any offset; digits after the milliseconds are cut off, a leap second (`:60`)
  /// is the first second of the next minute. Nil for anything else.
  public init?(rfc3339: String) {
    let milliseconds = rfc3339.withBytes { bytes in
      var reader = TimestampReader(bytes: bytes)
      return reader.readDateTime()
    }
    guard let milliseconds else { return nil }
    self.init(milliseconds: milliseconds)
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
  static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `day(year:month:day:)`.
  static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }
}

/// Reads `date-time` of RFC 3339, 5.6.
private struct TimestampReader {
  let bytes: UnsafeBufferPointer<UInt8>
  var offset = 0

  mutating func readDateTime() -> Int64? {
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
      take("T") || take("t"), let hour = number(2), take(":"), let minute = number(2), take(":"),
      let second = number(2),
      (1...12).contains(month), (1...daysIn(month, of: year)).contains(day), hour < 24, minute < 60, second <= 60,
      let fraction = readFraction(), let offsetMinutes = readOffset(), offset == bytes.count
    else { return nil }
    let seconds = (hour * 60 + minute - offsetMinutes) * 60 + second
    let start = Timestamp.day(year: year, month: month, day: day) * Timestamp.millisecondsPerDay
    return start + seconds * 1000 + (second == 60 ? 0 : fraction)
  }

  private mutating func number(_ digits: Int) -> Int64? {
    guard offset + digits <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[offset..<(offset + digits)] {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    offset += digits
    return value
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  /// The fraction in milliseconds, 0 where there is none.
  private mutating func readFraction() -> Int64? {
    guard take(".") else { return 0 }
    var milliseconds: Int64 = 0
    var weight: Int64 = 100
    guard let first = number(1) else { return nil }
    milliseconds += first * weight
    while let digit = number(1) {
      weight /= 10
      milliseconds += digit * weight
    }
    return milliseconds
  }

  /// The minutes by which local time is ahead of UTC.
  private mutating func readOffset() -> Int64? {
    if take("Z") || take("z") { return 0 }
    let isNegative = take("-")
    guard isNegative || take("+"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60
    else { return nil }
    return (hours * 60 + minutes) * (isNegative ? -1 : 1)
  }

  private func daysIn(_ month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
