import Foundation
import SagaCore
import Testing

@Suite("saga eval") struct EvalTests {
  private let world: CommandLineWorld
  init() throws { world = try CommandLineWorld() }

  @Test("prints a value as JSON, or what CEL calls it")
  func values() throws {
    #expect(try world.saga("eval", "data.x + 1", "--with", "{\"data\":{\"x\":41}}").output == "42\n")
    #expect(try world.saga("eval", "'a' + 'b'", "--json").output == "{\"value\":\"ab\",\"type\":\"string\"}\n")
    #expect(try world.saga("eval", "type(1)").output == "int\n")
  }

  @Test("points at the mistake", arguments: ["1 +", "nosuch", "1 + 'a'", "1 / 0", "[1][3]", "\u{0}", "((("])
  func mistakes(expression: String) throws {
    try world.saga(["eval", "--json", "--", expression.replacing("\u{0}", with: "\u{1}")]).expectRefusal(1)
    try world.saga(["eval", "--", expression.replacing("\u{0}", with: "\u{1}")]).expectRefusal(1)
  }

  @Test("an expression that would not end is stopped by its budget")
  func budget() throws {
    let list = "[" + (0..<100).map(String.init).joined(separator: ",") + "]"
    let bomb = "\(list).all(a, \(list).all(b, \(list).all(c, \(list).all(d, a + b + c + d >= 0))))"
    try world.saga("eval", bomb).expectRefusal(1, mentioning: "budget")
    try world.saga("eval", String(repeating: "(", count: 10_000) + "1").expectRefusal(1)
  }

  @Test("--lines answers each line in protobuf's JSON mapping, mistakes too")
  func lines() throws {
    let input = """
      {"expr": "x + 1", "bindings": {"x": {"int64Value": "41"}}}
      {"expr": "{'a': [1u, 2.5, b'x', null, timestamp('2026-01-01T00:00:00Z')]}"}
      {"expr": "1 / 0"}
      {"expr": "1 + 'a'", "disable_check": true}
      {"bindings": {}}
      {"expr": "x", "bindings": {"x": 1}}
      not json

      """
    let result = try world.saga("eval", "--lines", input: input)
    result.expectDone()
    let answers = try result.json()
    #expect(answers.count == 7)
    #expect(answers[0] == ["value": ["int64Value": "42"]])
    #expect(answers[1]["value"]?["mapValue"]?["entries"]?[0]?["key"] == ["stringValue": "a"])
    #expect(answers[2...].allSatisfy { $0["error"]?.stringValue != nil })
  }
}
