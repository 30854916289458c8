import Testing

@testable import SagaCore

@Suite("A call")
struct CallTests {
  func play(_ steps: String, calls: String = "AB", extra: String = "") throws -> Play {
    let play = try Play(Sagas.steps(steps, calls: calls, extra: extra))
    try play.start("Go", ["k": "1"])
    return play
  }

  /// When each message of a type was sent, in milliseconds since the start.
  func times(_ type: String, _ play: Play) throws -> [Int64] {
    let start = try #require(play.instance).startedAt
    return try play.sent.filter { $0.event.type == type }.map { message in
      try #require(message.event.timestamp).milliseconds(since: start)
    }
  }

  @Test("has the same grammar in `steps` and in a state's `do`")
  func sameGrammar() throws {
    let steps = """
      \(Sagas.call("A")), { "forEach": "['x', 'y']", "concurrency": 2, "steps": [ \(Sagas.call("B", with: #"{ "item": "item" }"#)) ] },
      { "parallel": [ [ \(Sagas.call("C")) ], [ { "set": { "n": "1" } } ] ] },
      { "choose": [ { "when": "data.n == 1", "steps": [ { "publish": { "Told": {} }, "undo": "none" } ] } ] },
      { "try": [ { "fail": "'no'" } ], "catch": [ { "step": "w", "reply": { "W": {} } } ] }
      """
    let orchestration = try Play(Sagas.steps(steps, calls: "ABC", more: ["W"]))
    let role = try Play(
      Sagas.role(
        """
        "a": { "do": [ \(steps) ], "done": { "publish": { "Completed": {} }, "goto": "z" }, "failed": { "goto": "y" } },
        "z": { "final": "completed" }, "y": { "final": "compensated" }
        """, calls: "ABC", more: ["W"]), role: "r")
    for play in [orchestration, role] {
      try play.start("Go", ["k": "1"])
      try play.reply(to: "DoA", "DoneA")
      for index in 0..<2 { try play.reply(to: "DoB", number: index, "DoneB") }
      try play.reply(to: "DoC", "DoneC")
      try play.send("W", ["k": "1"])
      #expect(play.status == .completed)
    }
    #expect(orchestration.types == ["DoA", "DoB", "DoB", "DoC", "Told", "Completed"])
    #expect(role.types == orchestration.types)
    #expect(role.data("DoB") == orchestration.data("DoB"))
  }

  @Test("without `reply` is sent and not awaited, and is undone like any other")
  func notAwaited() throws {
    let step = """
      { "step": "tell", "call": "Tell", "to": "p", "with": { "n": "saga.key" },
        "undo": { "call": "Untell", "to": "p", "with": { "known": "event != null" } } }
      """
    let play = try play("\(step), \(Sagas.call("B"))")
    #expect(play.types == ["Tell", "DoB"], "the next step follows in the same commit")
    #expect(play.instance.timers.count == 1, "only B is timed")
    try play.reply(to: "DoB", "NoB")
    #expect(play.data("Untell") == [["known": false]])
    #expect(play.undoes("Untell") == play.keys("Tell"))
    #expect(play.status == .compensated, "an undo without `reply` is not awaited either")
  }

  @Test("without `timeout` and `retry` waits 30s, is sent 5 times and backs off 1s, 2s, 4s, 8s")
  func defaults() throws {
    let step = #"{ "step": "a", "call": "DoA", "to": "p", "with": {}, "reply": { "DoneA": {} } }"#
    let play = try play(step)
    play.wait(86_400_000)
    #expect(try times("DoA", play) == [0, 31_000, 63_000, 97_000, 135_000])
    #expect(play.status == .compensated)
    #expect(play.instance.failure?.kind == .unknown)
    #expect(play.instance.failure?.time.milliseconds(since: play.instance.startedAt) == 165_000)
  }

  @Test("backs off by `factor` up to `maxDelay`, at most `attempts` times, and then is unknown, which owes the undo")
  func backoff() throws {
    let call = Sagas.call("A").replacing(
      #""retry": { "attempts": 2, "delay": "1s" }, "undo""#,
      with: #""retry": { "attempts": 6, "delay": "1s", "factor": 3, "maxDelay": "10s" }, "undo""#)
    let play = try play(call)
    play.wait(300_000)
    let sent = try times("DoA", play)
    #expect(zip(sent.dropFirst(), sent).map { $0 - $1 - 30_000 } == [1_000, 3_000, 9_000, 10_000, 10_000])
    #expect(play.count("UndoA") > 0)
    #expect(play.undoes("UndoA").first == play.keys("DoA").first)
  }

  @Test("varies its delay by `jitter`, a hash of key and attempt: within the share, the same in every run")
  func jitter() throws {
    let call = Sagas.call("A").replacing(
      #""retry": { "attempts": 2, "delay": "1s" }, "undo""#,
      with: #""retry": { "attempts": 8, "delay": "10s", "factor": 1, "jitter": 0.2 }, "undo""#)
    func delays(_ key: JSON) throws -> [Int64] {
      let play = try Play(Sagas.steps(call, calls: "A"))
      try play.start("Go", ["k": key])
      play.wait(600_000)
      let sent = try times("DoA", play)
      return zip(sent.dropFirst(), sent).map { $0 - $1 - 30_000 }
    }
    let first = try delays("1")
    #expect(first.count == 7)
    #expect(first.allSatisfy { (8_000...12_000).contains($0) })
    #expect(Set(first).count > 3, "another attempt, another delay")
    #expect(try delays("1") == first)
    #expect(try delays("2") != first)
  }

  @Test("has another key in another saga, role, instance or step; its message ids follow the epoch, its key does not")
  func keys() throws {
    func sent(saga: String = "s", role: String = "r", key: String = "1", step: String = "stepA", epoch: Int64 = 1)
      throws -> CloudEvent
    {
      let definition = Sagas.role(
        #""a": { "do": [ \#(Sagas.call("A")) ], "done": { "goto": "z" }, "failed": { "goto": "z" } }, "z": { "final": "compensated" }"#,
        calls: "A"
      ).replacing("\"saga\": \"s\"", with: "\"saga\": \"\(saga)\"").replacing("\"r\": {", with: "\"\(role)\": {")
        .replacing("stepA", with: step)
      let play = try Play(definition, role: role)
      let event = play.event("Go", ["k": .string(key)])
      let context = DecisionContext(now: play.now, epoch: epoch)
      guard case .started(let decision) = play.machine.start(event, key: key, context: context) else {
        throw Play.Refused(text: "not started")
      }
      return try #require(decision.outgoing.first).event
    }
    let plain = try sent()
    #expect(try sent().id == plain.id, "the same decision makes the same ids")
    let others = [
      try sent(saga: "t"), try sent(role: "q"), try sent(key: "2"), try sent(step: "other"),
    ]
    #expect(Set(([plain] + others).map(\.idempotencykey)).count == 5)
    let restored = try sent(epoch: 2)
    #expect(restored.idempotencykey == plain.idempotencykey)
    #expect(restored.id != plain.id)
    #expect(plain.source == "/sagas/s/r/1", "saga, role and key")
  }

  @Test("that is closed takes no further reply, although another open call takes its type")
  func closed() throws {
    let play = try play(
      "{ \"forEach\": \"[1, 2]\", \"concurrency\": 2, \"steps\": [ \(Sagas.call("A")) ] }")
    try play.reply(to: "DoA", number: 0, "DoneA")
    #expect(try play.reply(to: "DoA", number: 0, "DoneA") == .late)
    #expect(play.status == .running)
    try play.reply(to: "DoA", number: 1, "DoneA")
    #expect(play.status == .completed)
  }

  @Test("whose `fail` reply comes is not retried, owes nothing, and the step fails")
  func business() throws {
    let play = try play("\(Sagas.call("A")), \(Sagas.call("B"))")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    play.wait(20_000)
    #expect(play.count("DoB") == 1)
    #expect(play.types.filter { $0.hasPrefix("Undo") } == ["UndoA"])
    #expect(play.machine.owedUndos(of: play.instance).map(\.step) == ["stepA"])
  }

  @Test("in flight when compensation begins is awaited 30s at most unless `settle` says otherwise")
  func settleDefault() throws {
    let slow = Sagas.call("A").replacing("\"timeout\": \"30s\",\n", with: "\"timeout\": \"1h\",\n")
    let play = try play("{ \"parallel\": [ [ \(slow) ], [ \(Sagas.call("B", undo: false)) ] ] }")
    try play.reply(to: "DoB", "NoB")
    play.wait(29_999)
    #expect(play.count("UndoA") == 0)
    play.wait(1)
    #expect(play.count("UndoA") == 1)
  }
}

extension CallTests {
  @Test("to undo waits 30s and is sent 10 times unless it says otherwise, then the instance is stuck")
  func undoDefaults() throws {
    let step = """
      { "step": "a", "call": "DoA", "to": "p", "with": {}, "reply": { "DoneA": {} },
        "undo": { "call": "UndoA", "to": "p", "with": {}, "reply": { "UndoneA": {} } } }
      """
    let play = try play("\(step), \(Sagas.call("B"))")
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    play.wait(29_999)
    #expect(play.count("UndoA") == 1)
    play.wait(86_400_000)
    #expect(play.count("UndoA") == 10)
    #expect(Set(play.keys("UndoA")).count == 1)
    #expect(play.status == .stuck)
  }

  @Test("is undone by another call also where it is a child saga that has completed")
  func completedChild() throws {
    let step = """
      { "step": "hotel", "call": "BookHotel", "to": "hotel", "with": {}, "reply": { "DoneA": {} },
        "undo": { "call": "CancelHotel", "to": "hotel", "with": { "id": "event != null ? event.data.id : ''" }, "reply": { "UndoneA": {} } } }
      """
    let play = try play("\(step), \(Sagas.call("B"))")
    try play.reply(to: "BookHotel", "DoneA", ["id": "h1"])
    try play.reply(to: "DoB", "NoB")
    #expect(play.last("CancelHotel")?.data == ["id": "h1"])
    #expect(play.last("CancelHotel")?.messagekind == "command", "the child is asked; nothing reaches into it")
  }

  @Test("that only publishes before the pivot is undone by its own publication, or not at all where it says so")
  func publishes() throws {
    let play = try play(
      """
      { "publish": { "Told": {} }, "undo": { "publish": { "Untold": { "why": "saga.failure.reason" } } } },
      { "publish": { "Shown": {} }, "undo": "none" }, \(Sagas.call("A"))
      """)
    try play.reply(to: "DoA", "NoA")
    #expect(play.types == ["Told", "Shown", "DoA", "Untold", "Compensated"])
    #expect(play.data("Untold") == [["why": "no A"]])
  }

  @Test(
    "of unknown outcome owes its undo once more when its success comes late, whatever the status",
    arguments: [
      "running", "stuck", "paused", "completed", "compensated", "behind the pivot",
    ])
  func lateSuccess(status: String) throws {
    let steps = """
      { "try": [ \(Sagas.call("A", undoWith: #"{ "known": "event != null" }"#)) ], "catch": [ { "set": { "n": "1" } } ] }, \(Sagas.pivot), \(Sagas.call("B", undo: false))
      """
    let play = try play(steps, calls: "ABP")
    play.wait(61_000)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.types.last == "DoP")
    switch status {
    case "paused": play.operate(.pause)
    case "compensated": try play.reply(to: "DoP", "NoP")
    case "running": break
    default:
      try play.reply(to: "DoP", "DoneP")
      if status == "stuck" { try play.reply(to: "DoB", "NoB") }
      if status == "completed" { try play.reply(to: "DoB", "DoneB") }
    }
    let before = play.status
    try play.reply(to: "DoA", "DoneA")
    if status == "paused" {
      #expect(play.count("UndoA") == 1, "kept until resume")
      play.operate(.resume)
    }
    #expect(play.count("saga.late-success") == 1)
    #expect(play.data("UndoA") == [["known": false], ["known": true]])
    #expect(Set(play.keys("UndoA")).count == 2 && Set(play.undoes("UndoA")).count == 1)
    try play.reply(to: "UndoA", number: 1, "UndoneA")
    #expect(play.status == before, "and then it is what it was")
    #expect(play.count("UndoA") == 2)
  }
}

extension CallTests {
  @Test("computes its backoff with its own item, as its inputs are")
  func ownItem() throws {
    let call = Sagas.call("A", undo: false).replacing(
      #""retry": { "attempts": 2, "delay": "1s" }"#,
      with: #""retry": { "attempts": 2, "delay": "duration(item)", "maxDelay": "duration(item)" }"#)
    let play = try play("{ \"forEach\": \"['5s', '7s']\", \"concurrency\": 2, \"steps\": [ \(call) ] }")
    play.wait(36_999)
    #expect(try times("DoA", play) == [0, 0, 35_000])
    play.wait(1)
    #expect(try times("DoA", play) == [0, 0, 35_000, 37_000])
  }

  @Test("whose backoff cannot be computed is stuck there; `retry` begins again, and a reply is not lost")
  func incalculableBackoff() throws {
    let call = Sagas.call("A").replacing(
      #""retry": { "attempts": 2, "delay": "1s" }, "undo""#,
      with: #""retry": { "attempts": 2, "delay": "duration(data.bad.x)" }, "undo""#)
    let play = try play("\(call), \(Sagas.call("B"))")
    play.wait(30_000)
    #expect(play.status == .stuck)
    #expect(play.count("DoA") == 1)
    play.operate(.retry)
    #expect(play.status == .running)
    #expect(play.count("DoA") == 2)
    try play.reply(to: "DoA", "DoneA")
    #expect(play.types.last == "DoB")
  }

  @Test("settles for the default time where `settle` cannot be computed, and the history says so")
  func incalculableSettle() throws {
    let play = try play(
      "{ \"parallel\": [ [ \(Sagas.call("A")) ], [ \(Sagas.call("B", undo: false)) ] ] }",
      extra: "\"settle\": \"duration(data.bad.x)\",")
    try play.reply(to: "DoB", "NoB")
    #expect(play.status == .compensating)
    #expect(play.notes("`settle`") == 1)
    play.wait(30_000)
    #expect(play.count("UndoA") == 1)
  }

  @Test("to undo may take its time from the reply of its action")
  func undoTimeFromReply() throws {
    let step = """
      { "step": "a", "call": "DoA", "to": "p", "with": {}, "reply": { "DoneA": {} },
        "undo": { "call": "UndoA", "to": "p", "with": {}, "reply": { "UndoneA": {} },
          "timeout": "duration(event != null ? string(event.data.time) : '1s')",
          "retry": { "attempts": 3, "delay": "duration(event != null ? string(event.data.wait) : '1s')" } } }
      """
    let play = try play("\(step), \(Sagas.call("B"))")
    try play.reply(to: "DoA", "DoneA", ["time": "5s", "wait": "3s"])
    try play.reply(to: "DoB", "NoB")
    play.wait(13_999)
    #expect(try times("UndoA", play) == [0, 8_000])
    play.wait(5_001)
    #expect(try times("UndoA", play) == [0, 8_000, 19_000])
  }
}
