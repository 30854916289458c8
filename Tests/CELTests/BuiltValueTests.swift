import CEL
import Testing

/// Has one variable, builds what an expression reads of it, as a host does that holds JSON, and counts what it builds.
private final class Builder: CELActivation {
  private let variable: CELValue
  /// How often each path was built; the empty one is the whole variable.
  private(set) var counts: [String: Int] = [:]

  init(_ variable: CELValue) { self.variable = variable }

  var buildsValues: Bool { true }

  func value(forVariable index: Int) -> CELValue? {
    counts["", default: 0] += 1
    return variable
  }

  func value(forVariable index: Int, fields: [String]) -> CELValue? {
    guard let value = find(fields[...]) else { return nil }
    counts[fields.joined(separator: "."), default: 0] += 1
    return value
  }

  func hasValue(forVariable index: Int, fields: [String]) -> Bool? {
    guard case .map(let map)? = find(fields.dropLast()), let last = fields.last else { return nil }
    return map[last] != nil
  }

  private func find(_ fields: ArraySlice<String>) -> CELValue? {
    var value = variable
    for field in fields {
      guard case .map(let map) = value, let member = map[field] else { return nil }
      value = member
    }
    return value
  }
}

@Suite("Values that are built for an expression") struct BuiltValueTests {
  private static let event = object(
    ("lines", .list((0..<50).map { object(("n", .int($0))) })), ("catalogue", .list([.int(0), .int(1), .int(2)])),
    ("limit", .int(50)), ("time", .timestamp(CELTimestamp(seconds: 0))))

  private static func evaluate(_ source: String, _ builder: Builder, budget: Int? = nil) throws -> CELValue {
    let environment = CELEnvironment(variables: [(name: "event", type: .dyn)])
    return try environment.compile(source).evaluate(builder, budget: budget)
  }

  @Test(
    "a list, map or time that a macro reads for each of its elements is built once",
    arguments: [
      "event.lines.all(l, size(event.lines) > l.n)", "event.lines.all(l, event.lines[l.n].n == l.n)",
      "event.lines.all(l, event.catalogue.exists(c, c == l.n % 3))",
      "event.lines.all(l, event.time < timestamp('2020-01-01T00:00:00Z'))",
      "event.lines.all(l, size(event) == 4) && size(event) == 4", "size(event.lines) == 50 && event.lines[7].n == 7",
    ])
  func once(source: String) throws {
    let builder = Builder(Self.event)
    #expect(try Self.evaluate(source, builder) == .bool(true))
    #expect(builder.counts["lines"] == 1)
    #expect(builder.counts.values.allSatisfy { $0 == 1 }, "\(builder.counts)")
  }

  @Test("a variable without the field is built once, however often its lack is absorbed") func missing() throws {
    let builder = Builder(Self.event)
    #expect(try Self.evaluate("event.lines.all(l, event.missing > 0 || l.n >= 0)", builder) == .bool(true))
    #expect(builder.counts == ["lines": 1, "": 1])
  }

  @Test("a field that is no list and no map is read each time") func scalars() throws {
    let builder = Builder(Self.event)
    #expect(try Self.evaluate("event.lines.all(l, event.limit > l.n)", builder) == .bool(true))
    #expect(builder.counts == ["lines": 1, "limit": 50])
  }

  @Test("has() builds nothing") func presence() throws {
    let builder = Builder(Self.event)
    #expect(try Self.evaluate("has(event.lines) && has(event.limit) && !has(event.missing)", builder) == .bool(true))
    #expect(builder.counts.isEmpty)
    #expect(throws: CELError.self) { try Self.evaluate("has(event.limit.x)", builder) }
  }

  @Test("every part of what is built is charged, once; what is there already is not") func charge() throws {
    // The call, the path of two, fifty elements with a field each.
    #expect(try Self.evaluate("size(event.lines)", Builder(Self.event), budget: 103) == .int(50))
    #expect(throws: CELError.self) { try Self.evaluate("size(event.lines)", Builder(Self.event), budget: 102) }
    let twice = "size(event.lines) + size(event.lines)"
    #expect(try Self.evaluate(twice, Builder(Self.event), budget: 107) == .int(100))
    #expect(cost("size(event.lines)", [("event", .dyn, Self.event)]) == 3)
  }

  @Test("a list that is larger than the budget ends the evaluation, and is built once") func exhausted() throws {
    let builder = Builder(Self.event)
    let error = #expect(throws: CELError.self) {
      try Self.evaluate("event.lines.all(l, size(event.lines) > 0) || true", builder, budget: 90)
    }
    #expect(error?.kind == .budget)
    #expect(builder.counts == ["lines": 1])
  }

  @Test(
    "reading a long text is charged, as a key and as what is converted",
    arguments: [
      "int(t) == 0", "uint(t) == 0u", "double(t) == 0.0", "bool(t)", "timestamp(t) == timestamp(0)",
      "duration(t) == duration('0s')", "t in m", "m[t]", "{t: 1} == {}", "timestamp(0).getHours(t) == 0",
    ])
  func longTexts(source: String) {
    let variables: [Variable] = [
      ("t", .string, .string(String(repeating: "0", count: 8000))), ("m", .map(.string, .bool), object()),
    ]
    #expect(failure(source, variables, budget: 500)?.kind == .budget)
  }

  @Test("a value with long keys is charged for them as often as they occur") func longKeys() {
    let variables: [Variable] = [("t", .string, .string(String(repeating: "k", count: 8000)))]
    #expect(failure("[{t: 1}].map(m, [m, m, m, m])", variables, budget: 4000)?.kind == .budget)
    #expect(failure("[{t: 1}].map(m, [m, m, m, m])", variables, budget: 6000) == nil)
  }
}
