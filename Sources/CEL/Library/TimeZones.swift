import Foundation

/// The time zone data that expressions with zones depend on.
public enum CELTimeZones {
  /// The version of the machine's tz data, such as `2025b`: two runs agree about zones when it is the same, so a trace
  /// of a run names it.
  public static var dataVersion: String { TimeZone.timeZoneDataVersion }
}

/// Offsets from UTC by the name of a zone; the one place of this target that asks Foundation, for the machine's tz
/// data.
enum TimeZones {
  /// Seconds east of UTC at a moment, for `UTC`, a fixed offset such as `+02:00`, `-02:30` or `02:00`, or an IANA name.
  /// Nil for others.
  static func offsetSeconds(of zone: String, at seconds: Int64) -> Int? {
    if zone == "UTC" || zone == "Z" { return 0 }
    if let first = zone.utf8.first, first < UInt8(ascii: "A") { return fixedOffset(zone) }
    guard zone.utf8.count <= 64, let named = TimeZone(identifier: zone) else { return nil }
    return named.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
  }

  private static func fixedOffset(_ zone: String) -> Int? {
    var scanner = DigitScanner(zone)
    let isNegative = scanner.take("-")
    if !isNegative { _ = scanner.take("+") }
    guard let hours = scanner.number(digits: 2), hours <= 23, scanner.take(":"),
      let minutes = scanner.number(digits: 2), minutes <= 59, scanner.isAtEnd
    else { return nil }
    return (hours * 3600 + minutes * 60) * (isNegative ? -1 : 1)
  }
}
