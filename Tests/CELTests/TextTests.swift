import CEL
import Testing

@Suite struct TextTests {
  @Test(
    "positions in the string functions count code points",
    arguments: [
      ("size('naïve😀')", CELValue.int(6)), ("'tacocat'.charAt(3)", .string("o")), ("'tacocat'.charAt(7)", .string("")),
      ("'😀é'.charAt(1)", .string("é")), ("'tacocat'.indexOf('ac')", .int(1)), ("'tacocat'.indexOf('a', 3)", .int(5)),
      ("'tacocat'.indexOf('z')", .int(-1)), ("'tacocat'.indexOf('')", .int(0)),
      ("'tacocat'.lastIndexOf('at')", .int(5)),
      ("'tacocat'.lastIndexOf('a', 4)", .int(1)), ("'tacocat'.lastIndexOf('')", .int(7)),
      ("'tacocat'.substring(4)", .string("cat")),
      ("'ta©o©αT'.substring(2, 6)", .string("©o©α")), ("'gums'.reverse()", .string("smug")),
      ("'ÀBC'.lowerAscii()", .string("Àbc")),
      ("'àbc'.upperAscii()", .string("àBC")), (#"' \u2003x\n'.trim()"#, .string("x")),
      (#"'\u0085\u00a0\u1680\u202F\u205F\u3000x\u2028\u2029'.trim()"#, .string("x")),
      (#"size('\u180ex\u200b\ufeff'.trim())"#, .int(4)),
      ("'bananananana'.lastIndexOf('nana', 7)", .int(6)), ("'ta©o©αT'.lastIndexOf('©α', 4)", .int(4)),
      ("''.lastIndexOf('@@')", .int(-1)),
      ("'ta©o©αT'.indexOf('©αT', 3)", .int(4)), ("'tacocat'.indexOf('', 3)", .int(3)),
      ("'tacocat'.lastIndexOf('', 3)", .int(3)),
    ])
  func positions(source: String, expected: CELValue) throws {
    #expect(try evaluate(source) == expected)
  }

  @Test(
    "join, split and replace",
    arguments: [
      ("['a', 'b'].join()", CELValue.string("ab")), ("['a', 'b'].join(', ')", .string("a, b")),
      ("[].join('-')", .string("")),
      ("'a,b,c'.split(',')", .list(["a", "b", "c"].map(CELValue.string))),
      ("'a,b,c'.split(',', 2)", .list([.string("a"), .string("b,c")])),
      ("'a,b'.split(',', 0)", .list([])), ("'a,b'.split(',', 1)", .list([.string("a,b")])),
      ("''.split(',')", .list([.string("")])),
      ("'abc'.split('')", .list(["a", "b", "c"].map(CELValue.string))),
      ("'abc'.split('', 2)", .list([.string("a"), .string("bc")])),
      ("'hello hello'.replace('he', 'we')", .string("wello wello")),
      ("'hello hello'.replace('he', 'we', 1)", .string("wello hello")),
      ("'hello'.replace('he', 'we', 0)", .string("hello")), ("'ab'.replace('', '-')", .string("-a-b-")),
      ("'ab'.replace('', '-', 2)", .string("-a-b")),
    ])
  func lists(source: String, expected: CELValue) throws {
    #expect(try evaluate(source) == expected)
  }

  @Test(
    "format writes every type",
    arguments: [
      ("'%s %d%%'.format(['a', 5])", "a 5%"), ("'%.3f'.format([123.4999])", "123.500"),
      ("'%.3f'.format([1.2345])", "1.234"),
      ("'%.0f %.0f'.format([0.5, 1.5])", "0 2"), ("'%f'.format([1])", "1.000000"), ("'%.1f'.format([-0.05])", "-0.1"),
      ("'%e'.format([1052.032911275])", "1.052033e+03"), ("'%.2e'.format([0.0])", "0.00e+00"),
      ("'%.1e'.format([9.96e-5])", "1.0e-04"),
      ("'%b %o %x %X'.format([5, 8, -255, 255u])", "101 10 -ff FF"), ("'%x'.format(['hi'])", "6869"),
      ("'%b'.format([true])", "1"),
      ("'%s'.format([[1, 'a', null, 1.5, b'x']])", "[1, a, null, 1.5, x]"),
      ("'%s'.format([{'b': 1, 'a': 2}])", "{a: 2, b: 1}"),
      ("'%s %s'.format([duration('1h45m47s'), timestamp('2023-02-03T23:31:20+00:00')])", "6347s 2023-02-03T23:31:20Z"),
      ("'%d %f'.format([1.0 / 0.0, -1.0 / 0.0])", "Infinity -Infinity"), ("'%s'.format([int])", "int"),
      ("'%s'.format([b'a\\xff\\xffb'])", "a\u{FFFD}b"),
      ("'%.20f'.format([0.1])", "0.10000000000000000555"), ("'%f'.format([1e22])", "10000000000000000000000.000000"),
    ])
  func format(source: String, expected: String) throws {
    #expect(try evaluate(source) == .string(expected))
  }

  @Test(
    "format refuses what it cannot write",
    arguments: [
      ("'%a'.format([1])", "format: there is no clause '%a'"),
      ("'%d %d'.format([1])", "format: there is no value number 2"),
      ("'%d'.format(['a'])", "format: '%d' does not take string"),
      ("'%.f'.format([1.0])", "format: a precision needs digits"),
      ("'%'.format([1])", "format: a clause is not finished"),
      ("'%.9999f'.format([1.0])", "format: at most 1000 digits can be asked for"),
    ])
  func formatErrors(source: String, message: String) {
    #expect(failure(source)?.message == message)
    #expect(failure(source)?.kind == .invalidArgument)
  }

  @Test("quote escapes what would not survive between double quotes")
  func quote() throws {
    #expect(try evaluate(#"strings.quote('a"b\n\\')"#) == .string(#""a\"b\n\\""#))
  }

  @Test(
    "an index outside the string is an error",
    arguments: ["'abc'.charAt(9)", "'abc'.substring(4)", "'abc'.substring(-1)", "'abc'.indexOf('a', 9)"])
  func outOfRange(source: String) {
    #expect(failure(source)?.kind == .indexOutOfRange)
  }

  @Test("a search for a substring is linear however often it almost matches")
  func linearSearch() {
    let text = String(repeating: "a", count: 20_000)
    let part = String(repeating: "a", count: 10_000) + "b"
    let variables: [Variable] = [("text", .string, .string(text)), ("part", .string, .string(part))]
    #expect(cost("text.contains(part) || text.indexOf(part) >= 0", variables) < 40_000)
  }
}
