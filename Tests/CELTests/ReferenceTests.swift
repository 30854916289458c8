import CEL
import Testing

@Suite struct ReferenceTests {
  static let environment = CELEnvironment(variables: [("event", .dyn), ("data", .dyn), ("saga", .dyn)])

  /// `variable.path@offset`, with `?` for a guarded one.
  static func references(_ source: String) throws(CELError) -> [String] {
    try environment.compile(source).references.map {
      ([$0.variable] + $0.path).joined(separator: ".") + "@\($0.offset)" + ($0.isGuarded ? "?" : "")
    }
  }

  @Test(
    "references name a variable, the fields selected from it and their place",
    arguments: [
      ("saga", ["saga@0"]), ("event.data['x'].y + data.z", ["event.data.x.y@0", "data.z@20"]),
      ("data.items[0].sku", ["data.items@0"]),
      ("data.items.map(i, i.sku + event.id)", ["data.items@0", "event.id@26"]),
      ("data.m[saga.key]", ["data.m@0", "saga.key@7"]), ("1 + 2", []),
      ("{'a': data.x}", ["data.x@6"]), ("[{'x': 1}].map(data, data.x)", []),
    ])
  func paths(source: String, expected: [String]) throws {
    #expect(try Self.references(source) == expected)
  }

  @Test(
    "has() guards its own path and what is reached only when it was true",
    arguments: [
      ("has(data.x)", ["data.x@4?"]), ("has(data.x) ? data.x : data.y", ["data.x@4?", "data.x@14?", "data.y@23"]),
      ("has(data.x) && data.x > 1", ["data.x@4?", "data.x@15?"]),
      ("!has(data.x) || data.x > 1", ["data.x@5?", "data.x@16?"]),
      ("data.x > 1 && has(data.x)", ["data.x@0", "data.x@18?"]),
      ("has(data.x) || data.x > 1", ["data.x@4?", "data.x@15"]),
      ("has(data.a.b) ? data.a : 1", ["data.a.b@4?", "data.a@16?"]),
      ("has(data.a) ? data.a.b : 1", ["data.a@4?", "data.a.b@14"]),
      ("has(data.x) ? 1 : data.x", ["data.x@4?", "data.x@18"]),
      ("[1].map(i, has(data.x), data.x)", ["data.x@15?", "data.x@24?"]),
      ("(has(data.x) && saga.k ? true : false) && data.x", ["data.x@5?", "saga.k@16", "data.x@42?"]),
    ])
  func guards(source: String, expected: [String]) throws {
    #expect(try Self.references(source) == expected)
  }

  @Test(
    "a null hazard is a selection that is reached when the variable is null",
    arguments: [
      ("event.data.x", [0]), ("event != null ? event.data.x : ''", []), ("event == null ? '' : event.data.x", []),
      ("event == null ? event.id : ''", [16]),
      ("event != null && event.data.x > 1", []), ("event == null || event.data.x > 1", []),
      ("event == null && event.data.x > 1", [17]),
      ("!(event == null) && event.id == ''", []), ("event.id == '' && event != null", [0]),
      ("has(event.data) ? 1 : 2", [4]),
      ("has(event.data) && event.data.x > 1", [4]), ("event != null && data.x > 1 ? event.id : event.type", [41]),
      ("null != event ? event.id : ''", []),
      ("event != null || data.x ? event.id : ''", [26]), ("[1].map(i, event.id)", [11]), ("event", []),
      ("data.x + saga.y", []),
      ("{'a': event['id'], 'b': event != null ? event.id : 'none'}", [6]),
    ])
  func nullHazards(source: String, offsets: [Int]) throws {
    let program = try Self.environment.compile(source)
    #expect(program.nullHazards(variable: "event").map(\.offset) == offsets)
  }
}
