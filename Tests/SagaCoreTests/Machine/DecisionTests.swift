import Testing

@testable import SagaCore

@Suite("What is decided once, and what the table says")
struct DecisionTests {
  @Test("`forEach` keeps the list and `choose` the branch of their entry, whatever `data` becomes")
  func once() throws {
    let definition = Sagas.steps(
      """
      { "set": { "list": "['x', 'y']", "n": "1" } },
      { "forEach": "data.list", "concurrency": 1, "steps": [ \(Sagas.call("A", with: #"{ "item": "item" }"#)) ] },
      { "choose": [ { "when": "data.n == 1", "steps": [ \(Sagas.call("B")) ] }, { "steps": [ \(Sagas.call("C")) ] } ] }, \(Sagas.call("D"))
      """, calls: "ABCD", more: ["Change"],
      extra: #""on": { "Change": { "set": { "list": "['z']", "n": "event.data.n" } } },"#)
    let play = try Play(definition)
    try play.start("Go", ["k": "1"])
    try play.send("Change", ["k": "1", "n": 1])
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoA", "DoneA")
    #expect(play.data("DoA") == [["item": "x"], ["item": "y"]])
    #expect(play.types.last == "DoB")
    #expect(play.facts.contains { if case .chose(_, 0) = $0 { true } else { false } }, "the history has the branch")
    try play.send("Change", ["k": "1", "n": 2])
    try play.reply(to: "DoB", "DoneB")
    try play.reply(to: "DoD", "NoD")
    #expect(play.types.last == "UndoB", "undone by the branch taken")
    try play.reply(to: "UndoB", "UndoneB")
    try play.reply(to: "UndoA", "UndoneA")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.data("UndoA") == [["item": "y"], ["item": "x"]])
    #expect(play.status == .compensated)
  }

  @Test("in a cycle the state's word counts, else the role's: `defer`, `ignore` or `reject`")
  func cycle() throws {
    let definition = Sagas.role(
      """
      "a": { "on": { "Turn": { "goto": "b" } }, "defer": ["X"] },
      "b": { "on": { "Turn": { "goto": "c" }, "X": { "publish": { "Told": {} } }, "Y": {}, "Z": {} }, "ignore": [] },
      "c": { "on": { "Turn": { "goto": "a" }, "End": { "goto": "z" } }, "reject": ["X"] }, "z": { "final": "completed" }
      """, more: ["Turn", "X", "Y", "Z", "End"], extra: #""ignore": ["X", "Y"], "reject": ["Z"],"#)
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    #expect(try play.send("X") == .deferred, "the state says `defer`")
    #expect(try play.send("Y") == .late, "the role says `ignore`")
    guard case .refused(let role) = try play.send("Z") else {
      Issue.record("the role says `reject`")
      return
    }
    #expect(role.code == "message.rejected")
    try play.send("Turn")
    #expect(play.count("Told") == 1, "what was kept is offered in the next state")
    #expect(try play.send("Y") == .handled, "a state that takes a type needs no word for it")
    try play.send("Turn")
    guard case .refused(let state) = try play.send("X") else {
      Issue.record("the state says `reject`")
      return
    }
    #expect(state.code == "message.rejected")
    #expect(play.status == .running && play.state == "c")
  }

  @Test("of a choreography is compensating handles replies to undos and to abandoned calls, and keeps all else")
  func compensating() throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ \(Sagas.call("A")) ], "on": { "Leave": { "goto": "b" } }, "done": { "goto": "b" }, "failed": { "goto": "y" } },
      "b": { "do": [ \(Sagas.call("B")) ], "done": { "goto": "c" }, "failed": { "goto": "y" } },
      "c": { "on": { "Back": { "compensate": "'back'", "goto": "d" }, "Tick": {}, "Other": {} } },
      "d": { "on": { "Tick": { "publish": { "Ticked": {} } }, "End": { "goto": "y" } } }, "y": { "final": "compensated" }
      """, calls: "AB", more: ["Leave", "Back", "Tick", "Other", "End"],
      extra: #""on": { "Wide": { "publish": { "Widened": {} } } },"#
    ).replacing("\"Go\": { \"key\"", with: "\"Wide\": { \"key\": \"event.data.k\" }, \"Go\": { \"key\"")
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    try play.send("Leave")
    try play.reply(to: "DoB", "DoneB")
    try play.send("Back")
    #expect(play.status == .compensating)
    for type in ["Tick", "Wide", "Other"] { #expect(try play.send(type) == .deferred, "\(type)") }
    #expect(play.count("Widened") == 0)
    #expect(try play.reply(to: "DoA", "DoneA") == .handled, "an abandoned call's")
    #expect(try play.reply(to: "UndoB", "UndoneB") == .handled, "an undo's")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.state == "d")
    #expect(play.types.suffix(2) == ["Ticked", "Widened"])
    #expect(play.facts.contains(.late(type: "Other")))
  }

  @Test("of any status changes nothing when it is final: a final state absorbs everything")
  func absorbs() throws {
    let play = try Play(Sagas.steps(Sagas.call("A"), calls: "A", more: ["X"], extra: #""reject": ["X"],"#))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    let before = (play.types, play.instance.status, play.instance.data)
    for type in ["Go", "DoneA", "NoA", "UndoneA"] { #expect(try play.send(type) == .late) }
    #expect(try play.reply(to: "DoA", "DoneA") == .late)
    play.wait(86_400_000)
    #expect(play.types == before.0 && play.status == before.1 && play.instance.data == before.2)
  }
}
