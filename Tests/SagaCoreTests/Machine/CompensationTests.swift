import Testing

@testable import SagaCore

@Suite("A transition with `compensate`")
struct CompensationTests {
  /// Two states that each owe something, then a choice.
  static func definition(extra: String = "", target: String = #""z": { "final": "compensated" }"#) -> String {
    Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "b" }, "failed": { "goto": "y" } },
      "b": { "do": [ \(Sagas.call("B")) ], "done": { "goto": "c" }, "failed": { "publish": { "Failed": {} }, "goto": "c" } },
      "c": { "on": { "Back": { "set": { "n": "event.data.n" }, "compensate": "'back ' + event.data.why", "publish": { "First": { "n": "event.data.n", "seen": "data.n" }, "Second": { "why": "saga.failure.reason" } }, "goto": "z" },
                     "Again": { "compensate": "'again'", "goto": "z" },
                     "End": { "goto": "y" }, "Tick": {} },
             "after": { "1h": { "publish": { "Slow": {} } } } },
      \(target), "y": { "final": "completed" }
      """, calls: "AB", more: ["Back", "Again", "End", "Tick"], extra: extra)
  }

  func play(_ definition: String = definition()) throws -> Play {
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "DoneB")
    return play
  }

  @Test(
    "and something owed is two commits: set first, undo in reverse order of completion, then payloads with the first's event in file order"
  )
  func twoCommits() throws {
    let play = try play()
    let revision = play.instance.revision
    try play.send("Back", ["k": "1", "n": 7, "why": "home"])
    #expect(play.instance.revision == revision + 1)
    #expect(play.status == .compensating)
    #expect(play.state == "c")
    #expect(play.instance.data["n"] == .double(7), "`set` belongs to the first commit")
    #expect(play.types.last == "UndoB")
    try play.reply(to: "UndoB", "UndoneB")
    #expect(play.types.last == "UndoA")
    #expect(play.count("First") == 0)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.types.suffix(2) == ["First", "Second"])
    #expect(play.data("First") == [["n": .double(7), "seen": .double(7)]])
    #expect(play.data("Second") == [["why": "back home"]])
    #expect(play.status == .compensated)
    #expect(play.undoes("UndoB") == [play.keys("DoB")[0]])
    #expect(play.undoes("UndoA") == [play.keys("DoA")[0]])
    #expect(play.keys("UndoA") != play.keys("DoA"), "an undo has its own key")
  }

  @Test("and nothing owed is one commit")
  func oneCommit() throws {
    let states =
      #""a": { "on": { "Back": { "compensate": "'x'", "publish": { "First": {} }, "goto": "z" } } }, "z": { "final": "compensated" }"#
    let play = try Play(Sagas.role(states, more: ["Back"]), role: "r")
    try play.start("Go", ["k": "1"])
    try play.send("Back")
    #expect(play.status == .compensated)
    #expect(play.types == ["First"])
    #expect(play.instance.revision == 2)
  }

  @Test("further cancels are only recorded, other messages are kept for `goto`, and the first failure wins")
  func between() throws {
    let play = try play(
      CompensationTests.definition(
        target:
          #""z": { "on": { "Again": { "publish": { "Reached": {} } }, "Tick": { "publish": { "Ticked": {} } }, "End": { "goto": "y" } } }"#
      ))
    try play.send("Back", ["k": "1", "n": 1, "why": "home"])
    #expect(try play.send("Again") == .late)
    #expect(play.notes("already compensating") == 1)
    #expect(try play.send("Tick") == .deferred)
    _ = play.operate(.cancel)
    #expect(play.notes("already compensating") == 2)
    try play.reply(to: "UndoB", "UndoneB")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.state == "z")
    #expect(play.status == .running)
    #expect(play.count("Ticked") == 1)
    #expect(play.count("Reached") == 0)
    #expect(play.instance.failure?.reason == "back home")
    try play.send("End")
    #expect(play.status == .completed)
  }

  @Test(
    "stops the state's timers; the role's deadline is recorded when it falls due meanwhile, and is still to come when not"
  )
  func timers() throws {
    let after = #""after": { "30m": { "compensate": "'too late'", "goto": "x" } },"#
    let target = #""z": { "on": { "End": { "goto": "y" } } }, "x": { "final": "compensated" }"#
    for delay in [0, 3_600_000] as [Int64] {
      let play = try play(CompensationTests.definition(extra: after, target: target))
      try play.send("Back", ["k": "1", "n": 1, "why": "home"])
      #expect(play.instance.timers.allSatisfy { if case .state = $0.name { false } else { true } })
      try play.reply(to: "UndoB", "UndoneB")
      if delay > 0 {
        play.operate(.pause)
        play.wait(delay)
        play.operate(.resume)
        #expect(play.status == .compensating)
      }
      try play.reply(to: "UndoA", "UndoneA")
      #expect(play.state == "z")
      play.wait(3_600_000)
      #expect(play.count("Slow") == 0)
      #expect(play.state == (delay > 0 ? "z" : "x"), "after \(delay)")
      #expect(play.notes("already compensating") == (delay > 0 ? 1 : 0))
    }
  }

  @Test("undoes once what a `goto` abandoned as unknown, in its place; a reply meanwhile supplies `event`")
  func abandoned() throws {
    let undoWith = #"{ "id": "event != null ? event.data.id : 'unknown'" }"#
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A", with: "{}", undoWith: undoWith)) ], "on": { "Leave": { "goto": "b" } }, "done": { "goto": "b" }, "failed": { "goto": "z" } },
      "b": { "do": [ \(Sagas.call("B", with: "{}", undoWith: undoWith)) ], "on": { "Leave": { "goto": "c" } }, "done": { "goto": "c" }, "failed": { "goto": "z" } },
      "c": { "on": { "Back": { "compensate": "'back'", "goto": "z" } } }, "z": { "final": "compensated" }
      """, calls: "AB", more: ["Leave", "Back"])
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.send("Leave")
    try play.send("Leave")
    #expect(play.instance.timers.isEmpty, "abandoned at once")
    #expect(play.machine.owedUndos(of: play.instance).map(\.isUnknown) == [true, true])
    #expect(try play.reply(to: "DoA", "DoneA", ["id": "a1"]) == .handled)
    try play.send("Back")
    #expect(play.data("UndoB") == [["id": "unknown"]])
    #expect(play.count("UndoA") == 0)
    try play.reply(to: "UndoB", "UndoneB")
    #expect(play.data("UndoA") == [["id": "a1"]])
    #expect(try play.reply(to: "DoB", "DoneB", ["id": "b1"]) == .handled, "late: its undo went out without it")
    #expect(play.data("UndoB") == [["id": "unknown"], ["id": "b1"]])
    #expect(Set(play.keys("UndoB")).count == 2)
    #expect(Set(play.undoes("UndoB")).count == 1)
    #expect(play.count("saga.late-success") == 1)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensating, "not before the second undo of B is answered")
    try play.reply(to: "UndoB", number: 1, "UndoneB")
    #expect(play.status == .compensated)
    #expect(try play.reply(to: "DoB", "DoneB", ["id": "b1"]) == .late, "owed once more only once")
  }

  @Test(
    "a state's `do` that fails undoes only what it owes; what earlier states owe stays owed, and cancels wait for the next state"
  )
  func onlyTheDo() throws {
    let play = try Play(CompensationTests.definition(), role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    #expect(play.count("Failed") == 1)
    #expect(play.count("UndoA") == 0)
    #expect(play.state == "c")
    try play.send("Back", ["k": "1", "n": 1, "why": "home"])
    #expect(play.types.last == "UndoA")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.count("UndoB") == 0)
  }

  @Test("an operator's cancel while a `do` is undone is done in the state that follows")
  func cancelWhileFailing() throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "b" }, "failed": { "goto": "z" } },
      "b": { "do": [ \(Sagas.call("B")), \(Sagas.call("C")) ], "done": { "goto": "c" }, "failed": { "goto": "c" } },
      "c": { "do": [ \(Sagas.call("D")) ], "done": { "goto": "y" }, "failed": { "goto": "z" } },
      "z": { "final": "compensated" }, "y": { "final": "completed" }
      """, calls: "ABCD")
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "DoneB")
    try play.reply(to: "DoC", "NoC")
    #expect(play.operate(.cancel) == .handled)
    try play.reply(to: "UndoB", "UndoneB")
    #expect(play.types.last == "UndoA")
    #expect(play.count("DoD") == 0, "the next state's steps do not begin")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.count("UndoB") == 1)
  }

  @Test(
    "`goto` to the same state is a new visit: timers restart, `do` runs again under new keys, what was owed stays owed")
  func selfGoto() throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A")), { "step": "w", "reply": { "Never": {} } } ], "on": { "Again": { "goto": "a" }, "Back": { "compensate": "'back'", "goto": "z" } },
             "after": { "10m": { "publish": { "Slow": {} } } }, "done": { "goto": "z" }, "failed": { "goto": "z" } },
      "z": { "final": "compensated" }
      """, calls: "A", more: ["Again", "Back", "Never"])
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    play.wait(500_000)
    try play.send("Again")
    #expect(play.instance.visit == 2)
    #expect(Set(play.keys("DoA")).count == 2)
    try play.reply(to: "DoA", "DoneA")
    play.wait(500_000)
    #expect(play.count("Slow") == 0)
    play.wait(100_000)
    #expect(play.count("Slow") == 1)
    try play.send("Back")
    try play.reply(to: "UndoA", "UndoneA")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.undoes("UndoA") == play.keys("DoA").reversed())
    #expect(play.status == .compensated)
  }

  @Test(
    "calls in flight: no further attempt, awaited until the attempt's own timeout or `settle`, whichever is sooner",
    arguments: [(25_000, 5_000), (5_000, 25_000)])
  func settle(elapsed: Int64, awaited: Int64) throws {
    let play = try Play(
      Sagas.steps(
        "{ \"parallel\": [ [ \(Sagas.call("A")) ], [ \(Sagas.call("B", undo: false)) ] ] }", calls: "AB",
        extra: "\"settle\": \"26s\","))
    try play.start("Go", ["k": "1"])
    play.wait(elapsed)
    try play.reply(to: "DoB", "NoB")
    play.wait(awaited - 1)
    #expect(play.count("UndoA") == 0)
    play.wait(1)
    #expect(play.count("UndoA") == 1)
    #expect(play.count("DoA") == 1)
  }

  @Test("calls that back off when compensation begins are unknown at once; a refusal while settling owes nothing")
  func backingOff() throws {
    let steps =
      "{ \"parallel\": [ [ \(Sagas.call("A")) ], [ \(Sagas.call("B", undo: false).replacing("\"timeout\": \"30s\"", with: "\"timeout\": \"1h\"")) ], [ \(Sagas.call("C").replacing("\"timeout\": \"30s\"", with: "\"timeout\": \"50s\"")) ] ] }"
    let play = try Play(Sagas.steps(steps, calls: "ABC"))
    try play.start("Go", ["k": "1"])
    play.wait(30_500)
    try play.reply(to: "DoB", "NoB")
    #expect(play.count("UndoA") == 0, "C is still awaited")
    try play.reply(to: "DoC", "NoC")
    #expect(play.count("UndoA") == 1)
    #expect(play.count("UndoC") == 0)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("`final: completed` discards what is owed; later messages are absorbed")
  func completed() throws {
    let play = try play()
    try play.send("End")
    #expect(play.status == .completed)
    #expect(play.instance.owed.isEmpty && play.instance.timers.isEmpty)
    let before = play.types
    for type in ["Go", "Back", "End", "DoneA", "NoA"] { #expect(try play.send(type) == .late) }
    #expect(play.types == before)
    guard case .refused = play.operate(.cancel) else {
      Issue.record("a final instance cannot be cancelled")
      return
    }
  }
}
