import Testing

@testable import SagaCore

@Suite("Replies, keys and the message table")
struct ReplyTests {
  func play(_ steps: String, calls: String = "AB", more: [String] = [], extra: String = "") throws -> Play {
    let play = try Play(Sagas.steps(steps, calls: calls, more: more, extra: extra))
    try play.start("Go", ["k": "1"])
    return play
  }

  @Test("a reply whose guards all fail counts as not named: it is late, the call goes on")
  func guardFails() throws {
    let step =
      #"{ "step": "w", "reply": { "W": [ { "when": "event.data.n > 5.0", "set": { "n": "event.data.n" } } ] } }"#
    let play = try play(step, more: ["W"])
    #expect(try play.send("W", ["k": "1", "n": 3]) == .late)
    #expect(play.status == .running)
    #expect(try play.send("W", ["k": "1", "n": 7]) == .handled)
    #expect(play.status == .completed)
    #expect(play.instance.data["n"] == .double(7))
  }

  @Test("a wait takes a message that carries the correlationid of another role or saga, even one with the same key")
  func foreignCorrelation() throws {
    let play = try play("{ \"step\": \"w\", \"reply\": { \"W\": {} } }", more: ["W"])
    let foreign = Slot(key: "1").hex + String(repeating: "ab", count: 16)
    #expect(try play.send("W", ["k": "1"], correlation: foreign) == .handled)
    #expect(play.status == .completed)
  }

  @Test("a reply with the correlationid of no call of ours does not answer ours")
  func otherCorrelation() throws {
    let play = try play(Sagas.call("A"))
    for correlation in [
      "x", Slot(key: "1").hex + String(repeating: "ab", count: 16), String(repeating: "z", count: 35),
    ] {
      #expect(try play.send("DoneA", ["k": "1"], correlation: correlation) == .late)
    }
    #expect(play.status == .running)
    try play.reply(to: "DoA", "DoneA")
    #expect(play.status == .completed)
  }

  @Test("a reply between two attempts is taken, and the next attempt is not sent")
  func betweenAttempts() throws {
    let play = try play(Sagas.call("A"))
    play.wait(30_500)
    #expect(play.count("DoA") == 1)
    try play.reply(to: "DoA", "DoneA")
    play.wait(100_000)
    #expect(play.count("DoA") == 1)
    #expect(play.status == .completed)
  }

  @Test(
    "idempotency keys: one per call and visit, distinct by element, the same in every attempt, and the correlationid ends with it"
  )
  func identity() throws {
    let play = try play(
      "{ \"forEach\": \"[1, 2]\", \"concurrency\": 2, \"steps\": [ { \"forEach\": \"[1, 2]\", \"concurrency\": 2, \"steps\": [ \(Sagas.call("A")) ] } ] }"
    )
    #expect(play.count("DoA") == 4)
    #expect(Set(play.keys("DoA")).count == 4)
    play.wait(31_000)
    #expect(play.count("DoA") == 8)
    #expect(Set(play.keys("DoA")).count == 4)
    #expect(Set(play.sent.map(\.event.id)).count == 8)
    for message in play.sent {
      #expect(message.event.correlationid?.hasSuffix(message.event.idempotencykey ?? "?") == true)
      #expect(message.event.source == "/sagas/s/1")
    }
    let other = try Play(Sagas.steps(Sagas.call("A"), calls: "A"))
    try other.start("Go", ["k": "1"])
    let again = try Play(Sagas.steps(Sagas.call("A"), calls: "A"))
    _ = again.event("Go")
    try again.start("Go", ["k": "1"])
    #expect(other.keys("DoA") != again.keys("DoA"), "another starting message is another incarnation")
  }

  @Test("`source` is percent-encoded")
  func source() throws {
    let play = try Play(Sagas.steps(Sagas.call("A"), calls: "A"))
    try play.start("Go", ["k": "a/b ü"])
    #expect(play.last("DoA")?.source == "/sagas/s/a%2Fb%20%C3%BC")
  }

  @Test(
    "`again` gives up after `attempts` visits as a business failure that owes nothing; earlier ones went unanswered owe theirs"
  )
  func again() throws {
    let step = """
      { "step": "a", "call": "DoA", "to": "p", "with": {}, "reply": { "DoneA": {}, "NoA": { "again": "1s" } }, "timeout": "30s",
        "retry": { "attempts": 2 }, "undo": { "call": "UndoA", "to": "p", "with": {}, "reply": { "UndoneA": {} } } }
      """
    let play = try play(step, calls: "A")
    try play.reply(to: "DoA", "NoA")
    #expect(try play.reply(to: "DoA", "DoneA") == .late, "the first visit is over")
    play.wait(1_000)
    try play.reply(to: "DoA", "NoA")
    #expect(play.status == .compensated)
    #expect(play.count("UndoA") == 0)
    #expect(play.count("DoA") == 2)
  }

  @Test("the table: handled, deferred, late, foreign, rejected, for an orchestration's open leaves")
  func table() throws {
    let wait = { (name: String) in "{ \"step\": \"w\(name)\", \"reply\": { \"\(name)\": {} } }" }
    let play = try play(
      "\(wait("One")), { \"choose\": [ { \"when\": \"saga.key == '1'\", \"steps\": [ \(wait("Two")) ] }, { \"steps\": [ \(wait("Three")) ] } ] }, { \"try\": [ \(wait("Four")) ], \"catch\": [ \(wait("Five")) ] }, \(wait("Six"))",
      more: ["One", "Two", "Three", "Four", "Five", "Six", "Bad"],
      extra: "\"reject\": [\"Bad\"], \"ignore\": [], \"on\": { \"Bad\": [ { \"when\": \"false\", \"set\": {} } ] },")
    #expect(try play.send("Three") == .deferred, "not decided yet")
    #expect(try play.send("Two") == .deferred)
    #expect(try play.send("Go") == .late, "a start type is an ordinary message")
    #expect(try play.send("Weather") == .foreign)
    var command = play.event("Weather")
    command.messagekind = "command"
    guard case .refused(let fault) = play.receive(command) else {
      Issue.record("a command that nothing takes is rejected")
      return
    }
    #expect(fault.code == "message.rejected")
    guard case .refused(let bad) = try play.send("Bad") else {
      Issue.record("listed under `reject`, and no guard holds")
      return
    }
    #expect(bad.code == "message.rejected")
    try play.send("One")
    #expect(play.facts.contains(.late(type: "Three")), "the other branch was taken: offered again, and late")
    #expect(play.facts.contains(.replied(step: "wTwo", type: "Two")))
    #expect(try play.send("Five") == .deferred, "the catch may still run")
    try play.send("Four")
    #expect(play.facts.contains(.late(type: "Five")), "it has not")
    #expect(try play.send("One") == .late)
    try play.send("Six")
    #expect(play.status == .completed)
  }

  @Test("messages kept are offered oldest first after every transition")
  func order() throws {
    let states = """
      "a": { "on": { "Open": { "goto": "b" } } },
      "b": { "on": { "Add": { "set": { "list": "data.list + [event.data.n]" } }, "End": { "goto": "z" } } }, "z": { "final": "completed" }
      """
    let definition = Sagas.role(states, more: ["Open", "Add", "End"]).replacing(
      "\"version\": 1,",
      with:
        "\"version\": 1, \"data\": { \"type\": \"object\", \"properties\": { \"list\": { \"type\": \"array\", \"default\": [] } } },"
    )
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    for number in 1...3 { #expect(try play.send("Add", ["k": "1", "n": .int(Int64(number))]) == .deferred) }
    #expect(try play.send("End") == .deferred)
    #expect(try play.send("Add", ["k": "1", "n": 4]) == .deferred)
    try play.send("Open")
    #expect(play.instance.data["list"] == [.double(1), .double(2), .double(3)])
    #expect(play.status == .completed, "the end came before the fourth")
  }

  @Test("all `set` expressions see the old data; guards are tried in order, before `set`")
  func set() throws {
    let states = """
      "a": { "on": { "Swap": [ { "when": "data.x == 9.0", "goto": "z" }, { "set": { "x": "data.y", "y": "data.x" } }, { "goto": "z" } ] } },
      "z": { "final": "completed" }
      """
    let definition = Sagas.role(states, more: ["Swap"]).replacing(
      "\"version\": 1,",
      with:
        "\"version\": 1, \"data\": { \"type\": \"object\", \"properties\": { \"x\": { \"type\": \"number\", \"default\": 1 }, \"y\": { \"type\": \"number\", \"default\": 2 } } },"
    )
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.send("Swap")
    #expect(play.instance.data["x"] == .double(2))
    #expect(play.instance.data["y"] == .double(1))
    #expect(play.status == .running)
  }

  @Test("paused: a final instance still absorbs, and the flag ends with the instance")
  func pausedFinal() throws {
    let play = try play(Sagas.call("A"))
    play.operate(.pause)
    play.operate(.cancel)
    play.wait(30_000)
    play.operate(.resume)
    play.wait(30_000)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    let other = try self.play(Sagas.call("A", undo: false))
    other.operate(.pause)
    other.operate(.cancel)
    #expect(other.status == .compensated)
    #expect(!other.instance.isPaused)
    #expect(try other.send("DoneA") == .late)
  }

  @Test("paused: a command that comes back is held like a timer, and unanswered at resume")
  func pausedUndeliverable() throws {
    let play = try play(Sagas.call("A"))
    play.operate(.pause)
    play.input(.undeliverable(idempotencyKey: play.keys("DoA")[0], reason: "gone"))
    play.wait(1_000_000)
    #expect(play.types == ["DoA"])
    play.operate(.resume)
    play.wait(1_000)
    #expect(play.types == ["DoA", "DoA"])
  }

  @Test("paused: due timers fire in due order at resume, deadlines count on")
  func pausedTimers() throws {
    let states = """
      "a": { "after": { "3s": { "publish": { "C": {} } }, "1s": { "publish": { "A": {} } }, "2s": { "publish": { "B": {} } } }, "on": { "End": { "goto": "z" } } },
      "z": { "final": "completed" }
      """
    let play = try Play(
      Sagas.role(states, more: ["End"], extra: #""after": { "2500ms": { "publish": { "R": {} } } },"#), role: "r")
    try play.start("Go", ["k": "1"])
    play.operate(.pause)
    play.wait(10_000)
    #expect(play.types.isEmpty)
    play.operate(.resume)
    play.wait(0)
    #expect(play.types == ["A", "B", "R", "C"])
  }

  @Test("logical time never goes back, whatever the clock does")
  func time() throws {
    let play = try play(Sagas.call("A"))
    let before = play.instance.updatedAt
    play.now = Timestamp(milliseconds: 5)
    try play.reply(to: "DoA", "NoA")
    #expect(play.instance.updatedAt == before)
    #expect(play.instance.failure?.time == before)
    #expect(play.last("Compensated")?.time == before.rfc3339)
  }

  @Test(
    "delays of any size and sign are armed without a trap",
    arguments: [
      "duration('-5s')", "duration('9000000000s')", "timestamp('0001-01-01T00:00:00Z')",
      "timestamp('9999-12-31T23:59:59Z')",
    ])
  func delays(expression: String) throws {
    let play = try Play(
      Sagas.role(
        "\"a\": { \"on\": { \"End\": { \"goto\": \"z\" } }, \"after\": { \"\(expression)\": { \"goto\": \"z\" } } }, \"z\": { \"final\": \"completed\" }",
        more: ["End"]), role: "r")
    try play.start("Go", ["k": "1"])
    play.wait(0)
    let isPast = expression.contains("-5s") || expression.contains("0001")
    #expect(play.status == (isPast ? .completed : .running))
  }
}

@Suite("Size")
struct SizeTests {
  /// Counts the work, not the time: an accidental square shows as a run that does not end.
  @Test("hundreds of calls side by side are answered, undone and settled")
  func hundreds() throws {
    let list = "[" + (0..<300).map { "\($0)" }.joined(separator: ",") + "]"
    let play = try Play(
      Sagas.steps(
        "{ \"forEach\": \"\(list)\", \"concurrency\": 300, \"steps\": [ \(Sagas.call("A")) ] }, \(Sagas.call("B"))",
        calls: "AB"))
    try play.start("Go", ["k": "1"])
    #expect(play.count("DoA") == 300)
    for index in 0..<300 { try play.reply(to: "DoA", number: index, "DoneA") }
    #expect(play.machine.owedUndos(of: play.instance).count == 300)
    try play.reply(to: "DoB", "NoB")
    #expect(play.count("UndoA") == 300)
    #expect(play.undoes("UndoA") == play.keys("DoA").reversed())
  }
}
