import Testing

@Suite("Options that cannot mean what they say")
struct RefusedOptionTests {
  @Test(
    "a rate that nobody can wait for, or that no clock can keep, is refused with the least and the greatest",
    arguments: ["0.0000000000000001", "0", "-1", "nan", "inf", "1e300"])
  func rate(rate: String) throws {
    try CommandLineWorld().saga("dlq", "replay", "--db", "x", "--count", "2", "--rate", rate).expectRefusal(
      2, mentioning: "--rate takes a number from 0.001", "1000000")
  }
}
