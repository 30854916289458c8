import CEL
import Testing

@Suite struct LogicTests {
  @Test(
    "an operand that decides absorbs errors on either side",
    arguments: [
      ("1 / 0 > 0 || true", true), ("true || 1 / 0 > 0", true), ("1 / 0 > 0 && false", false),
      ("false && 1 / 0 > 0", false),
      ("1 / 0 > 0 || false || true", true), ("[0, 1].exists(x, 1 / x == 1)", true),
      ("[0, 2].all(x, 1 / x == 1)", false),
    ])
  func absorption(source: String, expected: Bool) throws {
    #expect(try evaluate(source) == .bool(expected))
  }

  @Test("where no operand decides, the first error stands")
  func firstError() {
    #expect(failure("1 / 0 > 0 || [1][5] > 0 || false")?.kind == .divisionByZero)
    #expect(failure("true && [1][5] > 0 && 1 / 0 > 0")?.kind == .indexOutOfRange)
    #expect(failure("[0, 2].exists(x, 1 / x == 1)")?.kind == .divisionByZero)
  }

  @Test("?: evaluates its condition and one branch")
  func conditional() throws {
    #expect(try evaluate("true ? 1 : 1 / 0") == .int(1))
    #expect(failure("1 / 0 > 0 ? 1 : 2")?.kind == .divisionByZero)
  }

  @Test(
    "equality crosses numeric types and never fails between types",
    arguments: [
      ("1 == 1.0 && 1u == 1 && 1.0 == 1u", true), ("dyn(1) == 'a'", false), ("dyn(null) == 0", false),
      ("[1, 2.0] == [1.0, 2u]", true),
      ("{'a': 1} == {'a': 1.0}", true), ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", true),
      ("9007199254740993 == 9007199254740992.0", false),
      (#"'Am\u00E9lie' == 'Ame\u0301lie'"#, false), ("2.0 in [1, 2]", true), ("2.0 in {2u: 1}", true),
      ("{1: 'x'}[1u] == 'x'", true),
      ("1 < 1.5 && 1.5 < 2u && -1 < 0u", true), ("0.0 / 0.0 < 1.0 || 0.0 / 0.0 >= 1.0", false),
      ("'Z' < 'a' && b'a' < b'b'", true),
    ])
  func equality(source: String, expected: Bool) throws {
    #expect(try evaluate(source) == .bool(expected))
  }

  @Test(
    "macros loop over lists and over the keys of maps",
    arguments: [
      ("[1, 2, 3].filter(x, x > 1)", CELValue.list([.int(2), .int(3)])),
      ("[1, 2, 3].map(x, x > 1, x * 10)", .list([.int(20), .int(30)])),
      ("{'a': 1, 'b': 2}.map(k, k)", .list([.string("a"), .string("b")])),
      ("[1, 2, 2].exists_one(x, x == 2)", .bool(false)),
      ("[1, 2].exists_one(x, x == 2)", .bool(true)), ("[].all(x, x)", .bool(true)), ("[].exists(x, x)", .bool(false)),
      ("[[1, 2], [3]].map(x, x.map(y, y + size(x)))", .list([.list([.int(3), .int(4)]), .list([.int(4)])])),
      ("[1].map(x, [2].map(x, x))", .list([.list([.int(2)])])),
    ])
  func macros(source: String, expected: CELValue) throws {
    #expect(try evaluate(source) == expected)
  }

  @Test("has() tells whether a field is there, and fails where there are no fields")
  func has() throws {
    #expect(try evaluate("has({'a': null}.a)") == .bool(true))
    #expect(try evaluate("has({'a': {}}.a.b)") == .bool(false))
    #expect(failure("has({'a': {}}.b.c)")?.kind == .noSuchField)
    #expect(failure("has(dyn(1).a)")?.kind == .noSuchOverload)
  }
}
