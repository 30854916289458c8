import Testing

@testable import SagaCore

@Suite struct DurationLiteralTests {
  @Test(
    "a whole number and a unit is a duration",
    arguments: [
      ("500ms", 500), ("30s", 30_000), ("15m", 900_000), ("36h", 129_600_000), ("30d", 2_592_000_000), ("0s", 0),
      ("007s", 7_000), ("36500d", 3_153_600_000_000),
    ] as [(String, Int64)])
  func literals(text: String, milliseconds: Int64) {
    #expect(DurationLiteral(text) == .milliseconds(milliseconds))
  }

  @Test(
    "what begins like a duration and is none is malformed",
    arguments: [
      "30", "1h30m", "1.5s", "30 s", "30sec", "-5s", "5S", "1w", "30ms ",
    ])
  func malformed(text: String) {
    #expect(DurationLiteral(text) == .malformed)
  }

  @Test(
    "a duration beyond a century is too long", arguments: ["36501d", "99999999999999999999s", "9223372036854775807d"])
  func tooLong(text: String) {
    #expect(DurationLiteral(text) == .tooLong)
  }

  @Test(
    "anything else must be an expression",
    arguments: [
      "data.patience", "duration('30s')", "data.at + duration('1h')", "", "s", "٣s",
    ])
  func expressions(text: String) {
    #expect(DurationLiteral(text) == .notLiteral)
  }
}
