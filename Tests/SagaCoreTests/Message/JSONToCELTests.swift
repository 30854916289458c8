import CEL
import SagaCore
import Testing

@Suite("JSON and CEL values") struct JSONToCELTests {
  @Test("JSON goes into expressions and comes back as it was") func roundTrip() throws {
    let json: JSON = ["b": [1, 2.5, nil, true, "x"], "a": ["é": 1, "e\u{301}": [:]]]
    let back = try JSON(cel: CELValue(json))
    #expect(back == json)
    #expect(back.objectValue?.keys == ["b", "a"])
    #expect(CELValue(.int(3)).typeName == "int")
    #expect(CELValue(.double(3)).typeName == "double")
  }

  @Test(
    "what expressions have beyond JSON becomes text or a number",
    arguments: [
      ("timestamp('2017-01-09T08:49:50+01:00')", "2017-01-09T07:49:50Z"), ("duration('1m3.5s')", "63.5s"),
      ("b'\\x00\\xff'", "AP8="),
      ("7u", 7), ("18446744073709551615u", .double(0x1p64)), ("{'a': [1u, b'']}", ["a": [1, ""]]),
    ] as [(String, JSON)])
  func conversions(expression: String, expected: JSON) throws {
    let program = try CELEnvironment(variables: []).compile(expression)
    #expect(try JSON(cel: program.evaluate(CELValues())) == expected)
  }

  @Test(
    "what is no JSON is refused, with its place",
    arguments: [
      ("1.0 / 0.0", "", "no number"), ("{'a': [1, 0.0 / 0.0]}", "/a/1", "no number"), ("{1: 2}", "", "string()"),
      ("[{'x': {true: 1}}]", "/0/x", "bool"), ("type(1)", "", "int"),
    ])
  func refused(expression: String, pointer: String, part: String) throws {
    let value = try CELEnvironment(variables: []).compile(expression).evaluate(CELValues())
    let error = #expect(throws: JSONConversionError.self) { try JSON(cel: value) }
    #expect(error?.path.description == pointer)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }
}
