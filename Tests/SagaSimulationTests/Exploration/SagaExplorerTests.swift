import Foundation
import SagaCore
import Testing

@testable import SagaSimulation

@Suite("Exploring a saga")
struct SagaExplorerTests {
  static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("sagas")

  static func shipped(_ name: String) throws -> LoadedDefinition {
    let source = try Data(contentsOf: shipped.appendingPathComponent("\(name).json"))
    return LoadedDefinition.load(source: Array(source), file: name)
  }

  @Test(
    "finds nothing wrong with a shipped saga and reaches every end, with a message from outside",
    arguments: [
      (
        "order-fulfillment",
        ["order-fulfillment: compensated (compensated)", "order-fulfillment: completed (completed)"]
      ),
      ("expense-claims", ["claims: abandoned (compensated)", "claims: paid (completed)"]),
    ])
  func shippedSagas(name: String, ends: [String]) throws {
    let bounds = ExploredSagas.bounds(losses: 1, crashes: 1, externals: 1)
    let exploration = try SagaExplorer([try SagaExplorerTests.shipped(name)], bounds: bounds).run()
    #expect(exploration.search.verdict == .exhausted)
    #expect(exploration.ends == ends)
    #expect(exploration.visibleCrashes == 0)
  }

  @Test("explores all roles of a choreography together, each with a store of its own")
  func choreography() throws {
    let loaded = try SagaExplorerTests.shipped("order-choreography")
    let exploration = try SagaExplorer([loaded], bounds: ExploredSagas.bounds(losses: 1)).run()
    #expect(exploration.search.verdict == .exhausted)
    #expect(exploration.hasCompensated)
    for end in [
      "inventory: released (compensated)", "orders: fulfilled (completed)", "payments: declined (compensated)",
    ] {
      #expect(exploration.ends.contains(end))
    }
  }

  @Test("tries values on both sides of a condition")
  func openData() throws {
    let loaded = try SagaExplorerTests.shipped("travel-booking")
    let exploration = try SagaExplorer([loaded], bounds: ExploredSagas.bounds()).run()
    #expect(exploration.search.verdict == .exhausted)
    // Over budget, and within it.
    #expect(exploration.heard.contains("TripRejected") && exploration.heard.contains("TripBooked"))
  }

  @Test("loses nothing by what makes it smaller", arguments: [(1, 1, 0, 0, 0), (0, 0, 1, 1, 0), (1, 0, 0, 0, 1)])
  func reductions(duplicates: Int, losses: Int, crashes: Int, timeouts: Int, externals: Int) throws {
    let bounds = ExploredSagas.bounds(
      duplicates: duplicates, losses: losses, crashes: crashes, timeouts: timeouts, externals: externals)
    let explorer = try SagaExplorer([ExploredSagas.load(ExploredSagas.trip)], bounds: bounds)
    let small = try explorer.run(tracksTaken: false)
    #expect(small.search.verdict == .exhausted)
    let others = [
      try explorer.run(tracksTaken: true),
      try explorer.run(tracksTaken: false, configure: { $0.coversByAllowance = false }),
      try explorer.run(tracksTaken: false, configure: { $0.removesOverdue = false }),
      try explorer.run(
        tracksTaken: true,
        configure: {
          $0.coversByAllowance = false
          $0.removesOverdue = false
        }),
    ]
    for other in others {
      #expect(other.search.verdict == .exhausted)
      #expect(other.ends == small.ends)
      #expect(other.statuses == small.statuses)
      #expect(other.heard == small.heard)
      #expect(other.ledgerStates == small.ledgerStates)
    }
  }

  @Test("tells the shortest way to a saga that hangs")
  func hanging() throws {
    let explorer = try SagaExplorer([ExploredSagas.load(ExploredSagas.hanging)])
    guard case .violated(let counterexample) = try explorer.run().search.verdict else {
      Issue.record("the saga was not found to hang")
      return
    }
    #expect(
      counterexample.property == "asker hangs in the state waiting: nothing is on its way and no timer is armed")
    #expect(
      counterexample.steps.sorted() == [
        "deliver Asked to asker", "deliver Asked to granter", "deliver Refused to granter",
        "judge takes Decide and answers Refused",
      ])
  }

  @Test("replays dead letters in every order when nothing else happens any more, and says what hangs after that")
  func replays() throws {
    func states(_ second: String) -> LoadedDefinition {
      let source = """
        { "saga": "letters", "version": 1,
          "messages": { "Go": { "key": "event.data.id" }, "A": { "key": "event.data.id" }, "B": { "key": "event.data.id" } },
          "data": { "type": "object", "properties": { "n": { "type": "integer", "default": 0 } } },
          "roles": {
            "sender": { "start": { "Go": { "publish": { "A": { "id": "saga.key" }, "B": { "id": "saga.key" } }, "goto": "sent" } },
                        "states": { "sent": { "final": "completed" } } },
            "taker": { "start": { "Go": { "goto": "early" } },
              "states": {
                "early": { "on": { "A": { "set": { "n": "1 / data.n" }, "goto": "late" }, "B": { "set": { "n": "1 / data.n" }, "goto": "late" } },
                           "after": { "1h": { "goto": "late" } } },
                "late": { "on": { "A": { "goto": "first" }, "B": { "goto": "second" } } },
                "first": { "on": { \(second) } }, "second": { "on": { "A": { "goto": "ended" } } },
                "ended": { "final": "completed" } } } } }
        """
      return LoadedDefinition.load(source: Array(source.utf8), file: "letters.json", runsChecks: false)
    }
    let right = try SagaExplorer([states("\"B\": { \"goto\": \"ended\" }")], bounds: ExploredSagas.bounds()).run()
    #expect(right.search.verdict == .exhausted)
    for state in ["first", "second"] { #expect(right.statuses.contains("taker: \(state) (running)")) }
    let wrong = try SagaExplorer([states("\"Go\": { \"goto\": \"ended\" }")], bounds: ExploredSagas.bounds()).run()
    guard case .violated(let found) = wrong.search.verdict else {
      Issue.record("\(wrong.search.verdict)")
      return
    }
    #expect(found.property.hasPrefix("taker hangs in the state first"))
    #expect(found.steps.last == "an operator replays the dead letter A of taker")
  }

  @Test("a message that the scenario does not give stays away, and one that it gives comes")
  func given() throws {
    let path = "Fixtures/definitions/unsafe/waits-for-a-signature.json"
    let loaded = LoadedDefinition.load(source: try Repository.read(path), file: path)
    func verdict(_ types: [String]) throws -> Exploration.Verdict {
      var scenario = SimulationScenario()
      scenario.start = types.map { CloudEvent(id: $0, source: "/x", type: $0, data: ["contractId": "c"]) }
      return try SagaExplorer([loaded], scenario: scenario).run().search.verdict
    }
    #expect(try verdict(["ContractSent", "ContractSigned"]) == .exhausted)
    for given in [[], ["ContractSent"]] { #expect(try verdict(given) != .exhausted) }
  }

  @Test("lets time pass for every service: what waits longest comes about without any fault")
  func patience() throws {
    let explorer = try SagaExplorer([ExploredSagas.load(ExploredSagas.patience)], bounds: ExploredSagas.bounds())
    let exploration = try explorer.run()
    #expect(exploration.search.verdict == .exhausted)
    #expect(exploration.ends == ["answerer: weary (completed)", "asker: gone (completed)"])
  }

  @Test("tells of a saga that stays stuck, and not of one that a person can help")
  func stuck() throws {
    let broken = try SagaExplorer([ExploredSagas.load(TraceTests.broken)], bounds: ExploredSagas.bounds()).run()
    guard case .violated(let counterexample) = broken.search.verdict else {
      Issue.record("an undo that can never be computed was not found")
      return
    }
    #expect(counterexample.property.hasPrefix("broken stays stuck in the state working at reserve"))

    let refused = TraceTests.broken
      .replacing("\"[1, 2][size(saga.key)]\"", with: "\"'why not'\"")
      .replacing("\"Undone\": {} } }", with: "\"Undone\": {}, \"Refused\": { \"fail\": \"'no'\" } } }")
    let helped = try SagaExplorer([ExploredSagas.load(refused)], bounds: ExploredSagas.bounds()).run()
    #expect(helped.search.verdict == .exhausted)
    #expect(helped.ends.contains { $0.hasSuffix("(stuck)") })
  }

  @Test("says bounded where it has not tried every payload that may decide something")
  func cutPayloads() throws {
    let members = ["a", "b", "c", "d"]
    let text = """
      {
        "saga": "open", "version": 1,
        "messages": { "Begun": { "key": "event.data.id", "schema": { "type": "object", "required": ["id"], "properties": {
          "id": { "type": "string" }, \(members.map { "\"\($0)\": { \"type\": \"integer\" }" }.joined(separator: ", ")) } } } },
        "start": { "Begun": {} },
        "steps": [ { "choose": [
          { "when": "\(members.map { "saga.key != 'x' && size('\($0)') > 20" }.joined(separator: " || "))", "steps": [] },
          { "steps": [] } ] } ]
      }
      """
    let exploration = try SagaExplorer([ExploredSagas.load(text)], bounds: ExploredSagas.bounds()).run()
    #expect(exploration.cutTypes == ["Begun"])
    #expect(exploration.search.verdict == .bounded(at: exploration.search.distinctStates))
  }

  /// Something is paid for where members of the message that begins it say so.
  private func paying(when condition: String) -> LoadedDefinition {
    ExploredSagas.load(
      #"""
      {
        "saga": "paying", "version": 1,
        "messages": {
          "Begun": { "key": "event.data.id", "schema": {
            "type": "object", "required": ["id", "rate", "amount", "isLarge"], "properties": {
              "id": { "type": "string" }, "rate": { "type": "number", "minimum": 0 },
              "amount": { "type": "integer", "minimum": 0 }, "isLarge": { "type": "boolean" } } } },
          "Paid": { "key": "event.data.id" }, "NotPaid": { "key": "event.data.id" }
        },
        "data": { "type": "object", "properties": {
          "rate": { "type": "number", "default": 0 }, "amount": { "type": "integer", "default": 0 },
          "isLarge": { "type": "boolean", "default": false } } },
        "start": { "Begun": { "set": {
          "rate": "event.data.rate", "amount": "event.data.amount", "isLarge": "event.data.isLarge" } } },
        "steps": [ { "choose": [
          { "when": "\#(condition)", "steps": [
            { "step": "pay", "call": "Pay", "to": "bank", "with": { "id": "saga.key" },
              "reply": { "Paid": {}, "NotPaid": { "fail": "'not paid'" } }, "undo": "none" } ] },
          { "steps": [] } ] } ]
      }
      """#)
  }

  @Test(
    "finds what goes wrong only on one side of a decimal, or on it",
    arguments: [
      "data.rate > 0.5 && data.rate < 1.0", "data.rate < 0.5 && data.rate > 0.0", "data.rate == 99.95",
      "data.rate > 0.5 && data.rate < 0.505", "double(data.amount) > 250.5 && double(data.amount) < 251.5",
    ])
  func decimals(condition: String) throws {
    let strict = try SimulationScenario(
      source: Array(
        #"{ "participants": {}, "invariants": { "neverPaid": "!ledger.exists(e, e.command == 'Pay')" } }"#.utf8),
      file: "test.scenario.json")
    let explorer = try SagaExplorer([paying(when: condition)], scenario: strict, bounds: ExploredSagas.bounds())
    guard case .violated(let counterexample) = try explorer.run().search.verdict else {
      Issue.record("no payload was found with which it pays")
      return
    }
    #expect(counterexample.steps.last?.hasPrefix("bank takes Pay") ?? false)
  }

  @Test("says bounded where a condition mentions more values than are tried, and of which message")
  func cutLiterals() throws {
    let listed = paying(when: "[10, 20, 30, 40, 50].exists(n, n == data.amount)")
    let exploration = try SagaExplorer([listed], bounds: ExploredSagas.bounds()).run()
    #expect(exploration.cutTypes == ["Begun"])
    #expect(exploration.search.verdict == .bounded(at: exploration.search.distinctStates))

    // As many literals, and no member that they decide about.
    let other = paying(when: "data.isLarge && [10, 20, 30, 40, 50].exists(n, n > 45)")
    let whole = try SagaExplorer([other], bounds: ExploredSagas.bounds()).run()
    #expect(whole.cutTypes == [])
    #expect(whole.search.verdict == .exhausted)
  }

  @Test("says bounded, not exhausted, where it has not seen every state")
  func bounded() throws {
    var bounds = ExploredSagas.bounds(losses: 1, timeouts: 1)
    bounds.states = 50
    let explorer = try SagaExplorer([ExploredSagas.load(ExploredSagas.trip)], bounds: bounds)
    #expect(try explorer.run().search.verdict == .bounded(at: 50))
  }

  @Test("checks a scenario's own properties in every state and says which came about")
  func properties() throws {
    let scenario = try SimulationScenario(
      source: Array(
        #"""
        {
          "participants": {},
          "invariants": { "paidAtMostOnce": "ledger.filter(e, e.command == 'Pay' && e.effect == 'done').size() <= 1" },
          "reach": { "freed": "ledger.exists(e, e.effect == 'undone')", "never": "ledger.size() > 50" }
        }
        """#.utf8), file: "test.scenario.json")
    let loaded = ExploredSagas.load(ExploredSagas.trip)
    let exploration = try SagaExplorer([loaded], scenario: scenario, bounds: ExploredSagas.bounds()).run()
    #expect(exploration.search.verdict == .exhausted)
    #expect(exploration.cameAbout == ["freed"])

    let strict = try SimulationScenario(
      source: Array(
        #"{ "participants": {}, "invariants": { "neverPaid": "!ledger.exists(e, e.command == 'Pay')" } }"#.utf8),
      file: "test.scenario.json")
    let broken = try SagaExplorer([loaded], scenario: strict, bounds: ExploredSagas.bounds()).run()
    guard case .violated(let counterexample) = broken.search.verdict else {
      Issue.record("the invariant was not checked")
      return
    }
    #expect(counterexample.steps.count == 4)
    #expect(counterexample.steps.last?.hasPrefix("bank takes Pay") ?? false)
  }
}
