import CEL
import Testing

@testable import SagaCore

@Suite("What expressions read of a message") struct EventExpressionTests {
  /// What the key of a message is whose definition computes it by an expression.
  private static func key(_ expression: String, of event: CloudEvent) throws -> Route? {
    let definition = """
      { "saga": "s", "version": 1, "messages": { "Begun": { "key": "string(\(expression))" } }, "start": { "Begun": {} },
        "steps": [ { "set": {} } ] }
      """
    let loaded = LoadedDefinition.load(source: Array(definition.utf8), file: "test.json", runsChecks: false)
    let machine = try #require(loaded.machines.first, "\(loaded.diagnostics)")
    return try machine.route(event)
  }

  private static func event(_ data: JSON) -> CloudEvent {
    CloudEvent(
      id: "1", source: "/s", type: "Begun", time: "2026-01-01T00:00:00Z", extensions: ["partner": "x"], data: data)
  }

  /// Without what the evaluation keeps, each of these would take minutes.
  @Test(
    "a large payload that is read again for each of its elements is turned into values once",
    arguments: [
      "event.data.lines.all(l, event.time > timestamp('2020-01-01T00:00:00Z'))",
      "event.data.lines.all(l, event.subject == '' && event.partner == 'x' && event.source == '/s')",
      "event.data.lines.all(l, size(event.data.lines) > 0 && event.data.lines[0] == 0.0)",
      "event.data.lines.all(l, event.data.catalogue.exists(c, c == l))",
      "event.data.lines.all(l, event.missing == 1 || has(event.data.lines))",
      "event.data.lines.all(l, size(event) > 0)",
    ])
  func large(expression: String) throws {
    let lines = JSON.array(Array(repeating: .double(0), count: 20_000))
    let event = Self.event(["lines": lines, "catalogue": lines])
    #expect(try Self.key(expression, of: event) == .primary(["true"]))
  }

  @Test("a payload whose reading costs more than the budget ends the evaluation") func budget() throws {
    let event = Self.event(["lines": .array(Array(repeating: .int(0), count: 400_000))])
    let fault = #expect(throws: MessageFault.self) {
      try Self.key("event.data.lines.all(l, size(event.data.lines) > 0)", of: event)
    }
    #expect(fault?.message.contains("cost budget") == true, "\(fault?.message ?? "")")
  }

  @Test(
    "has() and fields say of a message what its whole value says",
    arguments: [
      ("has(event.data.none)", "false"), ("has(event.data.nothing)", "true"), ("has(event.data.inner.x)", "true"),
      ("has(event.data.inner.y)", "false"), ("has(event.time)", "true"), ("has(event.subject)", "true"),
      ("has(event.data)", "true"), ("has(event.dataschema)", "false"), ("has(event.partner)", "true"),
      ("has(event.other)", "false"), ("event.subject == ''", "true"), ("event.partner == 'x'", "true"),
      ("event.time == timestamp('2026-01-01T00:00:00Z')", "true"), ("event.data.inner == {'x': 1}", "true"),
      ("event.data.nothing == null", "true"),
    ])
  func presence(expression: String, expected: String) throws {
    let event = Self.event(["nothing": nil, "inner": ["x": 1]])
    #expect(try Self.key(expression, of: event) == .primary([expected]))
  }

  @Test("a message without data has null there") func withoutData() throws {
    let event = CloudEvent(id: "1", source: "/s", type: "Begun")
    #expect(try Self.key("has(event.data) && event.data == null && !has(event.time)", of: event) == .primary(["true"]))
  }

  @Test("each field of `event` and `saga` by itself is what it is in the whole") func agreement() throws {
    let play = try Play(
      """
      { "saga": "s", "version": 1, "messages": { "Begun": { "key": "event.data.id" } }, "start": { "Begun": {} },
        "steps": [ { "set": {} } ] }
      """)
    try play.start("Begun", ["id": "a"])
    let event = CloudEvent(
      id: "1", source: "/s", type: "Begun", subject: "about", time: "2026-01-01T00:00:00.5Z", dataschema: "/schema",
      extensions: ["partner": "x", "count": 2, "flag": true], data: ["id": "a"])
    let values = ScopeValues(Scope(event: event), of: play.instance, play.machine, now: play.now)
    guard case .map(let fields) = event.celValue else { throw IsNoMap() }
    #expect(fields.count == 10)
    for (key, value) in fields.entries {
      guard case .string(let name) = key else { throw IsNoMap() }
      #expect(values.value(.event, [name]) == value)
      #expect(values.has(.event, [name]) == true)
    }
    guard case .map(let saga) = play.machine.sagaValue(of: play.instance) else { throw IsNoMap() }
    for name in ["name", "version", "role", "key", "state", "startedAt"] {
      let value = try #require(values.value(.saga, [name]))
      #expect(value == saga[name], "\(name)")
    }
    #expect(values.value(.event, ["other"]) == nil)
    #expect(values.has(.event, ["other"]) == false)
  }

  private struct IsNoMap: Error {}

  @Test("an identifier of 64 bits of which no schema says anything goes out as it came in, and finds its instance")
  func identifiers() throws {
    let definition = Sagas.role(
      """
      "a": { "on": { "Add": { "correlate": { "ref": "event.data.ref" }, "set": { "ref": "event.data.ref" } },
                     "End": { "publish": { "Told": { "ref": "data.ref" } }, "goto": "z" } } },
      "z": { "final": "completed" }
      """, more: ["Add", "End"])
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.send("Add", ["ref": 9_007_199_254_740_993])
    #expect(play.instance.correlations.map(\.value) == ["9007199254740993"])
    try play.send("End")
    #expect(play.data("Told") == [["ref": 9_007_199_254_740_993]])
  }
}
