import Testing

@testable import SagaCore

/// A one-role saga around some steps: every reply type `Done…`, `No…` and `Undone…` finds its instance by `event.data.k`.
private func saga(_ steps: String, types: [String], extra: String = "") -> String {
  let messages = (["Go"] + types).map { "\"\($0)\": { \"key\": \"event.data.k\" }" }.joined(separator: ", ")
  return """
    { "saga": "s", "version": 1, "messages": { \(messages) }, "start": { "Go": {} }, \(extra)
      "steps": [ \(steps) ],
      "completed": { "publish": { "Completed": {} } },
      "compensated": { "publish": { "Compensated": { "reason": "saga.failure.reason" } } } }
    """
}

private func call(_ name: String, undo: Bool = true, more: String = "", with: String = "{}") -> String {
  let back =
    undo
    ? ", \"undo\": { \"call\": \"Undo\(name)\", \"to\": \"p\", \"with\": \(with), \"reply\": { \"Undone\(name)\": {} } }"
    : ""
  return """
    { "step": "step\(name)", "call": "Do\(name)", "to": "p", "with": \(with),
      "reply": { "Done\(name)": {}, "No\(name)": { "fail": "'no \(name)'" } }, "timeout": "30s",
      "retry": { "attempts": 2, "delay": "1s" }\(more)\(back) }
    """
}

private func types(_ names: String...) -> [String] { names.flatMap { ["Done\($0)", "No\($0)", "Undone\($0)"] } }

@Suite("Steps")
struct StepTests {
  @Test("a failing step in `try` undoes what the `try` owes, then `catch` runs with saga.failure, and the saga goes on")
  func tryCatch() throws {
    let steps = """
      \(call("A")), { "try": [ \(call("B")), \(call("C")) ], "catch": [ { "publish": { "Caught": { "why": "saga.failure.reason" } }, "undo": "none" } ] },
      \(call("D"))
      """
    let play = try Play(saga(steps, types: types("A", "B", "C", "D")))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "DoneB")
    try play.reply(to: "DoC", "NoC")
    #expect(play.types == ["DoA", "DoB", "DoC", "UndoB"])
    #expect(play.status == .running)
    try play.reply(to: "UndoB", "UndoneB")
    #expect(play.last("Caught")?.data?["why"] == "no C")
    #expect(play.types.last == "DoD")
    #expect(play.instance.failure == nil)
    try play.reply(to: "DoD", "NoD")
    #expect(play.types.last == "UndoA", "only what is still owed")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.last("Compensated")?.data?["reason"] == "no D")
    #expect(play.count("UndoB") == 1)
  }

  @Test("a reply with `again` is neither: the call is repeated after that time as a new visit")
  func again() throws {
    let steps = """
      { "step": "poll", "call": "Ask", "to": "p", "with": {}, "reply": { "Yes": {}, "Later": { "again": "10s" } },
        "timeout": "30s", "retry": { "attempts": 3 } }
      """
    let play = try Play(saga(steps, types: ["Yes", "Later"]))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "Ask", "Later")
    #expect(play.count("Ask") == 1)
    play.wait(10_000)
    #expect(play.count("Ask") == 2)
    let keys = play.sent.filter { $0.event.type == "Ask" }.map(\.event.idempotencykey)
    #expect(Set(keys).count == 2, "a new visit has a new key")
    try play.reply(to: "Ask", "Later")
    play.wait(10_000)
    try play.reply(to: "Ask", "Later")
    #expect(play.status == .compensated, "at most `attempts` times")
  }

  @Test("`parallel` branches are undone side by side, sequences in reverse")
  func parallelUndo() throws {
    let steps = """
      { "parallel": [ [ \(call("A")), \(call("B")) ], [ \(call("C")) ] ] }, \(call("D", undo: false))
      """
    let play = try Play(saga(steps, types: types("A", "B", "C", "D")))
    try play.start("Go", ["k": "1"])
    #expect(play.types == ["DoA", "DoC"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoC", "DoneC")
    try play.reply(to: "DoB", "DoneB")
    try play.reply(to: "DoD", "NoD")
    #expect(Set(play.types.suffix(2)) == ["UndoB", "UndoC"])
    try play.reply(to: "UndoB", "UndoneB")
    #expect(play.types.last == "UndoA")
    try play.reply(to: "UndoC", "UndoneC")
    #expect(play.status == .compensating)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("`forEach` runs and undoes at most `concurrency` elements at a time, each with its own item and index")
  func forEach() throws {
    let steps = """
      { "forEach": "['x', 'y', 'z']", "concurrency": 2, "steps": [ \(call("A", with: #"{ "item": "item", "index": "index" }"#)) ] },
      \(call("B", undo: false))
      """
    let play = try Play(saga(steps, types: types("A", "B")))
    try play.start("Go", ["k": "1"])
    #expect(play.count("DoA") == 2)
    for count in 2...3 {
      try play.reply(to: "DoA", "DoneA")
      #expect(play.count("DoA") == 3 || count == 3)
    }
    let first = try #require(play.sent.first { $0.event.type == "DoA" })
    try play.send("DoneA", correlation: first.event.correlationid)
    try play.reply(to: "DoB", "NoB")
    #expect(play.count("UndoA") == 2, "the same limit")
    #expect(
      play.sent.filter { $0.event.type == "UndoA" }.map { $0.event.data?["item"] } == ["x", "z"],
      "the last to finish first")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.count("UndoA") == 3)
    #expect(play.last("UndoA")?.data == ["item": "y", "index": 1])
    for undo in play.sent.filter({ $0.event.type == "UndoA" }) {
      try play.send("UndoneA", correlation: undo.event.correlationid)
    }
    #expect(play.status == .compensated)
  }

  @Test("`choose` takes the first branch that holds, is decided once, and is undone by the branch taken")
  func choose() throws {
    let steps = """
      { "choose": [ { "when": "saga.key == '2'", "steps": [ \(call("A")) ] }, { "steps": [ \(call("B")) ] } ] }, \(call("C", undo: false))
      """
    let play = try Play(saga(steps, types: types("A", "B", "C")))
    try play.start("Go", ["k": "2"])
    #expect(play.types == ["DoA"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoC", "NoC")
    #expect(play.types.last == "UndoA")
  }

  @Test("calls in flight when compensation begins are awaited at most `settle`; what is unanswered is unknown")
  func settle() throws {
    let steps = "{ \"parallel\": [ [ \(call("A")) ], [ \(call("B", undo: false)) ] ] }"
    let play = try Play(saga(steps, types: types("A", "B"), extra: "\"settle\": \"5s\","))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoB", "NoB")
    #expect(play.status == .compensating)
    play.wait(4_999)
    #expect(play.count("UndoA") == 0)
    play.wait(1)
    #expect(play.count("UndoA") == 1)
    #expect(play.count("DoA") == 1, "no further attempt")
    try play.reply(to: "UndoA", "UndoneA")
    try play.reply(to: "DoA", "DoneA")
    #expect(play.types.suffix(2) == ["saga.late-success", "UndoA"], "owed once more under a new key")
  }

  @Test("the pivot is sent until answered; later steps are retried without end, and a later failure is stuck")
  func pivot() throws {
    let steps = """
      \(call("A")), { "step": "ship", "pivot": true, "call": "Ship", "to": "p", "with": {}, "reply": { "Shipped": {} },
        "timeout": "1s", "retry": { "attempts": 1, "delay": "1s", "maxDelay": "1s" } },
      \(call("B", undo: false))
      """
    let play = try Play(saga(steps, types: types("A", "B") + ["Shipped"]))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    play.wait(100_000)
    #expect(play.count("Ship") == 51)
    try play.reply(to: "Ship", "Shipped")
    play.wait(10_000_000)
    #expect(play.status == .running)
    #expect(play.count("DoB") > 50)
    try play.reply(to: "DoB", "NoB")
    #expect(play.status == .stuck)
    #expect(play.count("UndoA") == 0)
    play.operate(.skip)
    #expect(play.status == .completed)
  }

  @Test("a second, contradicting reply is late and alerts; the same answer again is only late")
  func contradiction() throws {
    let play = try Play(saga("\(call("A")), \(call("B"))", types: types("A", "B")))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    let before = play.types.count
    #expect(try play.reply(to: "DoA", "DoneA") == .late)
    #expect(play.types.count == before)
    #expect(try play.reply(to: "DoA", "NoA") == .late)
    #expect(play.types.last == "saga.contradiction")
    #expect(play.status == .running)
  }

  @Test("without a correlationid a reply must match exactly one open call")
  func ambiguous() throws {
    let steps = "{ \"forEach\": \"[1, 2]\", \"concurrency\": 2, \"steps\": [ \(call("A")) ] }"
    let play = try Play(saga(steps, types: types("A")))
    try play.start("Go", ["k": "1"])
    guard case .refused(let fault) = try play.send("DoneA") else {
      Issue.record("two calls are open")
      return
    }
    #expect(fault.code == "ambiguous-reply")
    try play.reply(to: "DoA", "DoneA")
    #expect(try play.send("DoneA") == .handled)
    #expect(play.status == .completed)
  }

  @Test("an expression of the instance that fails makes it stuck there; retry evaluates it again")
  func stuckExpression() throws {
    let play = try Play(saga(call("A", with: "{ \"x\": \"data.missing.field\" }"), types: types("A")))
    try play.start("Go", ["k": "1"])
    #expect(play.status == .stuck)
    #expect(play.types == ["saga.stuck"])
    play.operate(.retry)
    #expect(play.status == .stuck)
    play.operate(.skip)
    #expect(play.status == .completed)
  }

  @Test("an undelivered command is unknown like one that timed out")
  func undeliverable() throws {
    let play = try Play(saga(call("A"), types: types("A")))
    try play.start("Go", ["k": "1"])
    let key = try #require(play.last("DoA")?.idempotencykey)
    play.input(.undeliverable(idempotencyKey: key, reason: "no route"))
    play.wait(1_000)
    #expect(play.count("DoA") == 2)
    play.input(.undeliverable(idempotencyKey: key, reason: "no route"))
    #expect(play.types.last == "UndoA")
  }

  @Test("a wait takes a message without a command, and fails when its time is over")
  func waiting() throws {
    let steps = "\(call("A")), { \"step\": \"settlement\", \"reply\": { \"Settled\": {} }, \"timeout\": \"72h\" }"
    let done = try Play(saga(steps, types: types("A") + ["Settled"]))
    try done.start("Go", ["k": "1"])
    #expect(try done.send("Settled") == .deferred, "a step not yet reached takes it")
    try done.reply(to: "DoA", "DoneA")
    #expect(done.status == .completed)
    let late = try Play(saga(steps, types: types("A") + ["Settled"]))
    try late.start("Go", ["k": "1"])
    try late.reply(to: "DoA", "DoneA")
    late.wait(72 * 3_600_000)
    #expect(late.types.last == "UndoA")
  }

  @Test("final publications carry the starter's correlationid: a child saga is a participant")
  func child() throws {
    let play = try Play(saga(call("A"), types: types("A")))
    try play.start("Go", ["k": "1"], correlation: "parent-call")
    try play.reply(to: "DoA", "DoneA")
    #expect(play.last("Completed")?.correlationid == "parent-call")
    #expect(play.last("Completed")?.messagekind == "reply")
    #expect(play.last("DoA")?.correlationid != "parent-call")
  }
}

extension StepTests {
  @Test("a visit whose attempt went unanswered stays owed when a later attempt says `again`: each under its own key")
  func unsettledVisit() throws {
    let steps = """
      { "step": "a", "call": "DoA", "to": "p", "with": {}, "reply": { "DoneA": {}, "NoA": { "fail": "'no'" }, "LaterA": { "again": "5s" } },
        "timeout": "10s", "retry": { "attempts": 3, "delay": "1s" },
        "undo": { "call": "UndoA", "to": "p", "with": {}, "reply": { "UndoneA": {} } } }
      """
    let play = try Play(saga(steps, types: ["DoneA", "NoA", "LaterA", "UndoneA"]))
    try play.start("Go", ["k": "1"])
    play.wait(11_000)
    #expect(play.count("DoA") == 2)
    let first = play.last("DoA")?.idempotencykey
    try play.reply(to: "DoA", "LaterA")
    play.wait(5_000)
    try play.reply(to: "DoA", "NoA")
    #expect(play.types.last == "UndoA", "the first attempt may yet act, whatever the second visit says")
    #expect(play.last("UndoA")?.undoes == first)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.count("UndoA") == 1)
  }
}
