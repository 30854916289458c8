import Testing

@testable import SagaCore

@Suite("Checks of large definitions")
struct CheckSpeedTests {
  @Test("a ring of 200 states with as many types is checked in seconds")
  func ring() {
    let count = 200
    let messages =
      (0..<count).map { "\"M\($0)\": { \"key\": \"event.data.id\" }" } + ["\"Begun\": { \"key\": \"event.data.id\" }"]
    let states = (0..<count).map { state in
      "\"s\(state)\": { \"on\": { \"M\(state)\": { \"goto\": \"s\((state + 1) % count)\" } }, \"after\": { \"1d\": { \"goto\": \"end\" } } }"
    }
    let text = """
      { "saga": "ring", "version": 1, "messages": { \(messages.joined(separator: ", ")) },
        "roles": { "desk": { "start": { "Begun": { "goto": "s0" } },
          "states": { \(states.joined(separator: ", ")), "end": { "final": "completed" } } } } }
      """
    let time = ContinuousClock().measure {
      let loaded = LoadedDefinition.load(source: Array(text.utf8), file: "ring.json")
      // Each state may see the types of all others late or early.
      #expect(loaded.diagnostics.count { $0.code == "message.ambiguous" } == count)
    }
    #expect(time < .seconds(20))
  }

  @Test("twenty decisions in one commit of a role do not double the ways twenty times")
  func decisions() {
    let choices = (0..<20).map {
      "{ \"choose\": [ { \"when\": \"data.n == \($0)\", \"steps\": [ { \"set\": { \"n\": \"\($0 + 1)\" } } ] } ] }"
    }
    let text = """
      { "saga": "wide", "version": 1,
        "messages": { "Begun": { "key": "event.data.id" }, "Decided": { "key": "event.data.id" } },
        "data": { "type": "object", "properties": { "n": { "type": "integer", "default": 0 } } },
        "roles": {
          "decider": { "start": { "Begun": { "goto": "deciding" } }, "states": {
            "deciding": { "do": [ \(choices.joined(separator: ", ")) ],
              "done": { "publish": { "Decided": { "id": "saga.key" } }, "goto": "done" }, "failed": { "goto": "done" } },
            "done": { "final": "completed" } } },
          "listener": { "start": { "Decided": { "goto": "done" } }, "states": { "done": { "final": "completed" } } } } }
      """
    let time = ContinuousClock().measure {
      #expect(LoadedDefinition.load(source: Array(text.utf8), file: "wide.json").diagnostics == [])
    }
    #expect(time < .seconds(10))
  }
}
