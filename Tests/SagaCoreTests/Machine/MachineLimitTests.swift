import Testing

@testable import SagaCore

@Suite("Limits of an instance")
struct MachineLimitTests {
  static let growing = Sagas.role(
    #""a": { "on": { "Add": { "set": { "text": "data.text + data.text" } }, "End": { "goto": "z" } } }, "z": { "final": "completed" }"#,
    more: ["Add", "End"]
  ).replacing(
    "\"version\": 1,",
    with:
      #""version": 1, "data": { "type": "object", "properties": { "text": { "type": "string", "default": "0123456789abcdef" } } },"#
  )

  @Test("`data` that would grow past its limit refuses the message, and the instance stays as it was")
  func data() throws {
    let play = try Play(MachineLimitTests.growing, role: "r")
    try play.start("Go", ["k": "1"])
    var outcome = Outcome.handled
    while outcome == .handled { outcome = try play.send("Add") }
    guard case .refused(let fault) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(fault.code == "limit.data" && fault.message.contains("maximumDataBytes"))
    #expect(play.instance.data["text"]?.stringValue?.utf8.count == 131_072)
    #expect(try play.send("End") == .handled)
  }

  @Test("messages kept at one instance have a limit, past which the message is refused and nothing is lost")
  func deferred() throws {
    let play = try Play(
      Sagas.role(
        #""a": { "on": { "Next": { "goto": "b" } } }, "b": { "on": { "X": {}, "End": { "goto": "z" } } }, "z": { "final": "completed" }"#,
        more: ["Next", "X", "End"]), role: "r")
    try play.start("Go", ["k": "1"])
    // As an engine does, which keeps what is deferred.
    var kept = play.instance!
    kept.deferred = (0..<MachineLimits.maximumDeferred).map {
      DeferredMessage(sequence: Int64($0 + 2), id: Hash128(high: 1, low: UInt64($0)), type: "X")
    }
    let context = DecisionContext(now: play.now, epoch: 1)
    let decision = play.machine.advance(kept, .message(play.event("X")), context: context)
    guard case .refused(let fault) = decision.outcome else {
      Issue.record("\(decision.outcome)")
      return
    }
    #expect(fault.code == "limit.deferred" && fault.message.contains("maximumDeferred"))
    #expect(decision.instance.deferred.count == MachineLimits.maximumDeferred)
  }

  @Test(
    "lists within lists add up: where they would be more than an instance may hold it is stuck"
  )
  func nestedLists() throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ { "forEach": "data.list", "concurrency": 1000, "steps": [
               { "forEach": "data.list", "steps": [ { "step": "tell", "call": "Tell", "to": "p", "with": {}, "reply": { "Told": {} },
                                                       "undo": "none" } ] } ] } ],
             "done": { "goto": "z" }, "failed": { "goto": "y" } },
      "z": { "final": "completed" }, "y": { "final": "compensated" }
      """, more: ["Told"]
    ).replacing(
      "\"version\": 1,",
      with:
        #""version": 1, "data": { "type": "object", "properties": { "list": { "default": LIST } } },"#
        .replacing(
          "LIST",
          with: "[" + Array(repeating: "\"\(String(repeating: "x", count: 200))\"", count: 800).joined(separator: ",")
            + "]"))
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    #expect(play.status == .stuck)
    let reason = play.machine.problem(of: play.instance)?.reason ?? ""
    #expect(reason.contains("maximumInstanceBytes"), "\(reason)")
    #expect(play.instance.encode().count < 2 * MachineLimits.maximumInstanceBytes)
    #expect(play.count("Tell") > 100, "those that there was room for have begun")
  }

  @Test(
    "expressions of one decision have a budget together: a loop that costs more is stuck, and `retry` goes on there")
  func decisionBudget() throws {
    let list = "[" + (0..<3_000).map { "\($0)" }.joined(separator: ",") + "]"
    let definition = Sagas.role(
      """
      "a": { "do": [ { "forEach": "data.list", "steps": [
               { "set": { "found": "data.found + data.list.filter(x, x == item).size()" } } ] } ],
             "done": { "goto": "z" }, "failed": { "goto": "y" } },
      "z": { "final": "completed" }, "y": { "final": "compensated" }
      """
    ).replacing(
      "\"version\": 1,",
      with:
        #""version": 1, "data": { "type": "object", "properties": { "found": { "type": "integer", "default": 0 }, "list": { "default": LIST } } },"#
        .replacing("LIST", with: list))
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    #expect(play.status == .stuck)
    let reason = play.machine.problem(of: play.instance)?.reason ?? ""
    #expect(reason.contains("decisionBudget"), "\(reason)")
    let found = play.instance.data["found"]?.intValue ?? 0
    #expect(found > 100 && found < 3_000)
    play.operate(.retry)
    #expect(play.instance.data["found"]?.intValue ?? 0 > found)
  }

  @Test("a reply that an undo reads and for which there is no room is refused; one that nobody keeps is always taken")
  func reply() throws {
    for isKept in [true, false] {
      let with = isKept ? #"{ "text": "event != null ? event.data.text : ''" }"# : "{}"
      let play = try Play(Sagas.steps("\(Sagas.call("A", undoWith: with)), \(Sagas.call("B"))", calls: "AB"))
      try play.start("Go", ["k": "1"])
      let before = play.instance!
      let reply = play.event(
        "DoneA", ["k": "1", "text": .string(String(repeating: "x", count: 10_000))],
        correlation: play.sent.last?.event.correlationid)
      func advance(room: Int) -> Outcome {
        let context = DecisionContext(
          now: play.now, epoch: 1, storedBytes: MachineLimits.maximumInstanceBytes - room)
        return play.machine.advance(before, .message(reply), context: context).outcome
      }
      #expect(advance(room: 20_000) == .handled)
      guard isKept else {
        #expect(advance(room: -1_000_000) == .handled)
        continue
      }
      guard case .refused(let fault) = advance(room: 10_000) else {
        Issue.record("not refused")
        continue
      }
      #expect(fault.code == "limit.instance" && fault.message.contains("maximumInstanceBytes"))
    }
  }

  @Test("lists that are gone over one after the other do not add up")
  func listsOneByOne() throws {
    let definition = Sagas.role(
      """
      "a": { "do": [ { "forEach": "data.list", "steps": [
               { "forEach": "data.list", "steps": [ { "set": { "last": "item" } } ] } ] } ],
             "done": { "goto": "z" }, "failed": { "goto": "y" } },
      "z": { "final": "completed" }, "y": { "final": "compensated" }
      """
    ).replacing(
      "\"version\": 1,",
      with: #""version": 1, "data": { "type": "object", "properties": { "last": {}, "list": { "default": LIST } } },"#
        .replacing(
          "LIST",
          with: "[" + Array(repeating: "\"\(String(repeating: "x", count: 1_700))\"", count: 148).joined(separator: ",")
            + "]"))
    let play = try Play(definition, role: "r")
    try play.start("Go", ["k": "1"])
    #expect(play.status == .completed, "148 times 250 kB")
  }

  @Test("undos owed by earlier states have a limit, past which no further steps begin: the instance is stuck")
  func owed() throws {
    let list = "[" + (0..<5_000).map { "\($0)" }.joined(separator: ",") + "]"
    let body = { (name: String) in
      #"{ "forEach": "LIST", "concurrency": 1000, "steps": [ { "step": "s\#(name)", "call": "Tell", "to": "p", "with": {}, "undo": { "publish": { "Untold": {} } } } ] }"#
        .replacing("LIST", with: list)
    }
    let play = try Play(
      Sagas.role(
        """
        "a": { "do": [ \(body("1")) ], "done": { "goto": "b" }, "failed": { "goto": "y" } },
        "b": { "do": [ \(body("2")) ], "done": { "goto": "c" }, "failed": { "goto": "y" } },
        "c": { "do": [ { "set": { "n": "1" } } ], "done": { "goto": "z" }, "failed": { "goto": "y" } },
        "z": { "final": "completed" }, "y": { "final": "compensated" }
        """), role: "r")
    try play.start("Go", ["k": "1"])
    for _ in 0..<20 where play.state != "c" {
      #expect(play.status == .stuck, "more messages than one commit may send")
      play.operate(.retry)
    }
    #expect(play.state == "c" && play.status == .stuck)
    #expect(play.machine.problem(of: play.instance)?.reason.contains("maximumOwed") == true)
  }

  @Test("further keys, elements of a `forEach`, remembered answers and unknown calls have limits that are named")
  func others() throws {
    let play = try Play(
      Sagas.role(
        #""a": { "on": { "Claim": { "correlate": { "id": "event.data.id" } }, "End": { "goto": "z" } } }, "z": { "final": "completed" }"#,
        more: ["Claim", "End"]), role: "r")
    try play.start("Go", ["k": "1"])
    for number in 0..<MachineLimits.maximumCorrelations {
      #expect(try play.send("Claim", ["k": "1", "id": .string("i\(number)")]) == .handled)
    }
    guard case .refused(let fault) = try play.send("Claim", ["k": "1", "id": "one more"]) else {
      Issue.record("one key too many")
      return
    }
    #expect(fault.code == "limit.correlations" && fault.message.contains("maximumCorrelations"))
    let long = try Play(
      Sagas.steps(
        #"{ "forEach": "data.list", "steps": [ { "set": { "n": "1" } } ] }"#
      ).replacing(
        "\"version\": 1,",
        with: #""version": 1, "data": { "type": "object", "properties": { "list": { "type": "array" } } },"#
      ).replacing(#""Go": {} }"#, with: #""Go": { "set": { "list": "event.data.list" } } }"#))
    try long.start("Go", ["k": "1", "list": .array((0...MachineLimits.maximumForEachItems).map { .int(Int64($0)) })])
    #expect(long.status == .stuck)
    #expect(long.machine.problem(of: long.instance)?.reason.contains("10001 elements") == true)
  }

  @Test("the history has a limit, at which the instance is stuck until an operator lets it go on")
  func history() throws {
    let machine = try Play(MachineLimitTests.growing, role: "r").machine
    let play = try Play(MachineLimitTests.growing, role: "r")
    try play.start("Go", ["k": "1"])
    var old = play.instance!
    old.revision = MachineLimits.maximumHistoryRows - 1
    func advance(_ instance: Instance, _ input: Input) -> Decision {
      machine.advance(instance, input, context: DecisionContext(now: play.now, epoch: 1))
    }
    let last = advance(old, .message(play.event("Add")))
    #expect(last.outcome == .handled, "what came in is not lost")
    #expect(last.instance.status == .stuck)
    #expect(machine.problem(of: last.instance)?.reason.contains("maximumHistoryRows") == true)
    #expect(last.outgoing.map(\.event.type) == ["saga.stuck"])
    let next = advance(last.instance, .operation(Operation(verb: .retry, by: "ada", reason: "it is old")))
    #expect(next.instance.status == .running)
    #expect(advance(next.instance, .message(play.event("End"))).instance.status == .completed)
  }
}
