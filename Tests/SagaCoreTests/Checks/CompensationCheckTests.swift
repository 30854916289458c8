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
}
