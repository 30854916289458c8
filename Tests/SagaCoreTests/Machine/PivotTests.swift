import Testing

@testable import SagaCore

@Suite("The pivot")
struct PivotTests {
  static let common =
    "\"on\": { \"Cancel\": { \"compensate\": \"'cancelled'\" } }, \"after\": { \"1h\": { \"compensate\": \"'too late'\" } },"

  static let commonOfRole =
    "\"on\": { \"Cancel\": { \"compensate\": \"'cancelled'\", \"goto\": \"z\" } }, \"after\": { \"1h\": { \"compensate\": \"'too late'\", \"goto\": \"z\" } },"

  func play(_ after: String = "", calls: String = "ABP") throws -> Play {
    let play = try Play(
      Sagas.steps(
        "\(Sagas.call("A")), \(Sagas.pivot)\(after)", calls: calls, more: ["Cancel", "W"], extra: PivotTests.common))
    try play.start("Go", ["k": "1"])
    return play
  }

  @Test("a cancel before its command is sent compensates at once")
  func before() throws {
    let play = try play()
    try play.send("Cancel")
    #expect(play.status == .compensating)
    #expect(play.count("DoP") == 0)
  }

  enum Wish: CaseIterable { case message, timer, `operator` }

  func wish(_ wish: Wish, _ play: Play) throws {
    switch wish {
    case .message: #expect(try play.send("Cancel") == .deferred)
    case .timer: play.wait(3_600_000)
    case .operator: #expect(play.operate(.cancel) == .handled)
    }
    #expect(play.status == .running)
    #expect(play.count("UndoA") == 0)
  }

  @Test(
    "cancel and deadline wait for its outcome; after its success cancel is late and a deadline only alerts",
    arguments: Wish.allCases)
  func success(wish: Wish) throws {
    let play = try play(", \(Sagas.call("B", undo: false))")
    try play.reply(to: "DoA", "DoneA")
    try self.wish(wish, play)
    try play.reply(to: "DoP", "DoneP")
    #expect(play.status == .running)
    #expect(play.types.last { $0 != "saga.deadline" } == "DoB")
    #expect(play.count("saga.deadline") == (wish == .timer ? 1 : 0))
    #expect(play.facts.contains(.late(type: "Cancel")) == (wish == .message))
    try play.reply(to: "DoB", "DoneB")
    #expect(play.status == .completed)
    #expect(play.count("UndoA") == 0)
  }

  @Test("after its failure the ordinary failure path runs, once, with the pivot's reason", arguments: Wish.allCases)
  func failure(wish: Wish) throws {
    let play = try play()
    try play.reply(to: "DoA", "DoneA")
    try self.wish(wish, play)
    try play.reply(to: "DoP", "NoP")
    #expect(play.count("UndoA") == 1)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.data("Compensated") == [["reason": "no P", "kind": "business"]])
  }

  @Test(
    "in a role whose failure path goes on, a cancel that waited for the refused pivot is done there",
    arguments: Wish.allCases)
  func failureInRole(wish: Wish) throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "b" }, "failed": { "goto": "z" } },
      "b": { "do": [ \(Sagas.pivot) ], "done": { "goto": "y" }, "failed": { "goto": "c" } },
      "c": { "do": [ \(Sagas.call("B")) ], "done": { "goto": "y" }, "failed": { "goto": "z" } },
      "z": { "final": "compensated" }, "y": { "final": "completed" }
      """, calls: "ABP", more: ["Cancel"], extra: PivotTests.commonOfRole)
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try self.wish(wish, play)
    try play.reply(to: "DoP", "NoP")
    #expect(play.status == .compensating)
    // A message is offered after the transition that reaches the next state; the others come before its steps.
    #expect(play.count("DoB") == (wish == .message ? 1 : 0))
    if wish == .message {
      try play.reply(to: "DoB", "DoneB")
      try play.reply(to: "UndoB", "UndoneB")
    }
    #expect(play.count("UndoA") == 1)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("a state's deadline and the role's both wait for it: after its failure the role's is done")
  func twoDeadlines() throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "b" }, "failed": { "goto": "z" } },
      "b": { "do": [ \(Sagas.pivot) ], "after": { "30m": { "compensate": "'slow'", "goto": "z" } },
             "done": { "goto": "y" }, "failed": { "goto": "c" } },
      "c": { "do": [ \(Sagas.call("B")) ], "done": { "goto": "y" }, "failed": { "goto": "z" } },
      "z": { "final": "compensated" }, "y": { "final": "completed" }
      """, calls: "ABP", extra: "\"after\": { \"1h\": { \"compensate\": \"'too late'\", \"goto\": \"z\" } },")
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    play.wait(1_800_000)
    play.wait(1_800_000)
    #expect(play.instance.pending.map(\.failure.reason) == ["slow", "too late"])
    try play.reply(to: "DoP", "NoP")
    #expect(play.notes("deadline (slow) has no effect: the pivot has failed") == 1)
    #expect(play.status == .compensating)
    #expect(play.types.last == "UndoA")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.count("DoB") == 0)
  }

  @Test("where its failure passes another pivot, what waited compensates nothing any more", arguments: Wish.allCases)
  func pivotByFailure(wish: Wish) throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "b" }, "failed": { "goto": "z" } },
      "b": { "do": [ \(Sagas.pivot) ], "done": { "goto": "y" }, "failed": { "pivot": true, "goto": "c" } },
      "c": { "do": [ \(Sagas.call("B", undo: false)) ], "done": { "goto": "y" }, "failed": { "goto": "z" } },
      "z": { "final": "compensated" }, "y": { "final": "completed" }
      """, calls: "ABP", more: ["Cancel"], extra: PivotTests.commonOfRole)
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try self.wish(wish, play)
    try play.reply(to: "DoP", "NoP")
    #expect(play.status == .running)
    #expect(play.instance.pending.isEmpty)
    #expect(play.count("saga.deadline") == (wish == .timer ? 1 : 0))
    try play.reply(to: "DoB", "DoneB")
    #expect(play.status == .completed)
    #expect(play.count("UndoA") == 0)
  }

  @Test("what waited and leads on is asked again whether its condition holds", arguments: [true, false])
  func conditions(stillHolds: Bool) throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.pivot), \(Sagas.call("B", undo: false)) ], "on": { "W": { "set": { "told": "true" } } },
             "after": { "1h": { "when": "!data.told", "goto": "c" } }, "done": { "goto": "y" }, "failed": { "goto": "z" } },
      "c": { "on": { "W": { "goto": "y" } } },
      "z": { "final": "compensated" }, "y": { "final": "completed" }
      """, calls: "BP", more: ["W"]
    ).replacing(
      "\"version\": 1,",
      with:
        #""version": 1, "data": { "type": "object", "properties": { "told": { "type": "boolean", "default": false } } },"#
    )
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    play.wait(3_600_000)
    #expect(play.instance.pending.count == 1)
    if !stillHolds { try play.send("W") }
    try play.reply(to: "DoP", "DoneP")
    #expect(play.machine.stateName(of: play.instance) == (stillHolds ? "c" : "a"))
    #expect(
      play.notes("deadline (after 1h) has no effect: none of its conditions holds any more") == (stillHolds ? 0 : 1))
  }

  /// A role whose deadline, after an hour, has waited for a pivot that was refused, and cannot be done until two hours
  /// have passed.
  ///
  /// - Parameter later: more of the state that a refused pivot leads to.
  private func unready(_ later: String = "") throws -> Play {
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "b" }, "failed": { "goto": "z" } },
      "b": { "do": [ \(Sagas.pivot) ], "done": { "goto": "y" }, "failed": { "goto": "c" } },
      "c": { "do": [ \(Sagas.call("B")) ], "done": { "goto": "y" }, "failed": { "goto": "z" }\(later) },
      "z": { "final": "compensated" }, "y": { "final": "completed" }
      """, calls: "ABP",
      extra: """
        "after": { "1h": { "set": { "late": "now > saga.startedAt + duration('2h') ? 'yes' : data.bad.x" },
                           "compensate": "'too late'", "goto": "z" } },
        """)
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    play.wait(3_600_000)
    try play.reply(to: "DoP", "NoP")
    return play
  }

  @Test("a deadline that waited for the refused pivot and cannot be done is not forgotten: `retry` does it")
  func deadlineRetried() throws {
    let play = try unready()
    #expect(play.status == .stuck)
    let reason = play.machine.problem(of: play.instance)?.reason ?? ""
    #expect(reason.hasPrefix("the cancel or deadline that waited cannot be done: "), "\(reason)")
    play.operate(.retry)
    #expect(play.status == .stuck)
    #expect(play.count("DoB") == 0, "nothing goes forward before it")
    play.wait(7_200_000)
    play.operate(.retry)
    #expect(play.status == .compensating)
    #expect(play.types.last == "UndoA")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.count("DoB") == 0)
  }

  @Test(
    "a deadline that waited for the refused pivot and cannot be done is passed over by `skip`, and the history says so")
  func deadlineSkipped() throws {
    let play = try unready()
    play.operate(.skip)
    #expect(play.status == .running)
    #expect(play.count("DoB") == 1)
    #expect(play.notes("deadline (too late) has no effect: an operator has skipped it") == 1)
    #expect(play.instance.pending.isEmpty)
  }

  @Test("what `skip` passes over before a deadline that waited is not the deadline")
  func deadlineNotSkipped() throws {
    let play = try unready(", \"after\": { \"data.bad.x\": { \"goto\": \"y\" } }")
    #expect(play.status == .stuck)
    play.wait(7_200_000)
    play.operate(.skip)
    #expect(play.status == .compensating)
    #expect(play.types.last == "UndoA")
    #expect(play.count("DoB") == 0)
  }

  @Test("is sent until answered under one key, also past its attempts, and its refusal is never unknown")
  func endless() throws {
    let play = try play()
    try play.reply(to: "DoA", "DoneA")
    play.wait(31_000 * 20)
    #expect(play.count("DoP") == 21)
    #expect(Set(play.keys("DoP")).count == 1)
    #expect(Set(play.sent.filter { $0.event.type == "DoP" }.map(\.event.id)).count == 21)
    try play.reply(to: "DoP", "NoP")
    #expect(play.machine.owedUndos(of: play.instance).map(\.isUnknown) == [false])
  }

  @Test("steps behind it are retried without end; a fail is stuck there, and nothing is undone")
  func behind() throws {
    let play = try play(", \(Sagas.call("B"))")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoP", "DoneP")
    play.wait(3_000_000)
    #expect(play.count("DoB") > 30)
    #expect(play.status == .running)
    try play.reply(to: "DoB", "NoB")
    #expect(play.status == .stuck)
    #expect(Set(play.keys("DoB")).count == 1)
    play.operate(.retry)
    #expect(Set(play.keys("DoB")).count == 2, "who has refused a key repeats itself under it")
    try play.reply(to: "DoB", "DoneB")
    #expect(play.status == .completed)
    #expect(play.types.filter { $0.hasPrefix("Undo") } == [])
  }

  @Test("a wait behind it that is not answered in time is stuck; the message is kept and taken after `retry`")
  func waitBehind() throws {
    let play = try play(", { \"step\": \"w\", \"reply\": { \"W\": {} }, \"timeout\": \"1m\" }")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoP", "DoneP")
    play.wait(60_000)
    #expect(play.status == .stuck)
    #expect(try play.send("W") == .deferred)
    play.operate(.retry)
    #expect(play.status == .completed)
  }

  @Test("an operator's cancel behind it is refused; a deadline behind it alerts once")
  func cancelBehind() throws {
    let play = try play(", \(Sagas.call("B", undo: false))")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoP", "DoneP")
    guard case .refused(let fault) = play.operate(.cancel) else {
      Issue.record("it can only go forward")
      return
    }
    #expect(fault.code == "operation.pivot")
    #expect(try play.send("Cancel") == .late)
    play.wait(7_200_000)
    #expect(play.count("saga.deadline") == 1)
    #expect(play.status == .running)
  }

  @Test("inside `choose` discards what was owed before it, at every depth")
  func inChoose() throws {
    let play = try Play(
      Sagas.steps(
        "\(Sagas.call("A")), { \"choose\": [ { \"steps\": [ \(Sagas.call("B")), \(Sagas.pivot) ] } ] }, \(Sagas.call("C"))",
        calls: "ABCP"))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "DoneB")
    #expect(play.machine.owedUndos(of: play.instance).count == 2)
    try play.reply(to: "DoP", "DoneP")
    #expect(play.machine.owedUndos(of: play.instance).isEmpty)
    try play.reply(to: "DoC", "DoneC")
    #expect(play.status == .completed)
  }

  @Test("`pivot` on a transition discards what is owed from there on")
  func transition() throws {
    let play = try Play(
      Sagas.role(
        """
        "a": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "b" }, "failed": { "goto": "z" } },
        "b": { "on": { "W": { "pivot": true, "goto": "c" } } },
        "c": { "on": { "Cancel": { "compensate": "'x'", "goto": "z" }, "End": { "goto": "y" } } },
        "z": { "final": "compensated" }, "y": { "final": "completed" }
        """, calls: "A", more: ["W", "Cancel", "End"]), role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.send("W")
    #expect(play.instance.owed.isEmpty)
    #expect(try play.send("Cancel") == .late)
    try play.send("End")
    #expect(play.status == .completed)
  }
}
