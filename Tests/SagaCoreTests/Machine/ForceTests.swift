import Testing

@testable import SagaCore

@Suite("An operator leads an instance to a state")
struct ForceTests {
  static let role = Sagas.role(
    """
    "a": { "do": [ \(Sagas.call("A")), \(Sagas.call("B")) ], "done": { "goto": "b" }, "failed": { "goto": "y" },
           "after": { "1h": { "publish": { "Late": {} } } } },
    "b": { "on": { "Next": { "goto": "z" }, "Back": { "goto": "b" } }, "after": { "2h": { "publish": { "Later": {} } } } },
    "y": { "final": "compensated", "publish": {} }, "z": { "final": "completed" }
    """.replacing(", \"publish\": {}", with: ""), calls: "AB", more: ["Next", "Back"])

  private func play() throws -> Play {
    let play = try Play(ForceTests.role, role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    return play
  }

  private func force(_ play: Play, _ state: String, unsafe: Bool = false) -> Outcome {
    play.input(
      .operation(Operation(verb: .force, by: "ada", reason: "by hand", state: state, isUnsafe: unsafe)))
  }

  private func code(_ outcome: Outcome) -> String? {
    if case .refused(let fault) = outcome { fault.code } else { nil }
  }

  @Test("as a goto does: timers end and begin, and what was done stays owed")
  func likeGoto() throws {
    let play = try play()
    #expect(force(play, "b") == .handled)
    #expect(play.state == "b")
    play.wait(3_600_000)
    #expect(!play.types.contains("Late"))
    play.wait(3_600_000)
    #expect(play.types.contains("Later"))
    #expect(play.instance.allOwed.count == 2, "A is done; B's outcome is not known")
    play.operate(.cancel)
    #expect(play.types.suffix(1) == ["UndoB"])
  }

  @Test("no way leads there, undos would be forgotten, an outcome is not known: only unsafely, and the history says it")
  func risks() throws {
    let play = try play()
    #expect(code(force(play, "nowhere")) == "operation.state")
    #expect(code(force(play, "z")) == "force.in-flight")
    #expect(code(force(play, "y")) == "force.in-flight")
    try play.reply(to: "DoB", "DoneB")
    #expect(play.state == "b")
    #expect(code(force(play, "a")) == "force.unreachable")
    #expect(code(force(play, "y")) == "force.unreachable", "compensating is what leads there")
    #expect(force(play, "y", unsafe: true) == .handled)
    #expect(play.status == .compensated)
    #expect(play.notes("although stepA, stepB would never be undone") == 1)
    #expect(code(force(play, "b", unsafe: true)) == "operation.final", "a final state absorbs everything")
  }

  @Test("into the state that it is in, whose steps have begun, only unsafely: they would be done twice")
  func again() throws {
    let play = try play()
    #expect(code(force(play, "a")) == "force.again")
    #expect(force(play, "a", unsafe: true) == .handled)
    #expect(play.notes("although the steps of a would begin again, and what they have done be done twice") == 1)
    try play.reply(to: "DoA", "DoneA")
    try play.reply(to: "DoB", "DoneB")
    #expect(force(play, "b") == .handled, "its own handler leads there too, and it has no steps")
  }

  @Test("away from an open pivot, and from what is open behind it, only unsafely")
  func pivot() throws {
    let play = try Play(
      Sagas.role(
        """
        "a": { "do": [ \(Sagas.pivot), \(Sagas.call("B", undo: false)) ], "done": { "goto": "b" },
               "failed": { "goto": "y" } },
        "b": { "on": { "Next": { "goto": "z" } } },
        "y": { "final": "compensated" }, "z": { "final": "completed" }
        """, calls: "PB", more: ["Next"]), role: "r")
    try play.start("Go", ["k": "1"])
    #expect(code(force(play, "b")) == "force.in-flight")
    try play.reply(to: "DoP", "DoneP")
    #expect(play.instance.isPivoted)
    #expect(code(force(play, "b")) == "force.in-flight")
    #expect(code(force(play, "a")) == "force.again")
    try play.reply(to: "DoB", "DoneB")
    #expect(play.state == "b")
  }

  @Test("out of a compensation only unsafely; undos that are out are still waited for")
  func compensating() throws {
    let play = try play()
    try play.reply(to: "DoB", "NoB")
    #expect(play.status == .compensating)
    #expect(code(force(play, "b")) == "force.compensating")
    #expect(force(play, "b", unsafe: true) == .handled)
    #expect(play.status == .running)
    #expect(play.state == "b")
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.instance.repairs.isEmpty)
    #expect(play.facts.contains(.undone(step: "stepA")))
  }

  @Test("a stuck instance whose way out fails is led out of it")
  func stuck() throws {
    let play = try Play(
      ForceTests.role.replacing(
        "\"failed\": { \"goto\": \"y\" }",
        with: "\"failed\": { \"goto\": \"y\", \"publish\": { \"Sorry\": { \"x\": \"data.bad.x\" } } }"),
      role: "r")
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "NoA")
    #expect(play.status == .stuck)
    #expect(force(play, "y") == .handled)
    #expect(play.status == .compensated)
  }
}
