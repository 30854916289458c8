import Testing

@testable import SagaCore

@Suite("An error in what the instance does next makes it stuck there")
struct StuckTests {
  /// `data.bad.x` fails until `Mend` has set it.
  static let mend =
    "\"on\": { \"Mend\": { \"set\": { \"bad\": { \"x\": \"'ok'\" } } }, \"Cancel\": { \"compensate\": \"'cancelled'\" } },"

  func play(_ steps: String, calls: String = "AB", extra: String = StuckTests.mend) throws -> Play {
    let play = try Play(Sagas.steps(steps, calls: calls, more: ["Mend", "Cancel"], extra: extra))
    try play.start("Go", ["k": "1"])
    return play
  }

  @Test("only that leaf: other branches go on, nothing else waits for it, and one alert is published")
  func onlyTheLeaf() throws {
    let play = try play(
      "{ \"parallel\": [ [ \(Sagas.call("A", with: #"{ "x": "data.bad.x" }"#, undoWith: "{}")) ], [ \(Sagas.call("B")) ] ] }"
    )
    #expect(play.status == .stuck)
    #expect(play.types == ["DoB", "saga.stuck"])
    try play.reply(to: "DoB", "DoneB")
    #expect(play.status == .stuck)
    #expect(play.count("saga.stuck") == 1)
    #expect(play.machine.openCalls(of: play.instance).isEmpty)
    _ = play.operate(.cancel)
    #expect(play.types.last == "UndoB")
    try play.reply(to: "UndoB", "UndoneB")
    #expect(play.status == .compensated)
  }

  @Test("a branch beside the stuck one is still timed")
  func timedBeside() throws {
    let play = try play(
      "{ \"parallel\": [ [ { \"set\": { \"y\": \"data.bad.x\" } } ], [ \(Sagas.call("B")) ] ] }")
    play.wait(31_000)
    #expect(play.count("DoB") == 2)
    #expect(play.status == .stuck)
  }

  @Test(
    "ordinary messages are kept while stuck and offered after `retry`; `retry` evaluates it again, with a new alert")
  func keptWhileStuck() throws {
    let play = try play("\(Sagas.call("A", with: #"{ "x": "data.bad.x" }"#, undoWith: "{}"))")
    #expect(try play.send("Mend") == .deferred)
    play.operate(.retry)
    #expect(play.status == .stuck)
    #expect(play.count("saga.stuck") == 2)
    #expect(try play.send("Cancel") == .deferred)
    play.operate(.skip)
    #expect(play.status == .completed)
  }

  @Test("an `after` whose transition fails is taken again by `retry`, and dropped by `skip`", arguments: [true, false])
  func after(isRetried: Bool) throws {
    let role = Sagas.role(
      """
      "a": { "on": { "End": { "goto": "z" } }, "after": { "1h": { "publish": { "Warned": { "x": "data.bad.x" } } } } },
      "z": { "final": "completed" }
      """, more: ["End"])
    let play = try Play(role, role: "r")
    try play.start("Go", ["k": "1"])
    play.wait(3_600_000)
    #expect(play.status == .stuck)
    #expect(play.instance.wakeAt == nil, "nothing is armed while it is stuck")
    play.operate(isRetried ? .retry : .skip)
    #expect(play.status == (isRetried ? .stuck : .running))
    #expect(play.count("saga.stuck") == (isRetried ? 2 : 1))
    play.wait(7_200_000)
    #expect(play.count("saga.stuck") == (isRetried ? 2 : 1))
    if !isRetried { #expect(try play.send("End") == .handled) }
  }

  @Test("a deadline of the role that fails is not lost: `retry` takes it")
  func deadline() throws {
    let play = try Play(
      Sagas.role(
        "\"a\": { \"on\": { \"X\": { \"goto\": \"z\" } } }, \"z\": { \"final\": \"compensated\" }", more: ["X"],
        extra: #""after": { "1h": { "compensate": "string(data.bad.x)", "goto": "z" } },"#), role: "r")
    try play.start("Go", ["k": "1"])
    play.wait(3_600_000)
    #expect(play.status == .stuck)
    play.operate(.retry)
    #expect(play.status == .stuck)
    play.wait(1)
    #expect(play.count("saga.stuck") == 2)
    #expect(play.instance.timers.count == 1)
  }

  @Test(
    "a delay that cannot be computed on entry is computed again by `retry`; `skip` goes on without it",
    arguments: [true, false])
  func delay(isRetried: Bool) throws {
    let role = Sagas.role(
      """
      "a": { "on": { "End": { "goto": "z" } }, "after": { "data.bad.x": { "goto": "z" }, "2h": { "publish": { "Warned": {} } } } },
      "z": { "final": "completed" }
      """, more: ["End"])
    let play = try Play(role, role: "r")
    try play.start("Go", ["k": "1"])
    #expect(play.status == .stuck)
    play.operate(isRetried ? .retry : .skip)
    #expect(play.status == (isRetried ? .stuck : .running))
    play.wait(7_200_000)
    #expect(play.count("Warned") == (isRetried ? 0 : 1))
    play.operate(.skip)
    play.wait(0)
    #expect(play.count("Warned") == 1)
  }

  @Test(
    "forEach and choose that cannot be decided are stuck there; `skip` passes over them",
    arguments: [
      #"{ "forEach": "data.bad.x", "steps": [ { "set": { "n": 1 } } ] }"#,
      #"{ "choose": [ { "when": "data.bad.x == 1.0", "steps": [ { "set": { "n": 1 } } ] } ] }"#,
      #"{ "publish": { "Told": { "x": "data.bad.x" } }, "undo": "none" }"#,
      #"{ "set": { "n": "data.bad.x" } }"#, #"{ "fail": "string(data.bad.x)" }"#,
    ])
  func decisions(step: String) throws {
    let play = try play(step)
    #expect(play.status == .stuck)
    #expect(play.types == ["saga.stuck"])
    play.operate(.retry)
    #expect(play.status == .stuck)
    play.operate(.skip)
    #expect(play.status == .completed)
    #expect(play.types.last == "Completed")
  }

  @Test("`undo.with` that fails is stuck with what is owed kept; `skip` counts it as undone and goes on in reverse")
  func undoWith() throws {
    let bad = #"{ "x": "data.bad.x" }"#
    let play = try play(
      "\(Sagas.call("A")), \(Sagas.call("B", with: "{}", undoWith: bad)), \(Sagas.call("C", undo: false))", calls: "ABC"
    )
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "DoneB")
    try play.reply(to: "DoC", "NoC")
    #expect(play.status == .stuck)
    #expect(play.types.last == "saga.stuck")
    #expect(play.count("UndoA") == 0)
    play.operate(.retry)
    #expect(play.status == .stuck)
    play.operate(.skip)
    #expect(play.types.last == "UndoA")
    #expect(play.status == .compensating)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("an undo that could not be computed without the reply is computed when the reply comes")
  func undoNeedsReply() throws {
    let with = #"{ "id": "event.data.id" }"#
    let definition = Sagas.steps(
      Sagas.call("A", with: "{}", undoWith: #"{ "id": "event != null ? event.data.id : data.bad.x" }"#), calls: "A")
    _ = with
    let play = try Play(definition)
    try play.start("Go", ["k": "1"])
    play.wait(61_000)
    #expect(play.status == .stuck)
    try play.reply(to: "DoA", "DoneA", ["id": "a1"])
    #expect(play.data("UndoA") == [["id": "a1"]])
    #expect(play.status == .compensating)
    #expect(play.count("saga.late-success") == 0, "it had not gone out before")
  }

  @Test("a payload of `completed` that fails is stuck at the end: `skip` is refused, `resolve` closes it")
  func completedPayload() throws {
    let definition = Sagas.steps(Sagas.call("A"), calls: "A").replacing(
      "\"Completed\": {}", with: "\"Completed\": { \"x\": \"data.bad.x\" }")
    let play = try Play(definition)
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    #expect(play.status == .stuck)
    guard case .refused(let fault) = play.operate(.skip) else {
      Issue.record("there is nothing that skipping could mean")
      return
    }
    #expect(fault.code == "operation.skip")
    play.operate(.retry)
    #expect(play.status == .stuck)
    #expect(play.count("UndoA") == 0)
    play.operate(.resolve)
    #expect(play.status == .completed)
  }

  @Test("a payload of `compensated` that fails is stuck with everything undone; nothing is undone twice")
  func compensatedPayload() throws {
    let definition = Sagas.steps("\(Sagas.call("A")), \(Sagas.call("B"))", calls: "AB")
      .replacing("\"reason\": \"saga.failure.reason\"", with: "\"reason\": \"data.bad.x\"")
    let play = try Play(definition)
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .stuck)
    play.operate(.retry)
    #expect(play.status == .stuck)
    #expect(play.count("UndoA") == 1)
    play.operate(.resolve)
    #expect(play.status == .compensated)
  }

  @Test("a call skipped before the pivot is unknown: its undo is owed without a reply")
  func skippedCall() throws {
    let play = try play(
      "\(Sagas.call("A", with: #"{ "x": "saga.startedAt == now ? 'ok' : data.bad.x" }"#, undoWith: #"{ "id": "event != null ? event.data.id : ''" }"#)), \(Sagas.call("B"))"
    )
    play.wait(31_000)
    #expect(play.status == .stuck, "the second attempt cannot be computed")
    play.operate(.skip)
    #expect(play.types.last == "DoB")
    try play.reply(to: "DoB", "NoB")
    #expect(play.data("UndoA") == [["id": ""]])
    #expect(play.undoes("UndoA") == [play.keys("DoA")[0]])
  }

  @Test("a fail reply to an undo is stuck at once; a later success of the same undo goes on without an operator")
  func undoRefusedThenDone() throws {
    let play = try play("\(Sagas.call("A")), \(Sagas.call("B"))")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    try play.reply(to: "UndoA", "NotUndoneA")
    #expect(play.status == .stuck)
    #expect(play.count("UndoA") == 1)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("undo calls that go unanswered are stuck after their attempts; `retry` begins a new series under the same key")
  func undoUnanswered() throws {
    let play = try play("\(Sagas.call("A")), \(Sagas.call("B"))")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    play.wait(62_000)
    #expect(play.count("UndoA") == 2)
    #expect(play.status == .stuck)
    play.operate(.retry)
    play.wait(62_000)
    #expect(play.count("UndoA") == 4)
    #expect(Set(play.keys("UndoA")).count == 1)
    #expect(play.status == .stuck)
    play.operate(.skip)
    #expect(play.status == .compensated)
  }

  @Test("a refused undo is tried again under a key that no undo of its action has had, however many there are")
  func undoRefusedOften() throws {
    let play = try play("\(Sagas.call("A"))", calls: "A")
    play.wait(61_000)
    try play.reply(to: "UndoA", "NotUndoneA")
    #expect(play.status == .stuck)
    // What comes of it is an undo of its own, which is done.
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "UndoA", number: 1, "UndoneA")
    #expect(play.status == .stuck)
    play.operate(.retry)
    #expect(play.status == .compensating)
    try play.reply(to: "UndoA", "NotUndoneA")
    play.operate(.retry)
    #expect(play.count("UndoA") == 4)
    #expect(Set(play.keys("UndoA")).count == 4)
    #expect(Set(play.undoes("UndoA")) == [play.keys("DoA")[0]])
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("an undo keeps the key under which nobody has answered, also after another was refused")
  func undoRefusedThenUnanswered() throws {
    let play = try play("\(Sagas.call("A")), \(Sagas.call("B"))")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    // The refusal answers the attempt before it, too.
    play.wait(31_000)
    try play.reply(to: "UndoA", "NotUndoneA")
    play.operate(.retry)
    play.wait(62_000)
    #expect(play.status == .stuck)
    play.operate(.retry)
    let keys = play.keys("UndoA")
    #expect(keys.count == 5)
    #expect(keys[0] == keys[1] && keys[1] != keys[2])
    #expect(Set(keys[2...]).count == 1)
    // A refusal is one as long as it is waited for, however late.
    play.wait(62_000)
    #expect(play.status == .stuck)
    try play.reply(to: "UndoA", "NotUndoneA")
    play.operate(.retry)
    #expect(Set(play.keys("UndoA")).count == 3)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("a definition that runs in a circle is stuck, quickly, with a reason that says so; an operator can end it")
  func circle() throws {
    let states = """
      "a": { "do": [ { "set": { "n": 1 } } ], "done": { "goto": "b" }, "failed": { "goto": "z" } },
      "b": { "do": [ { "set": { "n": 2 } } ], "done": { "goto": "a" }, "failed": { "goto": "z" } },
      "z": { "final": "compensated" }
      """
    let play = try Play(Sagas.role(states), role: "r")
    try play.start("Go", ["k": "1"])
    #expect(play.status == .stuck)
    #expect(play.instance.visit == 1_000)
    #expect(play.machine.problem(of: play.instance)?.reason.contains("circle") == true)
    play.operate(.cancel)
    #expect(play.status == .compensated)
  }

  @Test(
    "more messages in one commit than there may be are stuck at the step that is too many; `retry` goes on from there")
  func effects() throws {
    let list = "[" + (0..<1_200).map { "\($0)" }.joined(separator: ",") + "]"
    let play = try play(
      #"{ "forEach": "LIST", "concurrency": 1, "steps": [ { "publish": { "Told": { "n": "index" } }, "undo": "none" } ] }"#
        .replacing("LIST", with: list))
    #expect(play.status == .stuck)
    #expect(play.count("Told") == 1_000)
    play.operate(.retry)
    #expect(play.status == .completed)
    #expect(play.data("Told").map { $0["n"] } == (0..<1_200).map { .int(Int64($0)) })
  }

  @Test("what a message decides itself and cannot be computed refuses it: the instance stays as it was")
  func refused() throws {
    let definition = Sagas.role(
      """
      "a": { "on": { "Guard": { "when": "data.bad.x == 1.0", "goto": "z" }, "Set": { "set": { "n": "data.bad.x" } },
             "Reason": { "compensate": "string(data.bad.x)", "goto": "z" }, "Payload": { "publish": { "Told": { "x": "data.bad.x" } } },
             "Claim": { "correlate": { "id": "data.bad.x" } } } },
      "z": { "final": "compensated" }
      """, more: ["Guard", "Set", "Reason", "Payload", "Claim"])
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    let before = play.instance
    for type in ["Guard", "Set", "Reason", "Payload", "Claim"] {
      guard case .refused(let fault) = try play.send(type) else {
        Issue.record("\(type) should have been refused")
        continue
      }
      #expect(fault.code == "expression.failed")
      #expect(!fault.isRetryable)
      #expect(play.instance == before)
    }
  }
}
