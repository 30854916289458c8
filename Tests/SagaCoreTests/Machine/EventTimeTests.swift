import SagaCore
import Testing

@Suite("The time of a message in expressions") struct EventTimeTests {
  @Test(
    "is there for every time that a message may have, as near as expressions know it",
    arguments: [
      ("2017-01-09T08:49:50Z", "2017-01-09T08:49:50Z"),
      ("2017-01-09T10:19:50.123456789+01:30", "2017-01-09T08:49:50.123456789Z"),
      // A leap second is the first second of the next minute.
      ("2016-12-31T23:59:60.7Z", "2017-01-01T00:00:00Z"),
      // Outside the years 1 to 9999 it is the first or the last time in them.
      ("0000-06-01T00:00:00Z", "0001-01-01T00:00:00Z"),
      ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z"),
      ("9999-12-31T23:30:00-01:00", "9999-12-31T23:59:59.999999999Z"),
    ])
  func time(text: String, known: String) throws {
    let definition = """
      { "saga": "s", "version": 1, "messages": { "Begun": { "key": "string(event.time)" } }, "start": { "Begun": {} },
        "steps": [ { "set": {} } ] }
      """
    let loaded = LoadedDefinition.load(source: Array(definition.utf8), file: "test.json", runsChecks: false)
    let machine = try #require(loaded.machines.first, "\(loaded.diagnostics)")
    let head = #"{"specversion":"1.0","id":"1","source":"/s","type":"Begun","time":"#
    let event = try CloudEvent.decode(Array("\(head)\"\(text)\"}".utf8))
    #expect(try machine.route(event) == .primary([known]))
  }

  @Test("is `now` of a key as well") func now() throws {
    let definition = """
      { "saga": "s", "version": 1, "messages": { "Begun": { "key": "string(now)" } }, "start": { "Begun": {} },
        "steps": [ { "set": {} } ] }
      """
    let loaded = LoadedDefinition.load(source: Array(definition.utf8), file: "test.json", runsChecks: false)
    let machine = try #require(loaded.machines.first, "\(loaded.diagnostics)")
    let event = CloudEvent(id: "1", source: "/s", type: "Begun", time: "0000-06-01T00:00:00Z")
    #expect(try machine.route(event) == .primary(["0001-01-01T00:00:00Z"]))
  }
}
