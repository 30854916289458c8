import Testing

@testable import SagaCore

@Suite("Moving an instance to another version of its definition")
struct MigrationTests {
  /// An orchestration of the calls A and B, B being the pivot's neighbour, in a second version.
  private func second(_ steps: String, calls: String = "ABC", more: [String] = [], extra: String = "") throws -> Machine
  {
    try Play(
      Sagas.steps(steps, calls: calls, more: more, extra: extra).replacing("\"version\": 1", with: "\"version\": 2")
    ).machine
  }

  /// Version 1: A, then B, both with undo; A is answered, B is under way.
  private func atB() throws -> Play {
    let play = try Play(Sagas.steps("\(Sagas.call("A")), \(Sagas.call("B"))", calls: "ABC"))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    return play
  }

  @Test("what is under way goes on under its key, and what is owed is undone by the new version")
  func goesOn() throws {
    let play = try atB()
    let keys = play.keys("DoB")
    let moved = try play.migrate(to: second("\(Sagas.call("A")), \(Sagas.call("B")), \(Sagas.call("C"))"))
    #expect(moved.isEmpty)
    #expect(play.sent.count == 2, "nothing is sent by the move")
    play.wait(31_000)
    #expect(play.keys("DoB") == keys + keys, "the next attempt has the same key")
    try play.reply(to: "DoB", "DoneB")
    try play.reply(to: "DoC", "NoC")
    #expect(play.undoes("UndoB") == keys)
    try play.reply(to: "UndoB", "UndoneB")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("a renamed step is found by the mapping, and keeps the key it was begun with")
  func renamed() throws {
    let play = try atB()
    let keys = play.keys("DoB")
    let new = try second(
      "\(Sagas.call("A").replacing("stepA", with: "first")), \(Sagas.call("B").replacing("stepB", with: "second"))")
    #expect(try play.migrate(to: new).map(\.code) == [.step, .step])
    #expect(try play.migrate(to: new, ["steps": ["stepA": "first", "stepB": "second"]]).isEmpty)
    try play.reply(to: "DoB", "NoB")
    #expect(play.undoes("UndoA").count == 1)
    #expect(play.keys("DoB") == keys)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("a step that would never run, or run again, is an obstacle; a mapping may skip what is new")
  func order() throws {
    let inserted = try second("\(Sagas.call("A")), \(Sagas.call("C")), \(Sagas.call("B"))")
    var play = try atB()
    #expect(try play.migrate(to: inserted).map { [$0.code.rawValue, $0.subject] } == [["never-runs", "stepC"]])
    #expect(try play.migrate(to: inserted, ["skip": ["stepC"]]).isEmpty)
    try play.reply(to: "DoB", "DoneB")
    #expect(play.status == .completed)
    #expect(play.count("DoC") == 0)

    play = try atB()
    let swapped = try second("\(Sagas.call("B")), \(Sagas.call("A"))")
    let obstacles = try play.migrate(to: swapped, ["skip": ["stepA"]])
    #expect(obstacles.map(\.code) == [.runsAgain])
    #expect(obstacles.allSatisfy { $0.mend == nil })
  }

  @Test("another command, another destination, a reply that nothing takes: not under the same key")
  func calls() throws {
    let play = try atB()
    let other = Sagas.call("B").replacing("\"call\": \"DoB\"", with: "\"call\": \"DoC\"")
    #expect(try play.migrate(to: second("\(Sagas.call("A")), \(other)")).map(\.code) == [.command])
    let elsewhere = Sagas.call("B").replacing(
      "\"call\": \"DoB\", \"to\": \"p\"", with: "\"call\": \"DoB\", \"to\": \"q\"")
    #expect(try play.migrate(to: second("\(Sagas.call("A")), \(elsewhere)")).map(\.code) == [.command])
    let deaf = Sagas.call("B").replacing(", \"NoB\": { \"fail\": \"'no B'\" }", with: "")
    #expect(try play.migrate(to: second("\(Sagas.call("A")), \(deaf)")).map(\.code) == [.reply])
    let pivot = Sagas.call("B", undo: false, more: ", \"pivot\": true")
    #expect(try play.migrate(to: second("\(Sagas.call("A")), \(pivot)")).map(\.code) == [.pivot])
  }

  @Test("what was done can be undone after the move, or the instance stays")
  func owed() throws {
    let play = try atB()
    #expect(
      try play.migrate(to: second("\(Sagas.call("A", undo: false)), \(Sagas.call("B"))")).map(\.code) == [.undo])
    #expect(try play.migrate(to: second(Sagas.call("B"))).map(\.code) == [.step], "A is owed and gone")
    let another = Sagas.call("A").replacing("\"call\": \"DoA\"", with: "\"call\": \"DoC\"")
    #expect(try play.migrate(to: second("\(another), \(Sagas.call("B"))")).map(\.code) == [.command])
    let reading = Sagas.call("A", undoWith: "{ \"id\": \"event != null ? event.id : ''\" }")
    let obstacles = try play.migrate(to: second("\(reading), \(Sagas.call("B"))"))
    #expect(obstacles.map(\.code) == [.undo])
    #expect(obstacles.first?.message.contains("was not kept") ?? false)
  }

  @Test("an undo that is published is still its own where what is published stands in another order")
  func publishedUndo() throws {
    func publish(_ name: String) -> String {
      "{ \"publish\": { \"\(name)\": {} }, \"undo\": { \"publish\": { \"Not\(name)\": {} } } }"
    }
    let play = try Play(Sagas.steps("\(publish("One")), \(publish("Two")), \(Sagas.call("A"))", calls: "ABC"))
    try play.start("Go", ["k": "1"])
    #expect(
      try play.migrate(to: second("\(publish("Two")), \(publish("Three")), \(Sagas.call("A"))")).contains {
        $0.code == .step
      }, "the undo of One is owed and gone")
    #expect(try play.migrate(to: second("\(publish("Two")), \(publish("One")), \(Sagas.call("A"))")).isEmpty)
    try play.reply(to: "DoA", "NoA")
    #expect(play.types.suffix(3).dropLast() == ["NotTwo", "NotOne"], "in reverse of what was done")
  }

  @Test("an instance in the middle of its compensation goes on with it; a mended undo is retried under the new version")
  func stuckUndo() throws {
    let broken = Sagas.call("A", undoWith: "{ \"x\": \"data.bad.x\" }")
    let play = try Play(Sagas.steps("\(broken), \(Sagas.call("B"))", calls: "AB"))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "NoB")
    #expect(play.status == .stuck)
    #expect(try play.migrate(to: second("\(Sagas.call("A")), \(Sagas.call("B"))")).isEmpty)
    #expect(play.status == .stuck)
    #expect(play.count("saga.stuck") == 1, "the move is no second alert")
    play.operate(.retry)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("loops, branches and attempts under way go on where they are")
  func structure() throws {
    let steps = """
      { "forEach": "[1.0, 2.0]", "concurrency": 2, "steps": [
        { "parallel": [ [ { "try": [ \(Sagas.call("A", with: #"{ "item": "item" }"#)) ], "catch": [] } ],
                        [ { "choose": [ { "when": "item > 1.0", "steps": [ \(Sagas.call("B")) ] }, { "steps": [] } ] } ] ] } ] }
      """
    let play = try Play(Sagas.steps(steps, calls: "ABC"))
    try play.start("Go", ["k": "1"])
    #expect(
      try play.migrate(to: second(steps.replacing("[1.0, 2.0]", with: "[1.0, 2.0, 3.0]"))).map(\.code) == [.branches])
    let fewer = steps.replacing("{ \"choose\"", with: "{ \"set\": { \"x\": \"1.0\" } }, { \"choose\"")
    #expect(Set(try play.migrate(to: second(fewer)).map(\.code)) == [.neverRuns])
    #expect(try play.migrate(to: second("\(steps), \(Sagas.call("C"))")).isEmpty)
    try play.reply(to: "DoA", number: 0, "DoneA")
    try play.reply(to: "DoA", number: 1, "NoA")
    try play.reply(to: "DoB", "DoneB")
    #expect(play.types.last == "DoC")
    try play.reply(to: "DoC", "DoneC")
    #expect(play.status == .completed)
  }

  @Test("states are found by name or by the mapping; a state with steps can be entered anew")
  func states() throws {
    let old = Sagas.role(
      "\"a\": { \"on\": { \"Next\": { \"goto\": \"z\" } }, \"after\": { \"1h\": { \"goto\": \"z\" } } }, \"z\": { \"final\": \"completed\" }",
      calls: "A", more: ["Next"])
    let new = Sagas.role(
      """
      "b": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "z" }, "failed": { "goto": "z" }, "after": { "1h": { "goto": "z" }, "5m": {} } },
      "z": { "final": "completed" }
      """, calls: "A", more: ["Next"]
    ).replacing("\"version\": 1", with: "\"version\": 2").replacing("\"goto\": \"a\"", with: "\"goto\": \"b\"")
    let target = try Play(new, role: "r").machine
    func play() throws -> Play {
      let play = try Play(old, role: "r")
      try play.start("Go", ["k": "1"])
      play.wait(600_000)
      return play
    }
    #expect(try play().migrate(to: target).map(\.code) == [.state])
    func roles(_ state: JSON) -> JSON { ["roles": ["r": ["states": ["a": state]]]] }
    #expect(try play().migrate(to: target, roles("b")).map(\.code) == [.stepsNotBegun])
    #expect(try play().migrate(to: target, roles("z")).map(\.code) == [.stateKind])
    let entered = try play()
    #expect(try entered.migrate(to: target, roles(["enter": "b"])).isEmpty)
    #expect(entered.types == ["DoA"])
    try entered.reply(to: "DoA", "DoneA")
    #expect(entered.status == .completed)
  }

  @Test("timers go on from when they were set; a changed delay counts from there too, a new one from now")
  func timers() throws {
    func role(_ after: String, version: Int) -> String {
      Sagas.role(
        "\"a\": { \"after\": { \(after) } }, \"z\": { \"final\": \"completed\" }",
        extra: "\"after\": { \"90m\": { \"goto\": \"z\" } },"
      ).replacing("\"version\": 1", with: "\"version\": \(version)")
    }
    let play = try Play(role("\"1h\": { \"publish\": { \"Tick\": {} } }", version: 1), role: "r")
    try play.start("Go", ["k": "1"])
    play.wait(30 * 60_000)
    let new = try Play(
      role("\"40m\": { \"publish\": { \"Tick\": {} } }, \"50m\": { \"publish\": { \"Fifty\": {} } }", version: 2),
      role: "r")
    #expect(try play.migrate(to: new.machine).isEmpty)
    play.wait(10 * 60_000)
    #expect(play.types == ["Tick"], "40 minutes after the state was entered")
    play.wait(40 * 60_000 - 1)
    #expect(play.types == ["Tick"])
    play.wait(1)
    #expect(play.types == ["Tick", "Fifty"], "50 minutes after the move")
    play.wait(10 * 60_000)
    #expect(play.status == .completed, "the role's own timer counts from the start")
  }

  private static let hour: Int64 = 3_600_000

  @Test("a deadline that is a time in the new version comes then, and not earlier by the time that has passed")
  func deadlineAsTime() throws {
    func moved(to after: String) throws -> Play {
      func role(_ after: String, version: Int) -> String {
        Sagas.role(
          "\"a\": { \"on\": { \"Next\": { \"goto\": \"z\" } } }, \"z\": { \"final\": \"completed\" }", more: ["Next"],
          extra: "\"after\": { \"\(after)\": { \"goto\": \"z\" } },"
        ).replacing("\"goto\": \"a\"", with: "\"set\": { \"by\": \"event.data.by\" }, \"goto\": \"a\"")
          .replacing("\"version\": 1", with: "\"version\": \(version)")
      }
      let play = try Play(role("24h", version: 1), role: "r")
      // 36 hours after the start.
      try play.start("Go", ["k": "1", "by": "2023-11-16T10:13:20Z"])
      play.wait(10 * Self.hour)
      #expect(try play.migrate(to: Play(role(after, version: 2), role: "r").machine).isEmpty)
      return play
    }
    let cases: [(String, Int64)] = [("timestamp(data.by)", 36), ("now + duration('30h')", 30)]
    for (after, hours) in cases {
      let play = try moved(to: after)
      play.wait((hours - 10) * Self.hour - 1)
      #expect(play.status == .running, "\(after)")
      play.wait(1)
      #expect(play.status == .completed, "\(after)")
    }
  }

  /// An instance of a state with one list of `after`, moved to another list after two hours.
  private func moved(_ before: String, to after: String) throws -> Play {
    func role(_ after: String, version: Int) -> String {
      Sagas.role("\"a\": { \"after\": { \(after) } }, \"z\": { \"final\": \"completed\" }")
        .replacing("\"version\": 1", with: "\"version\": \(version)")
    }
    let play = try Play(role(before, version: 1), role: "r")
    try play.start("Go", ["k": "1"])
    play.wait(2 * Self.hour)
    #expect(try play.migrate(to: Play(role(after, version: 2), role: "r").machine).isEmpty)
    return play
  }

  @Test("no deadline is lost: every `after` of the new version that leads out of the state is armed")
  func deadlinesKept() throws {
    let remind = "{ \"publish\": { \"Reminder\": {} } }"
    let leave = "{ \"goto\": \"z\" }"
    let sometimes = "[ { \"when\": \"saga.version == 2\", \"goto\": \"z\" }, {} ]"
    let cases: [(String, String, Int64)] = [
      // The reminder has been sent; the deadline counts from when the state was entered.
      ("\"1h\": \(remind), \"30d\": \(leave)", "\"24h\": \(leave), \"2h\": \(remind)", 24),
      // Of the same delay, and another thing: from the move where it has fired, and else from when it was set.
      ("\"1h\": \(remind)", "\"1h\": \(leave)", 3), ("\"24h\": \(remind)", "\"24h\": \(leave)", 24),
      // It has fired and led nowhere.
      ("\"1h\": \(sometimes)", "\"3h\": \(sometimes)", 5),
      // It leads to the same state, and publishes something else.
      ("\"30d\": \(leave)", "\"24h\": { \"publish\": { \"Late\": {} }, \"goto\": \"z\" }", 24),
    ]
    for (before, after, hours) in cases {
      let play = try moved(before, to: after)
      play.wait((hours - 2) * Self.hour - 1)
      #expect(play.status == .running, "\(after)")
      play.wait(1)
      #expect(play.status == .completed, "\(after)")
      #expect(play.count("Reminder") == (before.contains("\"1h\": \(remind)") ? 1 : 0), "\(after)")
    }
  }

  @Test("an entry that has fired does not take away what a running deadline goes on as")
  func firedBesideRunning() throws {
    func role(_ after: String, version: Int) throws -> Play {
      try Play(
        Sagas.role(
          "\"a\": { \"on\": { \"Next\": { \"goto\": \"z\" } } }, \"z\": { \"final\": \"completed\" }", more: ["Next"],
          extra: "\"after\": { \(after) },"
        ).replacing("\"version\": 1", with: "\"version\": \(version)"), role: "r")
    }
    let never = "\"1h\": { \"when\": \"saga.version == 9\", \"goto\": \"z\" }"
    let play = try role("\(never), \"24h\": { \"goto\": \"z\" }", version: 1)
    try play.start("Go", ["k": "1"])
    play.wait(2 * Self.hour)
    #expect(try play.migrate(to: role("\"48h\": { \"goto\": \"z\" }", version: 2).machine).isEmpty)
    play.wait(46 * Self.hour - 1)
    #expect(play.status == .running)
    play.wait(1)
    #expect(play.status == .completed)
  }

  @Test("a compensation that an `after` has begun is not ended by one that undoes nothing: the instance stays")
  func begunByAnother() throws {
    let steps = "\(Sagas.call("A")), { \"step\": \"wait\", \"reply\": { \"W\": {} } }"
    func extra(_ after: String) -> String { "\"after\": { \(after) }," }
    let late = "{ \"compensate\": \"'late'\", \"publish\": { \"Late\": {} } }"
    let play = try Play(Sagas.steps(steps, calls: "A", more: ["W"], extra: extra("\"1h\": \(late)")))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    play.wait(Self.hour)
    let reminder = "\"1h\": { \"publish\": { \"Reminder\": {} } }, \"2h\": { \"compensate\": \"'late'\" }"
    let new = try second(steps, calls: "A", more: ["W"], extra: extra(reminder))
    #expect(try play.migrate(to: new).map(\.code) == [.transition])
  }

  @Test("a deadline that waits for the pivot goes on waiting, and is not set again")
  func waitingDeadline() throws {
    func role(_ after: String, version: Int) throws -> Play {
      try Play(
        Sagas.role(
          """
          "a": { "do": [ \(Sagas.call("A")) ], "done": { "goto": "b" }, "failed": { "goto": "z" } },
          "b": { "do": [ \(Sagas.pivot) ], "after": { "\(after)": { "goto": "c" } }, "done": { "goto": "y" },
                 "failed": { "goto": "z" } },
          "c": { "after": { "1h": { "goto": "y" } } },
          "z": { "final": "compensated" }, "y": { "final": "completed" }
          """, calls: "AP"
        ).replacing("\"version\": 1", with: "\"version\": \(version)"), role: "r")
    }
    let play = try role("30m", version: 1)
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    play.wait(Self.hour)
    #expect(play.instance.pending.count == 1)
    #expect(try play.migrate(to: role("45m", version: 2).machine).isEmpty)
    play.wait(Self.hour)
    #expect(play.instance.pending.count == 1)
  }

  @Test("a compensation that an `after` has begun ends as that one says, wherever it stands in the new version")
  func begunByDeadline() throws {
    let steps = "\(Sagas.call("A")), { \"step\": \"wait\", \"reply\": { \"W\": {} } }"
    func extra(_ more: String) -> String {
      "\"after\": { \(more)\"1h\": { \"compensate\": \"'late'\", \"publish\": { \"Late\": {} } } },"
    }
    let play = try Play(Sagas.steps(steps, calls: "A", more: ["W"], extra: extra("")))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    play.wait(Self.hour)
    #expect(play.status == .compensating)
    let new = try second(
      steps, calls: "A", more: ["W"], extra: extra("\"30m\": { \"publish\": { \"Half\": {} } }, "))
    #expect(try play.migrate(to: new).isEmpty)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
    #expect(play.count("Late") == 1)
    #expect(play.count("Half") == 0)
  }

  @Test(
    "data: new fields begin with their defaults; what does not fit is set or dropped by the mapping, over the data as it was"
  )
  func data() throws {
    func extra(_ properties: String, required: String) -> String {
      "\"data\": { \"type\": \"object\", \"additionalProperties\": false, \"required\": [\(required)], \"properties\": { \(properties) } },"
    }
    let play = try Play(
      Sagas.steps(
        Sagas.call("A"), calls: "ABC",
        extra: extra(
          "\"cents\": { \"type\": \"integer\", \"default\": 250 }, \"note\": { \"type\": \"string\", \"default\": \"x\" }",
          required: "\"cents\"")))
    try play.start("Go", ["k": "1"])
    let new = try second(
      Sagas.call("A"),
      extra: extra(
        "\"euros\": { \"type\": \"number\" }, \"tries\": { \"type\": \"integer\", \"default\": 3 }",
        required: "\"euros\""))
    let obstacles = try play.migrate(to: new)
    #expect(Set(obstacles.map(\.code)) == [.data])
    let mapping: JSON = ["set": ["euros": "double(data.cents) / 100.0"], "drop": ["cents", "note"]]
    #expect(try play.migrate(to: new, mapping).isEmpty)
    #expect(play.instance.data == ["euros": 2.5, "tries": 3])
    let failing = try Play(Sagas.steps(Sagas.call("A"), calls: "ABC"))
    try failing.start("Go", ["k": "1"])
    #expect(
      try failing.migrate(to: new, ["set": ["euros": "data.nothing"]]).contains { $0.message.contains("no value") })
  }

  @Test("messages that the instance keeps fit the new version, or it stays")
  func kept() throws {
    let extra = "\"on\": { \"Cancel\": { \"compensate\": \"'no'\" } },"
    let play = try Play(Sagas.steps(Sagas.call("A"), calls: "ABC", more: ["Cancel"], extra: extra))
    try play.start("Go", ["k": "1"])
    let cancel = play.event("Cancel")
    #expect(try play.migrate(to: second(Sagas.call("A")), keeping: [cancel]).map(\.code) == [.message])
    let strict = try second(Sagas.call("A"), more: ["Cancel"], extra: extra).source
    let text = String(decoding: strict, as: UTF8.self).replacing(
      "\"Cancel\": { \"key\": \"event.data.k\" }",
      with:
        "\"Cancel\": { \"key\": \"event.data.k\", \"schema\": { \"type\": \"object\", \"required\": [\"k\", \"why\"] } }"
    )
    #expect(try play.migrate(to: Play(text).machine, keeping: [cancel]).map(\.code) == [.message])
    #expect(try play.migrate(to: second(Sagas.call("A"), more: ["Cancel"], extra: extra), keeping: [cancel]).isEmpty)
  }

  @Test("a value under which messages find the instance can be recorded by the move")
  func correlations() throws {
    let play = try atB()
    _ = try play.migrate(
      to: second("\(Sagas.call("A")), \(Sagas.call("B"))"), ["correlate": ["parcel": "'p-' + saga.key"]])
    #expect(play.instance.correlations == [Correlation(name: "parcel", value: "p-1")])
    #expect(play.claims == [Correlation(name: "parcel", value: "p-1")])
  }

  @Test("what has ended keeps its version")
  func final() throws {
    let play = try atB()
    try play.reply(to: "DoB", "DoneB")
    #expect(try play.migrate(to: second("\(Sagas.call("A")), \(Sagas.call("B"))")).map(\.code) == [.final])
  }

  @Test(
    "a mapping that names what is not there, or computes nothing, says where",
    arguments: [
      (#"{"states": {"wrking": "working"}}"#, "/states", "did you mean 'working'"),
      (#"{"states": {"working": "nowhere"}}"#, "/states/working", "has no 'nowhere'"),
      (#"{"states": {"working": {"go": "x"}}}"#, "/states/working", "enter"),
      (#"{"steps": {"stepZ": "stepA"}}"#, "/steps", "did you mean"),
      (#"{"steps": {"stepA": "stepB"}}"#, "", "idempotency keys"),
      (#"{"steps": {"stepA": "stepC", "stepB": "stepC"}}"#, "/steps", "each has its own"),
      (#"{"skip": ["nothing"]}"#, "/skip", "has no 'nothing'"), (#"{"skip": "stepA"}"#, "/skip", "list"),
      (#"{"set": {"x": "1 +"}}"#, "/set/x", "1 +"), (#"{"stats": {}}"#, "/stats", "did you mean 'states'"),
      (#"[]"#, "", "an object"), (#"{"roles": {}, "skip": []}"#, "/skip", "beside"),
      (#"{"roles": 1}"#, "/roles", "not a number"), (#"{"steps": {"stepA": 1}}"#, "/steps/stepA", "not a number"),
    ])
  func mistakes(text: String, place: String, part: String) throws {
    let play = try atB()
    let new = try second("\(Sagas.call("A")), \(Sagas.call("B")), \(Sagas.call("C"))")
    do {
      _ = try MigrationPlan(from: play.machine, to: new, mapping: MigrationMapping(json: try JSON.parse(text)))
      Issue.record("the mapping is taken")
    } catch let error as MigrationMappingError {
      #expect(error.place.hasPrefix(place), "\(error)")
      #expect(error.message.contains(part), "\(error)")
    }
  }
}

extension Play {
  /// Moves the instance, and is from then on of the new version.
  ///
  /// - Returns: what stands in the way; then nothing has changed.
  func migrate(
    to new: Machine, _ mapping: JSON = .object(JSONObject()), keeping kept: [CloudEvent] = []
  ) throws -> [MigrationObstacle] {
    let plan = try MigrationPlan(from: machine, to: new, mapping: MigrationMapping(json: mapping))
    let decided = plan.migrate(
      instance, keeping: kept, by: "ada", reason: "a reason", context: DecisionContext(now: now, epoch: 1))
    switch decided {
    case .stays(let obstacles): return obstacles
    case .moved(let decision):
      become(new, decision)
      return []
    }
  }
}
