import Testing

@testable import SagaCore

@Suite("Checks of data, times and waits")
struct DataCheckTests {
  let read = "{ \"set\": { \"copy\": \"data.note\" } }"
  let note = "{ \"set\": { \"note\": \"'x'\" } }"

  @Test("a field is there when it was set on every way, has a default, or is asked for")
  func set() {
    #expect(Checked.steps("\(note), \(read)") == [])
    #expect(Checked.steps(read) == ["data.unset"])
    #expect(Checked.steps(read, data: "{ \"note\": { \"type\": \"string\", \"default\": \"\" } }") == [])
    #expect(Checked.steps("{ \"set\": { \"copy\": \"has(data.note) ? data.note : ''\" } }") == [])
  }

  @Test("a field set in one branch is there only behind a choice that sets it in all")
  func branches() {
    func choice(_ other: String) -> String {
      "{ \"choose\": [ { \"when\": \"saga.version == 2\", \"steps\": [ \(note) ] }, { \"steps\": [ \(other) ] } ] }, \(read)"
    }
    #expect(Checked.steps(choice("{ \"set\": { \"else\": 1 } }")) == ["data.unset"])
    #expect(Checked.steps(choice(note)) == [])
    #expect(Checked.steps(choice("{ \"fail\": \"'no'\" }")) == [])
    #expect(Checked.steps("{ \"forEach\": \"[1, 2]\", \"steps\": [ \(note) ] }, \(read)") == ["data.unset"])
    #expect(Checked.steps("{ \"parallel\": [ [ \(note) ], [] ] }, \(read)") == [])
  }

  @Test("a `catch` sees only what was set before its `try`")
  func recovery() {
    let failing = "{ \"choose\": [ { \"when\": \"saga.version == 2\", \"steps\": [ { \"fail\": \"'x'\" } ] } ] }"
    #expect(Checked.steps("{ \"try\": [ \(failing), \(note) ], \"catch\": [ \(read) ] }") == ["data.unset"])
    #expect(Checked.steps("\(note), { \"try\": [ \(failing) ], \"catch\": [ \(read) ] }") == [])
    #expect(Checked.steps("{ \"try\": [ \(note), \(failing) ], \"catch\": [ { \"fail\": \"'y'\" } ] }, \(read)") == [])
  }

  @Test("a role knows in a state what every way into it has set")
  func states() {
    func states(_ other: String) -> [String] {
      Checked.states(
        """
        "first": { "on": { "Told": { "set": { "note": "'x'" }, "goto": "second" } }, "after": { "1d": { \(other) "goto": "second" } } },
        "second": { "after": { "1d": { "publish": { "News": { "note": "data.note" } }, "goto": "done" } } }
        """)
    }
    #expect(states("") == ["data.unset"])
    #expect(states("\"set\": { \"note\": \"'y'\" },") == [])
  }

  /// A call with a time that reads the note.
  private func ask(_ more: String = "", again: String = "1h", undo: String = "") -> String {
    """
    { "step": "ask", "call": "Ask", "to": "party", \(more)
      "reply": { "AskDone": {}, "AskRefused": { "again": "\(again)" } },
      "undo": { "call": "UndoAsk", "to": "party", \(undo) "reply": { "AskUndone": {} } } }
    """
  }

  @Test("the times of a call are read like its payload: `timeout`, the waits of `retry`, and `again`")
  func times() {
    let wait = "\"duration(data.note)\""
    let calls = [
      ask("\"timeout\": \(wait),"), ask("\"retry\": { \"delay\": \(wait) },"),
      ask("\"retry\": { \"maxDelay\": \(wait) },"), ask(again: "duration(data.note)"),
    ]
    for call in calls {
      #expect(Checked.steps(call) == ["data.unset"], "\(call)")
      #expect(Checked.steps("\(note), \(call)") == [], "\(call)")
    }
  }

  @Test("`again` comes after what its reply sets")
  func again() {
    let reply = "{ \"set\": { \"note\": \"'1s'\" }, \"again\": \"duration(data.note)\" }"
    #expect(Checked.steps(ask().replacing("{ \"again\": \"1h\" }", with: reply)) == [])
  }

  @Test("the times of an undo are read like what it sends")
  func undoTimes() {
    for wait in ["\"timeout\": WAIT", "\"retry\": { \"delay\": WAIT }", "\"retry\": { \"maxDelay\": WAIT }"] {
      let call = ask(undo: wait.replacing("WAIT", with: "\"duration(data.note)\"") + ",")
      #expect(Checked.steps(call) == ["undo.unset"], "\(call)")
      #expect(Checked.steps("\(note), \(call)") == [], "\(call)")
    }
  }

  @Test("`settle` is read where calls can be in flight")
  func settle() {
    let settle = "\"settle\": \"duration(data.note)\","
    #expect(Checked.steps(Checked.ask, more: settle) == ["data.unset"])
    #expect(
      Checked.steps(
        Checked.ask, data: "{ \"note\": { \"type\": \"string\", \"default\": \"1s\" } }", more: settle) == [])
    func states(_ other: String) -> [String] {
      Checked.states(
        """
        "first": { "on": { "Told": { "set": { "note": "'1s'" }, "goto": "second" } }, "after": { "1d": { \(other) "goto": "second" } } },
        "second": { "do": [ \(Checked.ask) ], "done": { "goto": "done" }, "failed": { "goto": "gone" } }
        """, role: settle)
    }
    #expect(states("") == ["data.unset"])
    #expect(states("\"set\": { \"note\": \"'2s'\" },") == [])
  }

  @Test("a role's `after` is armed when the first message has set what it sets")
  func roleTimers() {
    func codes(_ other: String) -> [String] {
      Checked.codes(
        """
        { "saga": "s", "version": 1, "messages": { \(Checked.messages) }, "roles": { "desk": {
          "start": { "Begun": { "set": { "by": "event.data.by" }, "goto": "first" }\(other) },
          "after": { "timestamp(data.by)": { "goto": "done" } },
          "states": { "first": { "on": { "Told": { "goto": "done" } } }, "done": { "final": "completed" } } } } }
        """)
    }
    #expect(codes("") == [])
    #expect(codes(", \"Cancelled\": { \"set\": { \"by\": \"event.data.at\" }, \"goto\": \"first\" }") == [])
    #expect(codes(", \"Cancelled\": { \"goto\": \"first\" }") == ["data.unset"])
  }

  @Test("where pruning forgets too early, the finding names what says when it does")
  func retention() throws {
    let finding = try #require(try DefinitionFixtures.load("invalid", "retention.short.json").diagnostics.first)
    #expect(finding.message.contains("30d"))
    #expect(finding.mend.contains("forgetMilliseconds") && finding.mend.contains("--forget-after"))
  }

  @Test("a deadline counts up to the pivot, with every attempt")
  func deadlines() {
    // Five attempts of 30s and pauses of 1, 2, 4 and 8 seconds.
    #expect(Checked.steps(Checked.ask, after: "165s") == [])
    #expect(Checked.steps(Checked.ask, after: "164s") == ["deadline.short"])
    let wait = "{ \"step\": \"settle\", \"reply\": { \"Settled\": {} }, \"timeout\": \"2d\" }"
    #expect(Checked.steps("\(Checked.ask), \(Checked.ship), \(wait)", after: "1h") == [])
    #expect(Checked.steps("\(wait), \(Checked.ship)", after: "1d") == ["deadline.short"])
    #expect(Checked.steps("{ \"parallel\": [ [ \(wait) ], [ \(Checked.ask) ] ] }", after: "2d") == [])
  }

  @Test("behind a pivot a deadline ends nothing, so a later time may pass")
  func laterTimes() {
    func states(_ step: String, _ first: String) -> [String] {
      Checked.states(
        "\"first\": { \"do\": [ \(step) ], \"done\": { \"goto\": \"held\" }, \"failed\": { \"goto\": \"gone\" } }, "
          + "\"held\": { \"after\": { \"2h\": { \(first) }, \"3h\": { \"goto\": \"done\" } } }")
    }
    let compensation = "\"compensate\": \"'late'\", \"goto\": \"gone\""
    #expect(states(Checked.ship, compensation) == [])
    #expect(states(Checked.ask, compensation) == ["timer.unreachable"])
    #expect(states(Checked.ship, "\"goto\": \"done\"") == ["timer.unreachable"])
  }

  @Test("a loop that waits is no loop in one commit")
  func loops() {
    func looping(_ step: String) -> [String] {
      Checked.states(
        "\"first\": { \"do\": [ \(step) ], \"done\": { \"goto\": \"first\" }, \"failed\": { \"compensate\": \"'no'\", \"goto\": \"gone\" } }"
      )
    }
    #expect(looping(Checked.ask) == [])
    #expect(looping(note) == ["loop.unbounded"])
    #expect(looping("{ \"forEach\": \"[1]\", \"steps\": [ \(Checked.ask) ] }") == ["loop.unbounded"])
  }

  @Test("a reply to a call is found by its correlation, and never late and early at once")
  func replies() {
    let states = """
      "first": { "do": [ \(Checked.ask) ], "done": { "goto": "second" }, "failed": { "compensate": "'no'", "goto": "gone" } },
      "second": { "after": { "1h": { "goto": "first" } }, "on": { "Settled": { "goto": "done" } }, "defer": ["Told"] }
      """
    #expect(Checked.states(states, role: "\"ignore\": [\"Settled\"],") == ["handling.useless"])
  }
}
