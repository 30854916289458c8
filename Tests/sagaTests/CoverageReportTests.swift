import SagaCore
import Testing

@Suite("What a simulation has reached") struct CoverageReportTests {
  @Test("is told with what no engine had to do, and counted in JSON")
  func work() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let arguments = ["simulate", "orders.json", "--seeds", "5", "--faults", "none"]
    let told = try world.saga(arguments)
    told.expectDone()
    let line = try #require(told.output.split(separator: "\n").first { $0.hasPrefix("In no world: ") })
    #expect(line.contains("a service died"))
    #expect(line.contains("an instance was moved to another version"))
    #expect(!line.contains("a row was committed"))
    let work = try #require(try world.saga(arguments + ["--json"]).json().first?["work"]?.objectValue)
    for name in ["rows", "sent"] { #expect((work[name]?.intValue ?? 0) > 0, "\(name)") }
    for name in ["crashes", "fencedZombies", "migrations"] { #expect(work[name] == 0, "\(name)") }
    for name in ["firedTimers", "maintained", "swept"] { #expect(work[name] != nil, "\(name)") }
    // An orchestration is one role: that nothing shared its engine is nothing to tell.
    #expect(!line.contains("shared an engine"))
    #expect(work["sharedEngines"] == 0)
  }

  @Test("has a warning where nothing was ever undone, also where sagas end as compensated; so has an exploration")
  func nothingUndone() throws {
    let world = try CommandLineWorld()
    try world.write(
      "ask.json",
      """
      {
        "saga": "ask", "version": 1,
        "messages": { "Asked": { "key": "event.data.id" }, "Given": { "key": "event.data.id" },
                      "Refused": { "key": "event.data.id" } },
        "start": { "Asked": {} },
        "steps": [ { "step": "ask", "call": "Ask", "to": "bank", "with": { "id": "saga.key" },
                     "reply": { "Given": {}, "Refused": { "fail": "'no'" } }, "timeout": "30s", "undo": "none" } ],
        "completed": {}, "compensated": {}
      }
      """)
    let simulated = try world.saga("simulate", "ask.json", "--seeds", "20")
    simulated.expectDone()
    #expect(simulated.output.contains("ask: compensated"))
    #expect(
      simulated.output.contains("warning: nothing was ever undone by a participant: these runs proved little\n"))
    let explored = try world.saga("explore", "ask.json", "--crashes", "0")
    explored.expectDone()
    #expect(explored.output.contains("ask: compensated (compensated)"))
    #expect(explored.output.hasSuffix("warning: nothing was ever undone by a participant: this proved little\n"))
  }
}
