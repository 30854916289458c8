import Foundation
import SagaCore
import Testing

@Suite("saga replay") struct ReplayCommandTests {
  /// An undo whose payload can never be computed.
  private static let broken = """
    {
      "saga": "broken", "version": 1,
      "messages": { "Asked": { "key": "event.data.id" }, "Done": { "key": "event.data.id" },
                    "Undone": { "key": "event.data.id" }, "Paid": { "key": "event.data.id" },
                    "Refused": { "key": "event.data.id" } },
      "start": { "Asked": {} },
      "steps": [
        { "step": "reserve", "call": "Reserve", "to": "stock", "with": { "id": "saga.key" }, "reply": { "Done": {} },
          "undo": { "call": "Release", "to": "stock", "reply": { "Undone": {} },
                    "with": { "id": "saga.key", "reason": "[1, 2][size(saga.key)]" } } },
        { "step": "pay", "call": "Pay", "to": "bank", "with": { "id": "saga.key" },
          "reply": { "Paid": {}, "Refused": { "fail": "'no'" } }, "undo": "none" } ],
      "completed": {}, "compensated": {}
    }
    """

  private let world: CommandLineWorld

  /// With the trace of a run that breaks.
  init() throws {
    world = try CommandLineWorld()
    try world.write("broken.json", ReplayCommandTests.broken)
    let found = try world.saga(
      "simulate", "broken.json", "--seeds", "200", "--faults", "participant", "--sagas", "1", "--no-shrink")
    try #require(found.code == 1, "\(found.errors)\(found.output)")
  }

  @Test("--mermaid prints the diagram alone, and says the rest on standard error")
  func mermaid() throws {
    let drawn = try world.saga("replay", "violation.trace.json", "--mermaid")
    #expect(drawn.code == 1)
    let lines = drawn.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "sequenceDiagram")
    #expect(lines.last == "")
    #expect(lines.dropFirst().dropLast().allSatisfy { $0.hasPrefix("  ") }, "\(drawn.output)")
    #expect(drawn.errors.contains("the same run: hash "))
    #expect(drawn.errors.contains("settles: "))
  }

  @Test("tells people and machines of the first difference by one number")
  func difference() throws {
    try world.write("broken.json", ReplayCommandTests.broken.replacing("[1, 2][size(saga.key)]", with: "saga.key"))
    let told = try world.saga("replay", "violation.trace.json")
    told.expectDone()
    let match = try #require(told.output.firstMatch(of: /the first difference is at event (?<number>[0-9]+) of/))
    let json = try #require(try world.saga("replay", "violation.trace.json", "--json").json().first)
    #expect(json["firstDifference"]?.intValue == Int64(String(match.number)))
    #expect(json["changed"] == ["broken.json"])
  }

  @Test("says that another build made a trace of which nothing has changed and whose run is another")
  func anotherBuild() throws {
    let trace = try world.read("violation.trace.json")
    let other = trace.replacing(/"hash":"[0-9a-f]+"/, with: "\"hash\":\"1\"")
    try world.write("other.trace.json", other.replacing(/"steps":\[[0-9]+/, with: "\"steps\":[1"))
    let told = try world.saga("replay", "other.trace.json")
    #expect(told.code == 1)
    #expect(told.output.contains("another run: the first difference is at event 1 of "))
    #expect(told.output.contains("nothing that the trace names has changed: the build of saga "))
    // All events are as they were, and what is done behind the last is not.
    try world.write("last.trace.json", other)
    let last = try world.saga("replay", "last.trace.json")
    #expect(last.output.contains("another run: the first difference is behind its last event, number "))
  }

  @Test("names the trace whose files are not where it is replayed")
  func elsewhere() throws {
    try world.folder.makeFolder("elsewhere")
    let folder = world.folder.url.appendingPathComponent("elsewhere")
    try Command(["replay", "../violation.trace.json"], in: folder).run()
      .expectRefusal(3, mentioning: "broken.json", "../violation.trace.json names the file", "in which it was made")
  }

  @Test("takes a scenario for a change that has come to lie beside the definition")
  func newScenario() throws {
    try world.write("broken.scenario.json", #"{ "participants": {} }"#)
    let json = try #require(try world.saga("replay", "violation.trace.json", "--json").json().first)
    #expect(json["changed"] == ["broken.scenario.json"])
  }
}
