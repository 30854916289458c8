import Foundation
import SagaCore
import SagaRuntime
import SagaSimulation
import Testing

/// Files of the repository.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func read(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
  }

  static func setup(_ name: String, scenario: Bool = true) throws -> SimulationSetup {
    let loaded = LoadedDefinition.load(source: try read("sagas/\(name).json"), file: "\(name).json")
    let file = "sagas/\(name).scenario.json"
    let read = scenario ? try SimulationScenario(source: try read(file), file: file) : SimulationScenario()
    return try SimulationSetup([loaded], scenario: read)
  }

  static let sagas = ["order-fulfillment", "order-choreography", "travel-booking", "expense-claims"]
}

@Suite("Simulation")
struct SimulationTests {
  @Test("In a world without faults every saga settles, and some complete", arguments: Repository.sagas)
  func peaceful(name: String) throws {
    var options = SimulationOptions()
    options.faults = []
    let simulation = Simulation(try Repository.setup(name, scenario: false), options: options)
    for seed in 0..<UInt64(20) { #expect(try simulation.run(seed: seed).violation == nil) }
    let endings = simulation.coverage.endings.keys.filter { $0.hasSuffix("completed") }
    #expect(!endings.isEmpty)
  }

  @Test("Shipped sagas hold under every fault, with participants as their scenarios say", arguments: Repository.sagas)
  func shipped(name: String) throws {
    let simulation = Simulation(try Repository.setup(name))
    for seed in 0..<UInt64(60) {
      let outcome = try simulation.run(seed: seed)
      #expect(outcome.violation == nil, "seed \(seed)")
    }
    // What was reached, so that the test cannot pass by doing nothing.
    #expect(simulation.coverage.runs == 60)
    #expect(simulation.coverage.crashes > 0)
    #expect((simulation.coverage.outcomes["duplicate"] ?? 0) > 0)
  }

  @Test("A storm ends after so many events, and then the world comes to rest")
  func storm() throws {
    var options = SimulationOptions()
    options.maximumEvents = 500
    let simulation = Simulation(try Repository.setup("order-choreography"), options: options)
    var ended = 0
    for seed in 0..<UInt64(60) {
      let outcome = try simulation.run(seed: seed, isTelling: true)
      #expect(outcome.violation == nil, "seed \(seed)")
      let end = try #require(outcome.story.first { $0.text.hasPrefix("faults end") })
      #expect(end.event <= 500)
      if end.event == 500 { ended += 1 }
    }
    #expect(ended > 0)
  }

  @Test(
    "Sagas with compensation undo in simulations, with participants derived from the definition",
    arguments: ["order-fulfillment", "order-choreography", "travel-booking"])
  func compensates(name: String) throws {
    let simulation = Simulation(try Repository.setup(name, scenario: false))
    for seed in 0..<UInt64(60) { #expect(try simulation.run(seed: seed).violation == nil, "seed \(seed)") }
    #expect(simulation.coverage.undone > 0)
    #expect(simulation.coverage.endings.contains { $0.key.hasSuffix("compensated") && $0.value > 0 })
    #expect(simulation.coverage.endings.contains { $0.key.hasSuffix("completed") && $0.value > 0 })
  }

  @Test("Services commit call by call, together, and beside what they decide next, and come to the same ends")
  func commits() throws {
    var options = SimulationOptions()
    options.faults = []
    let simulation = Simulation(try Repository.setup("order-choreography", scenario: false), options: options)
    var styles: [String: Int] = [:]
    for seed in 0..<UInt64(30) {
      let outcome = try simulation.run(seed: seed, isTelling: true)
      #expect(outcome.violation == nil)
      for entry in outcome.story where entry.text.hasPrefix("commits ") { styles[entry.text, default: 0] += 1 }
    }
    #expect(styles.count == 2, "\(styles)")
    // A third of the services each; what is not told of commits call by call.
    #expect(styles.values.allSatisfy { $0 > 20 && $0 < 60 }, "\(styles)")
  }

  @Test("Commits that are joined are gone with the process, whole, and stay when they have ended")
  func memory() throws {
    let storage = MemoryStorage()
    let choices = Choices.recorded([])
    let start = Timestamp(milliseconds: 1_767_225_600_000)
    let loaded = LoadedDefinition.load(source: try Repository.read("sagas/order-fulfillment.json"), file: "order.json")
    let messages = try Repository.read("Fixtures/messages/order-fulfillment.jsonl").split(separator: UInt8(ascii: "\n"))
    var rows: [Int] = []
    for ends in [true, false, true] {
      let engine = try ShardEngine(store: try storage.open(), machines: loaded.machines, now: start)
      engine.joinCommits()
      _ = try engine.offer([IncomingMessage(bytes: Array(messages[rows.count]))], now: start)
      _ = try engine.tick(now: start)
      if ends { try engine.commitJoined() }
      storage.crash(choices, 0)
      rows.append(try storage.reader().journal(after: 0, limit: 100).count)
    }
    #expect(rows[0] > 0 && rows[1] == rows[0] && rows[2] > rows[1], "\(rows)")
  }

  @Test(
    "Both modes of the order process reach the same outcomes: how an order ends, and what was done for it, by what was refused"
  )
  func sameOutcomes() throws {
    let orchestrated = try OrderEnd.reached("order-fulfillment", seeds: 200)
    let choreographed = try OrderEnd.reached("order-choreography", seeds: 200)
    // Done; nothing done; charged and refunded; charged and reserved, and both taken back.
    let all = Set(orchestrated.values.joined())
    #expect(all.count == 4, "\(all)")
    #expect(Set(choreographed.values.joined()) == all)
    #expect(all.filter { $0.statuses == ["completed"] }.map(\.done) == [Set(OrderEnd.Work.allCases)])

    let causes: Set<Set<OrderEnd.Work>> = [[], [.payment], [.stock], [.shipment]]
    #expect(Set(orchestrated.keys) == causes)
    #expect(Set(choreographed.keys) == causes)
    for cause in causes where !cause.isEmpty {
      #expect(orchestrated[cause] == choreographed[cause], "\(cause)")
      #expect(orchestrated[cause]?.allSatisfy { $0.statuses == ["compensated"] && $0.done.isEmpty } == true, "\(cause)")
    }
    // A cancel, or a call that nobody answers, is noticed at other moments: the coordinator stops where it is, while a role of the
    // choreography does its part first, and only the coordinator asks about fraud. So what had been done by then may differ;
    // that all of it stays, or nothing, may not.
    for end in (orchestrated[[]] ?? []).union(choreographed[[]] ?? []) {
      #expect(end.statuses == (end.done.isEmpty ? ["compensated"] : ["completed"]), "\(end)")
    }
  }

  @Test("A seed always takes the same way, and its record replays to the same hash")
  func determined() throws {
    let setup = try Repository.setup("order-fulfillment")
    for seed in UInt64(3)..<8 {
      let first = try Simulation(setup).run(seed: seed, isRecording: true, isTelling: true)
      let second = try Simulation(setup).run(seed: seed)
      #expect(first.hash == second.hash)
      let replayed = try Simulation(setup).replay(first.choices, isTelling: true)
      #expect(replayed.hash == first.hash)
      #expect(replayed.story == first.story)
    }
  }

  @Test("Every kind of fault strikes in some run, and only the kinds that are allowed")
  func faults() throws {
    let setup = try Repository.setup("order-fulfillment", scenario: false)
    let simulation = Simulation(setup)
    for seed in 0..<UInt64(150) { _ = try simulation.run(seed: seed) }
    let struck = FaultKind.allCases.filter { kind in
      Coverage.Phase.allCases.contains { simulation.coverage.strikes(kind, in: $0) > 0 }
    }
    // Memory has no disk.
    #expect(Set(struck) == Set(FaultKind.allCases).subtracting([.disk]))
    var options = SimulationOptions()
    options.faults = [.crash]
    let crashing = Simulation(setup, options: options)
    for seed in 0..<UInt64(20) { _ = try crashing.run(seed: seed) }
    #expect(crashing.coverage.crashes > 0)
    #expect(crashing.coverage.outcomes["parked"] == nil)
    #expect(Coverage.Phase.allCases.allSatisfy { crashing.coverage.strikes(.duplicate, in: $0) == 0 })
  }

  @Test("Elements of a list are undone side by side, and that is no wrong order")
  func undoneSideBySide() throws {
    let text = """
      {
        "saga": "tours", "version": 1,
        "messages": {
          "Wanted": { "key": "event.data.id", "schema": { "type": "object", "required": ["id", "legs"], "properties": {
            "id": { "type": "string" },
            "legs": { "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "integer" } } } } },
          "Booked": { "key": "event.data.id" }, "Freed": { "key": "event.data.id" },
          "Paid": { "key": "event.data.id" }, "Refused": { "key": "event.data.id" }
        },
        "data": { "type": "object", "properties": { "legs": { "type": "array", "default": [] } } },
        "start": { "Wanted": { "set": { "legs": "event.data.legs" } } },
        "steps": [
          { "forEach": "data.legs", "concurrency": 2, "steps": [
            { "step": "seat", "call": "BookSeat", "to": "train", "with": { "id": "saga.key", "leg": "index" },
              "reply": { "Booked": {} },
              "undo": { "call": "FreeSeat", "to": "train", "with": { "id": "saga.key" }, "reply": { "Freed": {} } } },
            { "step": "meal", "call": "BookMeal", "to": "kitchen", "with": { "id": "saga.key", "leg": "index" },
              "reply": { "Booked": {} },
              "undo": { "call": "FreeMeal", "to": "kitchen", "with": { "id": "saga.key" }, "reply": { "Freed": {} } } } ] },
          { "step": "pay", "call": "Pay", "to": "bank", "with": { "id": "saga.key" },
            "reply": { "Paid": {}, "Refused": { "fail": "'no'" } }, "undo": "none" } ],
        "completed": {}, "compensated": {}
      }
      """
    let loaded = LoadedDefinition.load(source: Array(text.utf8), file: "tours.json")
    try #require(!loaded.hasErrors, "\(loaded.diagnostics)")
    let simulation = Simulation(try SimulationSetup([loaded], scenario: SimulationScenario()))
    for seed in 0..<UInt64(200) { #expect(try simulation.run(seed: seed).violation == nil) }
    #expect(simulation.coverage.undone > 0)
  }
}

/// One order at its end, in terms that both modes of the order process have.
private struct OrderEnd: Hashable {
  /// What participants do for an order, whatever the commands are called.
  enum Work: String, CaseIterable { case payment, stock, shipment }

  static let commands: [String: Work] = [
    "ChargePayment": .payment, "ChargeCard": .payment, "ReserveStock": .stock, "CreateShipment": .shipment,
    "CreateParcel": .shipment,
  ]

  /// How its roles ended.
  var statuses: Set<String>
  /// What took effect and stayed, and what was undone.
  var done: Set<Work> = []
  var undone: Set<Work> = []

  /// All ends that orders come to, by what was refused to them, in worlds whose participants refuse, keep silent, answer twice and lose
  /// answers. Customers cancel in them as well.
  static func reached(_ name: String, seeds: UInt64) throws -> [Set<Work>: Set<OrderEnd>] {
    let setup = try Repository.setup(name, scenario: false)
    var options = SimulationOptions()
    options.faults = [.participant]
    options.sagas = 1
    var reached: [Set<Work>: Set<OrderEnd>] = [:]
    for seed in 0..<seeds {
      // One for each order: its coverage has the ends of this order's roles.
      let simulation = Simulation(setup, options: options)
      let outcome = try simulation.run(seed: seed, isTelling: true)
      #expect(outcome.violation == nil, "\(name), seed \(seed)")
      var end = OrderEnd(
        statuses: Set(simulation.coverage.endings.keys.compactMap { $0.split(separator: " ").last.map(String.init) }))
      var refused: Set<Work> = []
      for entry in outcome.ledger.entries {
        guard let work = commands[entry.command] else { continue }
        switch entry.effect {
        case .done: end.done.insert(work)
        case .undone: end.undone.insert(work)
        case .refused: refused.insert(work)
        case .undo, .tombstone: break
        }
      }
      reached[refused, default: []].insert(end)
    }
    return reached
  }
}
