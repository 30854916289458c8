import CEL
import Testing

@Suite struct SyntaxTests {
  @Test(
    "operators bind as the specification orders them",
    arguments: [
      ("1 + 2 * 3", CELValue.int(7)),
      ("(1 + 2) * 3", .int(9)),
      ("10 - 3 - 2", .int(5)),
      ("7 / 2 * 2", .int(6)),
      ("-2 + 3", .int(1)),
      ("1 + 1 == 2 && 2 < 3", .bool(true)),
      ("true || false && false", .bool(true)),
      ("!true || true", .bool(true)),
      ("1 < 2 == true", .bool(true)),
      ("false ? 1 : true ? 2 : 3", .int(2)),
      ("1 in [1] == true", .bool(true)),
      ("[1, 2][0] + 1", .int(2)),
      ("-[1][0]", .int(-1)),
    ])
  func precedence(source: String, expected: CELValue) throws {
    #expect(try evaluate(source) == expected)
  }

  @Test(
    "literals are read in every spelling",
    arguments: [
      ("0x1F", CELValue.int(31)), ("0xFFu", .uint(255)), ("-9223372036854775808", .int(.min)), (".5", .double(0.5)),
      ("1e3", .double(1000)), (#"'\u00e9\x41\101\n'"#, .string("\u{e9}AA\n")), (#"r'\n'"#, .string("\\n")),
      ("'''a\n'b' '''", .string("a\n'b' ")), (#"b'\xff\377a'"#, .bytes([0xff, 0xff, 0x61])),
      ("b'é'", .bytes([0xc3, 0xa9])),
      (#"BR"\x""#, .bytes([0x5c, 0x78])), ("[1, 2,]", .list([.int(1), .int(2)])), ("1 // comment", .int(1)),
    ])
  func literals(source: String, expected: CELValue) throws {
    #expect(try evaluate(source, check: false) == expected)
  }

  @Test(
    "text that is no expression is refused where it goes wrong",
    arguments: [
      ("", 0, "expected an expression, found the end of the expression"),
      ("1 +", 3, "expected an expression, found the end of the expression"),
      ("a = 1", 2, "'=' is no operator; equality is written '=='"),
      ("a & b", 2, "'&' is no operator; 'and' is written '&&'"),
      ("1 2", 2, "expected an operator or the end, found a number"),
      ("foo(1,)", 6, "expected an expression, found ')'"),
      ("'abc", 0, "the string is not closed"),
      ("'a\nb'", 2, #"a line break needs a triple-quoted string or the escape \n"#),
      (#"'\q'"#, 1, #"unknown escape; a backslash is written '\\'"#),
      (#"'\ud800'"#, 1, "the escape names no code point"),
      ("9223372036854775808", 0, "the number is out of the range of an int"),
      ("1x", 0, "a number runs into a letter"),
      ("while", 0, "'while' is a reserved word"),
      ("Message{a: 1}", 0, "messages cannot be built; write a map: {'field': value}"),
      ("has(a)", 0, "has() takes one field selection, such as has(a.b)"),
      ("[1].map(x.y, 1)", 10, "the first argument of map() must be a plain name"),
      ("a ? b", 5, "expected ':', found the end of the expression"),
      ("a # b", 2, "unexpected character '#'"),
    ])
  func errors(source: String, offset: Int, message: String) {
    #expect(failure(source) == CELError(kind: .syntax, message: message, offset: offset))
  }

  @Test("an offset becomes a line and a column counted in code points")
  func position() {
    let source = "'é' ==\n  'é' + $"
    let error = failure(source)
    #expect(error?.offset == 17)
    #expect(error?.position(in: source).line == 2)
    #expect(error?.position(in: source).column == 9)
  }

  @Test("words that are reserved elsewhere are fields and methods behind a point")
  func reservedFields() throws {
    #expect(try evaluate("{'package': 1}.package") == .int(1))
    #expect(try evaluate("{'content-type': 1}.`content-type`") == .int(1))
  }
}
