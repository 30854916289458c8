import CEL
import Testing

@Suite struct PatternTests {
  @Test(
    "patterns match anywhere in the text unless they are anchored",
    arguments: [
      ("bc", "abcd", true), ("^bc", "abcd", false), ("cd$", "abcd", true), ("", "x", true), ("a|b|", "", true),
      ("^(a|ab)(c|bcd)$", "abcd", true),
      ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaa", true), ("^a{2}$", "aa", true), ("a{,2}", "a{,2}", true),
      ("^(?:ab)+?$", "abab", true),
      ("^.$", "\n", false), ("(?s)^.$", "\n", true), ("(?m)^b$", "a\nb\nc", true), (#"\Aa\z"#, "a", true),
      (#"\bfoo\b"#, "a foo b", true),
      (#"\Bo"#, "foo", true), ("(?i)STRASSE", "strasse", true), ("(?i:a)b", "AB", false), ("(?i)É", "é", true),
      ("(?i)[^a]", "A", false),
      ("^[a-c0-9_-]+$", "b-7_", true), ("[]a]", "]", true), ("[^]a]", "]", false), (#"^\d+\s\w+\S$"#, "12 ab!", true),
      (#"[\D]"#, "7", false),
      (#"[^\D]"#, "7", true), ("^[[:alpha:]]+[[:^digit:]]$", "ab!", true), (#"^\p{Lu}\pL\P{L}$"#, "Éa1", true),
      (#"^\p{^Lu}$"#, "a", true),
      (#"^\x41\x{1F600}\103$"#, "A😀C", true), (#"\Qa.b\E"#, "a.b", true), (#"\Qa.b\E"#, "axb", false),
      ("^(?P<year>\\d{4})-(?<m>\\d\\d)$", "2024-07", true),
      ("^(a|😀){2}$", "😀a", true), ("^(|a)+$", "aaa", true), ("(a*)*b", "aaab", true), ("^x*$", "", true),
    ])
  func matching(pattern: String, text: String, expected: Bool) throws {
    let variables: [Variable] = [("p", .string, .string(pattern)), ("t", .string, .string(text))]
    #expect(try evaluate("t.matches(p)", variables) == .bool(expected))
    #expect(try evaluate("matches(t, p)", variables) == .bool(expected))
  }

  @Test(
    "a literal pattern that is none is found when the expression is compiled, at its place",
    arguments: [
      ("(a", "a '(' is not closed"), ("a)", "a ')' has no '('"), ("*a", "'*' has nothing to repeat"),
      ("[a", "a '[' is not closed"),
      ("a**", "a repetition repeats a repetition; group it with (?:…)"), ("[b-a]", "the range 'b-a' runs backwards"),
      ("a{2000}", "a repetition count is out of order or above 1000"),
      ("a{3,2}", "a repetition count is out of order or above 1000"),
      (#"(a)\1"#, #"back references such as \1 are not supported"#), (#"\y"#, #"there is no escape '\y'"#),
      ("(?=a)", "'(?=' is not supported"),
      (#"\p{Greek}"#, #"\p{Greek} is not supported; general categories such as \p{L} are"#),
      ("[[:nope:]]", "there is no class '[:nope:]'"),
    ])
  func syntaxErrors(pattern: String, message: String) {
    let error = failure("'x'.matches(r'\(pattern)')")
    #expect(error == CELError(kind: .invalidArgument, message: "invalid pattern: \(message)", offset: 12))
  }

  @Test(
    "matching is linear in the text, whatever the pattern",
    arguments: ["(a*)*b", "(a|aa)+$b", "(a|a)*b", "^(a+)+$b", "(x+x+)+y", "(.*)(.*)(.*)(.*)(.*)b", "(a?){50}a{50}b"])
  func linearity(pattern: String) {
    func cost(count: Int) -> Int {
      let text = String(repeating: "a", count: count)
      return CELTests.cost("t.matches(p)", [("p", .string, .string(pattern)), ("t", .string, .string(text))])
    }
    let (once, twice) = (cost(count: 500), cost(count: 1000))
    #expect(twice <= 2 * once + once / 50)
    #expect(twice < 120 * 1000)
  }

  @Test("a pattern anchored at the start stops where it cannot match any more")
  func anchored() {
    let text = String(repeating: "a", count: 100_000)
    #expect(cost("t.matches('^b')", [("t", .string, .string(text))]) < 10)
  }
}
