import SagaCore
import Testing

@Suite("Time stamps") struct TimestampTests {
  @Test(
    "reads RFC 3339 with any offset and writes UTC with milliseconds",
    arguments: [
      ("2017-01-09T08:49:50Z", 1_483_951_790_000, "2017-01-09T08:49:50.000Z"),
      ("1970-01-01T00:00:00.000Z", 0, "1970-01-01T00:00:00.000Z"),
      ("1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"),
      ("2017-01-09T08:49:50.1239Z", 1_483_951_790_123, "2017-01-09T08:49:50.123Z"),
      ("2017-01-09t10:19:50.5+01:30", 1_483_951_790_500, "2017-01-09T08:49:50.500Z"),
      ("2017-01-08T20:49:50-12:00", 1_483_951_790_000, "2017-01-09T08:49:50.000Z"),
      ("2000-02-29T12:00:00Z", 951_825_600_000, "2000-02-29T12:00:00.000Z"),
      ("2016-12-31T23:59:60Z", 1_483_228_800_000, "2017-01-01T00:00:00.000Z"),
      ("0000-01-01T00:00:00z", -62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
  func reads(text: String, milliseconds: Int64, written: String) throws {
    let time = try #require(Timestamp(rfc3339: text))
    #expect(time.milliseconds == milliseconds)
    #expect(time.rfc3339 == written)
  }

  @Test(
    "refuses what is no RFC 3339 time",
    arguments: [
      "", "2017-01-09", "2017-01-09T08:49Z", "2017-01-09 08:49:50Z", "2017-01-09T08:49:50", "2017-1-09T08:49:50Z",
      "2017-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2017-13-01T00:00:00Z", "2017-00-01T00:00:00Z",
      "2017-04-31T00:00:00Z",
      "2017-01-09T24:00:00Z", "2017-01-09T08:60:50Z", "2017-01-09T08:49:61Z", "2017-01-09T08:49:50.Z",
      "2017-01-09T08:49:50+1:00",
      "2017-01-09T08:49:50+24:00", "2017-01-09T08:49:50ZZ", "2017-01-09T08:49:50.5 Z", "+2017-01-09T08:49:50Z", "now",
    ])
  func refuses(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test("every day of eight centuries reads back") func days() throws {
    for day in stride(from: Int64(-146_097), to: 146_097, by: 1) {
      let time = Timestamp(milliseconds: day * 86_400_000 + 12_345)
      #expect(Timestamp(rfc3339: time.rfc3339) == time)
    }
  }

  @Test("arithmetic stops at the ends of the range") func saturation() {
    #expect(Timestamp(milliseconds: 5).advanced(byMilliseconds: 7).milliseconds == 12)
    #expect(Timestamp(milliseconds: .max).advanced(byMilliseconds: 1).milliseconds == .max)
    #expect(Timestamp(milliseconds: .min).advanced(byMilliseconds: -1).milliseconds == .min)
    #expect(Timestamp(milliseconds: .min).milliseconds(since: Timestamp(milliseconds: 1)) == .min)
    #expect(Timestamp(milliseconds: .max).rfc3339.hasPrefix("+292278994-08-17T07:12:55.807"))
    #expect(Timestamp(milliseconds: .min).rfc3339 == "-292275055-05-16T16:47:04.192Z")
  }
}
