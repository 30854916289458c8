import CEL
import Testing

@Suite struct TimeTests {
  @Test(
    "the parts of a moment depend on the zone",
    arguments: [
      ("getHours('UTC')", 23), ("getHours('+02:00')", 1), ("getHours('02:00')", 1), ("getHours('-09:30')", 14),
      ("getDate('Australia/Sydney')", 14),
      ("getDayOfMonth('US/Central')", 12), ("getMinutes('Asia/Kathmandu')", 16), ("getDayOfWeek()", 5),
      ("getDayOfWeek('Pacific/Auckland')", 6),
      ("getDayOfYear('Asia/Tokyo')", 44), ("getMonth()", 1), ("getFullYear()", 2009), ("getSeconds()", 30),
      ("getMilliseconds()", 123),
    ])
  func zones(call: String, expected: Int64) throws {
    #expect(try evaluate("timestamp('2009-02-13T23:31:30.123456789Z').\(call)") == .int(expected))
  }

  @Test("daylight saving time is that of the moment")
  func daylightSaving() throws {
    #expect(try evaluate("timestamp('2024-01-15T12:00:00Z').getHours('Europe/Berlin')") == .int(13))
    #expect(try evaluate("timestamp('2024-07-15T12:00:00Z').getHours('Europe/Berlin')") == .int(14))
  }

  @Test("an unknown zone is an error", arguments: ["Mars/Olympus", "", "+25:00", "+2:00", "02", "../etc/passwd"])
  func unknownZone(zone: String) {
    let error = failure("timestamp(0).getHours('\(zone)')")
    #expect(error?.kind == .invalidArgument)
    #expect(error?.message == "unknown time zone '\(zone)'")
  }

  @Test(
    "timestamps are read as RFC 3339 and written in UTC",
    arguments: [
      ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"), ("2024-02-29T23:59:59.5+02:00", "2024-02-29T21:59:59.500Z"),
      ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
      ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
      ("1969-12-31T23:59:59.000001Z", "1969-12-31T23:59:59.000001Z"), ("2000-03-01t00:00:00z", "2000-03-01T00:00:00Z"),
    ])
  func timestamps(text: String, expected: String) throws {
    #expect(CELTimestamp(parsingRFC3339: text)?.rfc3339 == expected)
  }

  @Test(
    "what is no time of the calendar is refused",
    arguments: [
      "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01", "2024-01-01T00:00:00",
      "2024-01-01T00:00:00.Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
    ])
  func badTimestamps(text: String) {
    #expect(CELTimestamp(parsingRFC3339: text) == nil)
  }

  @Test(
    "durations are read with units and written in seconds",
    arguments: [
      ("1h2m3.5s", "3723.5s"), ("-1.5h", "-5400s"), ("500ms", "0.5s"), ("10us", "0.00001s"), ("3µs", "0.000003s"),
      ("1ns", "0.000000001s"), ("0", "0s"),
      ("+1m", "60s"), (".5s", "0.5s"), ("1.0000000019s", "1.000000001s"),
      ("-9223372036.854775808s", "-9223372036.854775808s"),
    ])
  func durations(text: String, expected: String) {
    #expect(CELDuration(parsing: text)?.canonicalText == expected)
  }

  @Test("what is no duration is refused", arguments: ["", "1", "s", "1d", "1h 2m", "-", ".s", "9223372037s", "1e3s"])
  func badDurations(text: String) {
    #expect(CELDuration(parsing: text) == nil)
  }

  @Test("time arithmetic and order")
  func arithmetic() throws {
    #expect(
      try evaluate("timestamp('2024-03-01T00:00:00Z') - timestamp('2024-02-28T00:00:00Z') == duration('48h')")
        == .bool(true))
    #expect(try evaluate("string(timestamp(0) + duration('-1ns'))") == .string("1969-12-31T23:59:59.999999999Z"))
    #expect(try evaluate("-duration('1.5s') < duration('-1s') && timestamp(1) > timestamp(0)") == .bool(true))
    #expect(try evaluate("duration('3730s').getMinutes()") == .int(62))
  }
}

extension TimeTests {
  @Test("the machine's tz data has a version that a trace can name")
  func zoneData() {
    #expect(CELTimeZones.dataVersion.contains(/^20[0-9]{2}[a-z]?/))
  }
}
