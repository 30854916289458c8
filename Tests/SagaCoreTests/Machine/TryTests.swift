import Testing

@testable import SagaCore

/// Several `try` blocks, failures beside them, and what a `goto` or a cancel makes of them.
@Suite("A `try` that recovers")
struct TryTests {
  static func attempt(_ body: String, told: String, more: String = "") -> String {
    """
    { "try": [ \(body) ], "catch": [ { "publish": { "\(told)": { "why": "saga.failure.reason" } }, "undo": "none" } \(more) ] }
    """
  }

  func play(
    _ steps: String, calls: String = "ABCD",
    extra: String = "\"on\": { \"Cancel\": { \"compensate\": \"'cancelled'\" } },"
  ) throws -> Play {
    let play = try Play(Sagas.steps(steps, calls: calls, more: ["Cancel", "X"], extra: extra))
    try play.start("Go", ["k": "1"])
    return play
  }

  @Test("beside another one: each catch has its own saga.failure, also after the other has ended")
  func sideBySide() throws {
    let later =
      ", \(Sagas.call("C", undo: false, with: #"{ "why": "saga.failure.reason" }"#)), { \"publish\": { \"Second\": { \"why\": \"saga.failure.reason\" } }, \"undo\": \"none\" }"
    let play = try play(
      "{ \"parallel\": [ [ \(TryTests.attempt(Sagas.call("A"), told: "First")) ], [ \(TryTests.attempt(Sagas.call("B"), told: "Again", more: later)) ] ] }"
    )
    try play.reply(to: "DoB", "NoB")
    #expect(play.data("Again") == [["why": "no B"]])
    #expect(play.data("DoC") == [["why": "no B"]])
    try play.reply(to: "DoA", "NoA")
    #expect(play.data("First") == [["why": "no A"]])
    play.wait(31_000)
    #expect(play.data("DoC") == [["why": "no B"], ["why": "no B"]], "a second attempt too")
    try play.reply(to: "DoC", "DoneC")
    #expect(play.data("Second") == [["why": "no B"]])
    #expect(play.status == .completed)
    #expect(play.instance.failure == nil, "nothing failed the saga itself")
  }

  @Test("inside a catch: the inner failure is the inner catch's, the outer one is back after it")
  func nested() throws {
    let inner = TryTests.attempt(Sagas.call("B"), told: "Inner")
    let play = try play(
      "{ \"try\": [ \(Sagas.call("A")) ], \"catch\": [ \(inner), { \"publish\": { \"Outer\": { \"why\": \"saga.failure.reason\" } }, \"undo\": \"none\" } ] }"
    )
    try play.reply(to: "DoA", "NoA")
    try play.reply(to: "DoB", "NoB")
    #expect(play.data("Inner") == [["why": "no B"]])
    #expect(play.data("Outer") == [["why": "no A"]])
    #expect(play.status == .completed)
  }

  @Test("whose catch fails: the saga fails with the catch's failure and undoes what is still owed, each once")
  func failingCatch() throws {
    let play = try play(
      "\(Sagas.call("A")), { \"try\": [ \(Sagas.call("B")), \(Sagas.call("C")) ], \"catch\": [ { \"fail\": \"'worse: ' + saga.failure.reason\" } ] }"
    )
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "DoneB")
    try play.reply(to: "DoC", "NoC")
    #expect(play.types.last == "UndoB")
    try play.reply(to: "UndoB", "UndoneB")
    #expect(play.types.last == "UndoA")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.last("Compensated")?.data == ["reason": "worse: no C", "kind": "business"])
    #expect(play.types.filter { $0.hasPrefix("Undo") } == ["UndoB", "UndoA"])
  }

  @Test("when another branch fails: the undo that is out is not sent again, and everything is undone once")
  func failureElsewhere() throws {
    let play = try play(
      "{ \"parallel\": [ [ { \"try\": [ \(Sagas.call("A")), \(Sagas.call("B")) ], \"catch\": [ { \"set\": { \"x\": 1 } } ] } ], [ \(Sagas.call("C")), \(Sagas.call("D")) ] ] }"
    )
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    #expect(play.count("UndoA") == 1)
    try play.reply(to: "DoC", "DoneC")
    try play.reply(to: "DoD", "NoD")
    #expect(play.status == .compensating)
    #expect(play.count("UndoA") == 1)
    #expect(play.count("UndoC") == 1)
    try play.reply(to: "UndoC", "UndoneC")
    #expect(play.status == .compensating)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.last("Compensated")?.data?["reason"] == "no D")
  }

  @Test("when the saga is cancelled: the undo goes on, the catch does not run")
  func cancelled() throws {
    let play = try play(
      "\(Sagas.call("C")), { \"try\": [ \(Sagas.call("A")), \(Sagas.call("B")) ], \"catch\": [ \(Sagas.call("D")) ] }")
    try play.reply(to: "DoC", "DoneC")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    #expect(try play.send("Cancel") == .handled)
    #expect(play.instance.failure?.kind == .cancelled)
    #expect(play.count("UndoA") == 1)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.types.last == "UndoC")
    try play.reply(to: "UndoC", "UndoneC")
    #expect(play.status == .compensated)
    #expect(play.count("DoD") == 0)
    #expect(play.count("UndoA") == 1)
  }

  static let leaving = Sagas.role(
    """
    "a": { "do": [ { "parallel": [
               [ { "try": [ { "parallel": [ [ \(Sagas.call("A")), \(Sagas.call("B")) ], [ \(Sagas.call("C")) ] ] } ], "catch": [ { "set": { "x": 1 } } ] } ] ] } ],
           "on": { "Leave": { "goto": "b" } }, "done": { "goto": "b" }, "failed": { "goto": "z" } },
    "b": { "on": { "Back": { "compensate": "'back'", "goto": "z" }, "End": { "goto": "y" } } },
    "z": { "final": "compensated" }, "y": { "final": "completed" }
    """, calls: "ABC", more: ["Leave", "Back", "End"])

  @Test(
    "and is left by a `goto` while calls settle: they are unknown at once, and a later compensation does not wait for them"
  )
  func leftWhileSettling() throws {
    let play = try Play(TryTests.leaving, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    #expect(play.count("UndoA") == 0, "C settles first")
    try play.send("Leave")
    #expect(play.state == "b")
    #expect(play.instance.timers.isEmpty)
    try play.send("Back")
    #expect(Set(play.types.suffix(2)) == ["UndoA", "UndoC"])
    try play.reply(to: "UndoA", "UndoneA")
    try play.reply(to: "UndoC", "UndoneC")
    #expect(play.status == .compensated)
  }

  @Test("and is left by a `goto` while undos are out: they go on, are repeated, and are not sent twice")
  func leftWhileUndoing() throws {
    let play = try Play(TryTests.leaving, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoC", "DoneC")
    try play.reply(to: "DoB", "NoB")
    #expect(Set(play.types.suffix(2)) == ["UndoA", "UndoC"])
    try play.send("Leave")
    #expect(play.state == "b")
    try play.reply(to: "UndoC", "UndoneC")
    play.wait(31_000)
    #expect(play.count("UndoA") == 2, "its second attempt")
    try play.send("End")
    #expect(play.status == .compensating, "completed when the undo is answered")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .completed)
    #expect(Set(play.keys("UndoA")).count == 1)
  }
}
