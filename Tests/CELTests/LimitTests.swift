import CEL
import Testing

@Suite struct LimitTests {
  @Test(
    "an expression nested ten thousand deep is an error and no stack overflow",
    arguments: [
      ("(", "1", ")"), ("[", "1", "]"), ("-(", "1", ")"), ("!", "true", ""), ("-", "1", ""), ("size(", "'a'", ")"),
      ("1+(", "1", ")"), ("true||(", "true", ")"), ("true?1:", "2", ""), ("{1:", "2", "}"), ("", "1", "+1"),
      ("", "x", ".f"), ("", "x", "[0]"), ("", "[1]", ".map(x,x)"), ("1 == 1 && (2 < 1 + 1 * (", "1", "))"),
    ])
  func depth(before: String, core: String, after: String) {
    let source = String(repeating: before, count: 10_000) + core + String(repeating: after, count: 10_000)
    let limits = CELLimits(sourceBytes: 1_000_000)
    let error = failure(source, [("x", .dyn, .int(1))], limits: limits)
    #expect(error?.kind == .limit)
    #expect(error?.message == "the expression is nested more than 160 deep")
  }

  @Test("what the limit allows is compiled, analysed and run")
  func allowedDepth() throws {
    let source = String(repeating: "(", count: 150) + "1" + String(repeating: ")", count: 150)
    #expect(try evaluate(source) == .int(1))
    #expect(try evaluate("1" + String(repeating: " + 1", count: 150)) == .int(151))
  }

  @Test("a chain of && or || is flat: its length is no depth")
  func longChains() throws {
    #expect(try evaluate("true" + String(repeating: " && true", count: 5000)) == .bool(true))
    #expect(try evaluate("false" + String(repeating: " || false", count: 5000)) == .bool(false))
  }

  @Test("a source above the limit is refused before it is read")
  func sourceSize() {
    let error = failure(String(repeating: " ", count: 70_000))
    #expect(error?.kind == .limit)
    #expect(error?.message == "the expression has 70000 bytes; at most 65536 are allowed")
  }

  @Test(
    "a pattern whose program would be too large is refused", arguments: ["((a{1000}){1000}){1000}", "((){1000}){1000}"])
  func patternSize(pattern: String) {
    #expect(failure("'a'.matches('\(pattern)')")?.kind == .limit)
  }
}
