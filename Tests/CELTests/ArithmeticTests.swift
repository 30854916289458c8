import CEL
import Testing

@Suite struct ArithmeticTests {
  @Test(
    "integer arithmetic that leaves its range is an error at the operator",
    arguments: [
      ("9223372036854775807 + 1", 20), ("-9223372036854775808 - 1", 21), ("5000000000 * 5000000000", 11),
      ("-(-9223372036854775808)", 0), ("(-9223372036854775808) / -1", 23), ("0u - 1u", 3),
      ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", 34), ("duration('2000000h') + duration('2000000h')", 21),
    ])
  func overflow(source: String, offset: Int) {
    #expect(failure(source)?.kind == .overflow)
    #expect(failure(source)?.offset == offset)
  }

  @Test("doubles follow IEEE 754 and never fail")
  func doubles() throws {
    #expect(try evaluate("1.0 / 0.0") == .double(.infinity))
    #expect(try evaluate("0.0 / 0.0 == 0.0 / 0.0") == .bool(false))
    #expect(try evaluate("2.0 * 8.988466e+307") == .double(.infinity))
  }

  @Test("division truncates towards zero and the remainder has the sign of the dividend")
  func truncation() throws {
    #expect(try evaluate("-7 / 2") == .int(-3))
    #expect(try evaluate("-7 % 2") == .int(-1))
    #expect(try evaluate("7 % -2") == .int(1))
  }

  @Test(
    "sum adds numbers of one type; of nothing it is the int 0",
    arguments: [
      ("sum([])", CELValue.int(0)), ("sum([1, 2, 3])", .int(6)), ("sum([1u, 2u])", .uint(3)),
      ("sum([0.5, 0.25])", .double(0.75)),
      ("sum([{'q': 2, 'p': 5}, {'q': 1, 'p': 7}].map(i, i.q * i.p))", .int(17)),
    ])
  func sums(source: String, expected: CELValue) throws {
    let value = try evaluate(source)
    #expect(value == expected)
    #expect(value.typeName == expected.typeName)
  }

  @Test("sum refuses to mix types and to overflow")
  func sumErrors() {
    #expect(failure("sum([1, 2.0])")?.message == "sum() does not mix int and double")
    #expect(failure("sum([9223372036854775807, 1])")?.kind == .overflow)
    #expect(failure("sum(['a'])")?.message == "no such overload: sum(list(string))")
  }

  @Test(
    "conversions keep the value or fail",
    arguments: [
      ("int(-7.9)", CELValue.int(-7)), ("uint(3.9)", .uint(3)), ("int('-12')", .int(-12)),
      ("double('1e3')", .double(1000)),
      ("bool('True')", .bool(true)), ("string(b'\\303\\251')", .string("é")), ("string(1.0)", .string("1")),
      ("string(0.1)", .string("0.1")), ("string(1e20)", .string("100000000000000000000")),
      ("string(1e21)", .string("1e+21")),
      ("string(1.5e-7)", .string("1.5e-07")), ("string(-1234.5)", .string("-1234.5")),
      ("string(duration('1.5s'))", .string("1.5s")),
    ])
  func conversions(source: String, expected: CELValue) throws {
    #expect(try evaluate(source) == expected)
  }

  @Test(
    "a conversion out of range says so",
    arguments: ["int(1e99)", "uint(-1)", "int(18446744073709551615u)", "timestamp(253402300800)"])
  func conversionErrors(source: String) {
    #expect(failure(source)?.kind == .overflow)
  }
}
