import Testing

@testable import SagaCore

@Suite("Checks of compensation")
struct CompensationCheckTests {
  @Test("a pivot may stand in each branch of a choice, and only what can come behind one is behind it")
  func branches() {
    let choice =
      "{ \"choose\": [ { \"when\": \"saga.version == 1\", \"steps\": [ \(Checked.ship) ] }, { \"steps\": [] } ] }"
    #expect(Checked.steps("\(Checked.ask), \(choice)") == [])
    #expect(Checked.steps("\(choice), \(Checked.ask)") == ["pivot.compensatable", "pivot.failure"])
  }

  @Test("a role is behind the pivot in every state that can follow it")
  func states() {
    let first =
      "\"first\": { \"on\": { \"Told\": { \"pivot\": true, \"goto\": \"second\" } }, \"after\": { \"1d\": { \"goto\": \"second\" } } }"
    let second =
      "\"second\": { \"do\": [ \(Checked.ask) ], \"done\": { \"goto\": \"done\" }, \"failed\": { \"goto\": \"gone\" } }"
    #expect(Checked.states("\(first), \(second)") == ["pivot.compensatable", "pivot.failure"])
    #expect(Checked.states("\(first.replacing("\"pivot\": true, ", with: "")), \(second)") == [])
  }

  @Test("steps that fail undo what they owe, and not what earlier states owe")
  func owedByEarlierStates() {
    func definition(_ failed: String) -> [String] {
      Checked.states(
        """
        "first": { "do": [ \(Checked.ask) ], "done": { "goto": "second" }, "failed": { "goto": "gone" } },
        "second": { "do": [ { "fail": "'always'" } ], "done": { "goto": "done" }, "failed": { \(failed) "goto": "gone" } }
        """)
    }
    #expect(definition("") == ["final.owed"])
    #expect(definition("\"compensate\": \"'failed'\",") == [])
  }

  @Test("what is in flight is owed when a message leads away")
  func inFlight() {
    let state = "\"do\": [ \(Checked.ask) ], \"done\": { \"goto\": \"done\" }, \"failed\": { \"goto\": \"gone\" }"
    #expect(Checked.states("\"first\": { \(state), \"on\": { \"Told\": { \"goto\": \"gone\" } } }") == ["final.owed"])
    #expect(
      Checked.states(
        "\"first\": { \(state), \"on\": { \"Told\": { \"compensate\": \"'told'\", \"goto\": \"gone\" } } }") == [])
  }

  @Test("a publication needs an undo only where something can still fail before the pivot")
  func publications() {
    let publish = "{ \"publish\": { \"News\": {} } }"
    #expect(Checked.steps("\(publish), \(Checked.ask), \(Checked.ship)") == ["publish.undo"])
    #expect(Checked.steps("\(Checked.ask), \(Checked.ship), \(publish)") == [])
    #expect(Checked.steps("\(Checked.ask), \(publish)") == [])
    #expect(Checked.steps("{ \"publish\": { \"News\": {} }, \"undo\": \"none\" }, \(Checked.ship)") == [])
    #expect(Checked.steps("{ \"parallel\": [ [ \(publish) ], [ \(Checked.ask) ] ] }") == ["publish.undo"])
  }

  @Test("a step that is refused, asked again or caught is no failure behind the pivot unless it fails")
  func again() {
    let again =
      "{ \"step\": \"ask\", \"call\": \"Ask\", \"to\": \"party\", \"reply\": { \"AskDone\": {}, \"AskRefused\": { \"again\": \"1h\" } } }"
    #expect(Checked.steps("\(Checked.ship), \(again)") == [])
  }

  @Test("a plain `goto` out of a state whose steps have the pivot is told of, wherever it stands")
  func left() {
    func state(_ more: String, _ step: String = Checked.ship, role: String = "") -> [String] {
      Checked.states(
        "\"first\": { \"do\": [ \(step) ], \(more) \"done\": { \"goto\": \"done\" }, \"failed\": { \"goto\": \"gone\" } }",
        role: role)
    }
    let told = "\"on\": { \"Told\": { \"goto\": \"done\" } },"
    #expect(state(told) == ["pivot.left"])
    #expect(state("", role: told) == ["pivot.left"])
    #expect(state("\"after\": { \"1d\": { \"goto\": \"done\" } },") == ["pivot.left"])
    #expect(state(told, Checked.ask) == [], "no pivot is left behind")
    #expect(state("\"on\": { \"Told\": { \"compensate\": \"'told'\", \"goto\": \"gone\" } },") == [])
    #expect(state("\"on\": { \"Told\": { \"publish\": { \"News\": {} } } },") == [], "nothing is left")
  }

  private static let wait = "{ \"step\": \"settle\", \"reply\": { \"Settled\": {} }, \"timeout\": \"2d\" }"

  @Test("a transition that stays may pass the pivot while any step of its state waits, and not before")
  func inside() {
    let told = "\"on\": { \"Told\": { \"pivot\": true } },"
    #expect(Checked.steps(Checked.ask, more: told) == ["pivot.compensatable", "pivot.failure"])
    #expect(Checked.steps(Checked.ship, more: told) == ["pivot.second"])
    let failing = "{ \"choose\": [ { \"when\": \"saga.version == 2\", \"steps\": [ { \"fail\": \"'x'\" } ] } ] }"
    #expect(Checked.steps("\(failing), \(Self.wait)", more: told) == [])
    #expect(Checked.steps("\(Self.wait), \(failing)", more: told) == ["pivot.failure"])
    #expect(Checked.steps("\(Self.wait), \(failing)", more: told.replacing("true", with: "false")) == [])
  }

  @Test("what stays and passes the pivot is behind the role in every state that follows")
  func insideStates() {
    let second =
      "\"second\": { \"do\": [ \(Checked.ask) ], \"done\": { \"goto\": \"done\" }, \"failed\": { \"goto\": \"gone\" } }"
    func first(_ settled: String, _ told: String = "\"pivot\": true") -> String {
      "\"first\": { \"on\": { \"Told\": { \(told) }, \"Settled\": { \(settled)\"goto\": \"second\" } }, \"after\": { \"1d\": { \"goto\": \"done\" } } }"
    }
    #expect(Checked.states("\(first("")), \(second)") == ["pivot.compensatable", "pivot.failure"])
    #expect(Checked.states("\(first("", "")), \(second)") == [])
    let last = "\"second\": { \"after\": { \"1d\": { \"goto\": \"done\" } } }"
    #expect(Checked.states("\(first("\"pivot\": true, ")), \(last)") == ["pivot.second"])
  }

  @Test("a state that takes the message itself never comes to the role's pivot")
  func shadowed() {
    func states(_ own: String) -> [String] {
      Checked.states(
        "\"first\": { \"do\": [ \(Checked.ask) ], \(own) \"done\": { \"goto\": \"done\" }, \"failed\": { \"goto\": \"gone\" } }",
        role: "\"on\": { \"Told\": { \"pivot\": true } },")
    }
    #expect(states("") == ["pivot.compensatable", "pivot.failure"])
    #expect(states("\"on\": { \"Told\": {} },") == [])
  }

  @Test("whether the pivot is passed beside the steps depends on what comes, so it is a warning")
  func warned() {
    func severities(_ transitions: String) -> [Diagnostic.Severity] {
      Checked.findings(
        """
        { "saga": "s", "version": 1, "messages": { \(Checked.messages) }, "start": { "Begun": {} },
          "on": { "Told": \(transitions) }, "steps": [ \(Checked.ask) ] }
        """
      ).map(\.severity)
    }
    #expect(severities("{ \"pivot\": true }") == [.warning, .warning])
    #expect(severities("[ { \"when\": \"saga.version == 2\", \"pivot\": true }, {} ]") == [.warning, .warning])
  }
}
