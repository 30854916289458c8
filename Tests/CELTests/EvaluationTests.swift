import CEL
import Testing

@Suite struct EvaluationTests {
  @Test("a variable is asked for only when its name is reached")
  func laziness() throws {
    let variables: [Variable] = [("here", .bool, .bool(true)), ("missing", .bool, nil)]
    #expect(try evaluate("here || missing", variables) == .bool(true))
    #expect(try evaluate("here ? 1 : (missing ? 2 : 3)", variables) == .int(1))
    #expect(
      failure("here && missing", variables)
        == CELError(kind: .unknownName, message: "'missing' has no value", offset: 8))
  }

  @Test(
    "constants are recognised, what fails or names a variable is none",
    arguments: [
      ("'EUR'", CELValue.string("EUR")), ("1 + 2 * 3", .int(7)), ("[1, 2].map(x, x * 2)", .list([.int(2), .int(4)])),
      ("duration('1h') + duration('30m')", .duration(CELDuration(seconds: 5400))), ("int", .type("int")), ("x", nil),
      ("1 / 0", nil), ("[x].size() > 0", nil),
    ])
  func constants(source: String, expected: CELValue?) throws {
    let program = try CELEnvironment(variables: [("x", .dyn)]).compile(source)
    #expect(program.constantValue == expected)
  }

  @Test("a dotted variable wins over the fields of a shorter one")
  func qualifiedNames() throws {
    let variables: [Variable] = [("a.b", .dyn, object(("c", .int(1)))), ("a.b.c", .int, .int(2))]
    #expect(try evaluate("a.b.c", variables) == .int(2))
    #expect(try evaluate("[{'b': {'c': 3}}].map(a, a.b.c)", variables) == .list([.int(3)]))
  }

  @Test("without a check unknown names and wrong types are errors of the run, which || absorbs")
  func unchecked() throws {
    #expect(try evaluate("nobody || true", check: false) == .bool(true))
    #expect(try evaluate("nothing(1) || true", check: false) == .bool(true))
    #expect(failure("1 + 'a'", check: false)?.message == "no such overload: int + string")
  }

  @Test("maps keep the order of their entries")
  func order() throws {
    let value = try evaluate("{'z': 1, 'a': 2, 'm': 3}.map(k, k)")
    #expect(value == .list([.string("z"), .string("a"), .string("m")]))
  }

  @Test(
    "an error at run time names what failed and where",
    arguments: [
      ("m.a.nothing", CELError.Kind.noSuchField, 3, "there is no field 'nothing'"),
      ("m.a.b.c", .noSuchOverload, 5, "a value of type int has no fields; '.c' cannot be selected"),
      ("1 + [1][3]", .indexOutOfRange, 7, "index 3 is outside a list of 1"),
      ("{1: 2}[3]", .noSuchField, 6, "there is no key 3 in the map"),
      ("2 / (1 - 1)", .divisionByZero, 2, "division by zero in '/'"),
      ("int('x')", .invalidArgument, 0, "'x' cannot be read as int"),
    ])
  func errors(source: String, kind: CELError.Kind, offset: Int, message: String) {
    let variables: [Variable] = [("m", .dyn, object(("a", object(("b", .int(1))))))]
    #expect(failure(source, variables)?.message == message)
    #expect(failure(source, variables)?.kind == kind)
  }
}
