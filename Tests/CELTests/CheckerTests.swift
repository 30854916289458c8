import CEL
import Testing

@Suite struct CheckerTests {
  static let address = CELObjectType(
    name: "Address", fields: [("street", .string), ("zip", .nullable(.string))], isOpen: false)
  static let order = CELObjectType(
    name: "Order",
    fields: [("orderId", .string), ("totalCents", .int), ("items", .list(.string)), ("address", .object(address))],
    isOpen: false)
  static let event = CELObjectType(
    name: "event", fields: [("id", .string), ("data", .object(order)), ("time", .timestamp)], isOpen: true)
  static let environment = CELEnvironment(variables: [
    ("event", .nullable(.object(event))), ("data", .object(order)), ("any", .dyn), ("d", .double),
    ("names", .list(.string)), ("byName", .map(.string, .int)),
  ])

  static func type(_ source: String, expecting: CELType? = nil) throws(CELError) -> CELType {
    try environment.compile(source, expecting: expecting).resultType
  }

  static func error(_ source: String, expecting: CELType? = nil) -> CELError? {
    do throws(CELError) {
      _ = try type(source, expecting: expecting)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "types are inferred through fields, operators, functions and macros",
    arguments: [
      ("event.data.totalCents + 1", CELType.int), ("data.items[0]", .string),
      ("data.items.map(i, size(i))", .list(.int)), ("event.traceparent", .dyn),
      ("any.x.y", .dyn), ("any + 1", .int), ("byName['x']", .int), ("byName.x", .int),
      ("byName.map(k, k)", .list(.string)), ("names + ['x']", .list(.string)),
      ("event.time + duration('1h')", .timestamp), ("event.time - event.time", .duration), ("event == null", .bool),
      ("data.address.zip", .nullable(.string)),
      ("size(data.address.zip)", .int), ("d > 1 ? 'a' : null", .nullable(.string)), ("[1, 'a']", .list(.dyn)),
      ("{'a': 1}", .map(.string, .int)),
      ("sum(names.map(n, size(n)))", .int), ("sum(any)", .dyn), ("names.join(',').split(',')", .list(.string)),
      ("type(1) == int", .bool),
      ("any ? 1 : 2", .int), ("d == 1 && d < 2u", .bool), ("any.filter(x, x > 1)", .list(.dyn)),
      ("data['orderId']", .string),
    ])
  func inference(source: String, expected: CELType) throws {
    #expect(try Self.type(source) == expected)
  }

  @Test(
    "an error says what is wrong, where, and how to mend it",
    arguments: [
      ("evnt.data", CELError.Kind.unknownName, 0, "unknown name 'evnt'; did you mean 'event'?"),
      ("zzz", .unknownName, 0, "unknown name 'zzz'"),
      ("event.data.totalCent", .noSuchField, 11, "Order has no field 'totalCent'; did you mean 'totalCents'?"),
      ("data.adress.street", .noSuchField, 5, "Order has no field 'adress'; did you mean 'address'?"),
      ("has(data.nothing)", .noSuchField, 9, "Order has no field 'nothing'"),
      ("data['itms']", .noSuchField, 4, "Order has no field 'itms'; did you mean 'items'?"),
      (
        "d + 1", .type, 2,
        "operator '+' does not mix double and int; convert one side, as in double(x) or int(x), or write 1.0 for 1"
      ),
      ("1 + 'a'", .type, 2, "operator '+' does not take int and string"),
      ("data.orderId == 1", .type, 13, "operator '==' does not take string and int"),
      ("'a' < 1", .type, 4, "operator '<' does not take string and int"),
      ("names < names", .type, 6, "operator '<' does not take list(string) and list(string)"),
      ("1 in names", .type, 2, "operator 'in' does not take int and list(string)"),
      ("!d", .type, 0, "operator '!' does not take double"),
      ("d && true", .type, 0, "operator '&&' takes bool, not double"),
      ("d ? 1 : 2", .type, 0, "the condition of '?:' takes bool, not double"),
      ("true ? 1 : 'a'", .type, 5, "the branches of '?:' have different types, int and string"),
      ("d.x", .type, 2, "double has no fields; '.x' cannot be selected"),
      ("names['x']", .type, 5, "list(string) cannot be indexed by string"),
      ("d.all(x, x)", .type, 2, "all() takes a list or a map, not double"),
      ("names.all(x, size(x))", .type, 13, "the predicate of all() takes bool, not int"),
      ("sizee(names)", .unknownName, 0, "unknown function 'sizee'; did you mean 'size'?"),
      ("size(1)", .type, 0, "no such overload: size(int)"),
      ("names.startsWith('a')", .type, 6, "no such overload: list(string).startsWith(string)"),
      ("startsWith('ab', 'a')", .type, 0, "'startsWith' is called as x.startsWith()"),
      ("matches()", .type, 0, "no such overload: matches()"),
      ("{1.5: 2}", .type, 1, "a map key cannot be of type double"),
      ("{'a': 1, 'a': 2}", .duplicateKey, 9, #"the map has the key "a" twice"#),
    ])
  func errors(source: String, kind: CELError.Kind, offset: Int, message: String) {
    #expect(Self.error(source) == CELError(kind: kind, message: message, offset: offset))
  }

  @Test(
    "what the place expects is met by dyn, by a widened number and by null where null is allowed",
    arguments: [
      ("any", CELType.bool), ("1", .double), ("[1, 2]", .list(.double)), ("null", .nullable(.string)),
      ("'a'", .nullable(.string)), ("[]", .list(.string)),
      ("{'street': 'x'}", .object(address)), ("{'street': any, 'zip': null}", .object(address)),
      ("data.address", .map(.string, .dyn)),
      ("any ? data.orderId : 'x'", .string), ("{'x': 1}", .object(event)), ("event.data", .object(order)),
    ])
  func expectations(source: String, expected: CELType) throws {
    _ = try Self.type(source, expecting: expected)
  }

  @Test(
    "what does not fit is reported at the part that does not",
    arguments: [
      ("data.totalCents", CELType.bool, 5, "expected bool, found int"),
      ("data.address.zip", .string, 13, "expected string, found nullable(string)"),
      ("any ? 'x' : null", .string, 12, "expected string, found null_type"),
      ("['a', 1]", .list(.string), 6, "expected string, found int"),
      ("{'street': 1}", .object(address), 11, "expected string, found int"),
      ("{'sreet': 'x'}", .object(address), 1, "Address has no field 'sreet'; did you mean 'street'?"),
      ("1.5", .int, 0, "expected int, found double"),
    ])
  func mismatches(source: String, expected: CELType, offset: Int, message: String) {
    let error = Self.error(source, expecting: expected)
    #expect(error?.offset == offset)
    #expect(error?.message == message)
  }
}
