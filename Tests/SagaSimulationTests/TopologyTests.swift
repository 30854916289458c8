import SagaCore
import Testing

@testable import SagaRuntime
@testable import SagaSimulation

/// Worlds in which roles share an engine, messages leave by several lanes, and much happens while they are under way.
@Suite("Engines, lanes and what is under way")
struct TopologyTests {
  @Test("Roles have an engine each, share one, or share one by definition: whichever of these differ")
  func topologies() throws {
    let choreography = try Repository.setup("order-choreography")
    #expect(choreography.topologies.map { $0.map(\.machines.count) } == [[1, 1, 1, 1], [4]])
    #expect(choreography.topologies[1].map(\.name) == ["order-choreography"])
    #expect(choreography.topologies[1][0].takes == choreography.services.reduce(into: []) { $0.formUnion($1.takes) })
    #expect(try Repository.setup("order-fulfillment").topologies.map(\.count) == [1])

    let loaded = try ["order-choreography", "expense-claims"].map {
      LoadedDefinition.load(source: try Repository.read("sagas/\($0).json"), file: $0)
    }
    let both = try SimulationSetup(loaded, scenario: SimulationScenario())
    #expect(
      both.topologies.map { $0.map(\.name) }.dropFirst() == [
        ["order-choreography+expense-claims"], ["order-choreography", "claims"],
      ])
    let simulation = Simulation(both)
    for seed in 0..<UInt64(40) { #expect(try simulation.run(seed: seed).violation == nil, "seed \(seed)") }
    #expect(simulation.coverage.sharedEngines > 0)
  }

  @Test("One choice puts all roles into one engine, and they come to their ends by its local lane")
  func oneEngine() throws {
    let setup = try Repository.setup("order-choreography", scenario: false)
    let together = Choice(label: .topology, stream: 0, index: 0, count: 2, value: 1)
    let outcome = try Simulation(setup).replay([together], isTelling: true)
    #expect(outcome.violation == nil)
    let actors = Set(outcome.story.flatMap { [$0.from, $0.to].compactMap(\.self) })
    #expect(actors.contains("order-choreography"))
    #expect(actors.isDisjoint(with: setup.services.map(\.name)))
    #expect(outcome.ledger.entries.contains { $0.effect == .done })
  }

  @Test("One world of four has one engine for all roles; what its roles send one another stays in it or leaves as well")
  func shared() throws {
    let simulation = Simulation(try Repository.setup("order-choreography"))
    for seed in 0..<UInt64(80) { #expect(try simulation.run(seed: seed).violation == nil, "seed \(seed)") }
    #expect((8...32).contains(simulation.coverage.sharedEngines), "\(simulation.coverage.sharedEngines)")
    #expect(simulation.coverage.localMessages > simulation.coverage.sharedEngines)
  }

  @Test("Lanes are down one by one, and messages leave by the others meanwhile")
  func lanes() throws {
    var options = SimulationOptions()
    options.faults = [.unreachable]
    let simulation = Simulation(try Repository.setup("order-fulfillment", scenario: false), options: options)
    for seed in 0..<UInt64(80) { #expect(try simulation.run(seed: seed).violation == nil, "seed \(seed)") }
    #expect((10...45).contains(simulation.coverage.severalLanes), "\(simulation.coverage.severalLanes)")
    #expect(simulation.coverage.sentPastDown > 0)
  }

  @Test("Services hear late what became of messages, and die meanwhile")
  func underWay() throws {
    var options = SimulationOptions()
    options.faults = [.crash]
    let simulation = Simulation(try Repository.setup("order-fulfillment", scenario: false), options: options)
    for seed in 0..<UInt64(80) { #expect(try simulation.run(seed: seed).violation == nil, "seed \(seed)") }
    #expect(simulation.coverage.answeredLate > 0)
    #expect(simulation.coverage.crashesWhileSending > 0)
  }

  private let start = SimulationOptions.start

  private func row(
    _ sequence: JournalSequence, input: String? = nil, of instance: InstanceID? = nil, sends: [LaneID]? = nil
  ) -> JournalRow {
    JournalRow(
      sequence: sequence, at: start, kind: .message, slot: Slot(value: 0), instance: instance,
      input: input.map { Array($0.utf8) }, decided: [],
      outgoing: sends.map {
        OutgoingRecord.encode([
          OutgoingRecord(
            kind: .event, destination: nil, lanes: $0, ordering: Hash128(high: 0, low: 1), event: Array("sent".utf8))
        ])
      })
  }

  @Test("A journal's books miss what a role sent another one and none took, and see what is taken twice")
  func books() throws {
    var books = Books(local: 2)
    // Both lanes: it must have left as well.
    #expect(throws: Violation.self) {
      try books.enter(row(1, of: 1, sends: [1, 2]), role: nil, sent: [:], [], "orders")
    }
    books = Books(local: 2)
    try books.enter(row(1, of: 1, sends: [2]), role: nil, sent: [:], [], "orders")
    #expect(books.untaken.map(\.row) == [1])
    try books.enter(row(2, input: "sent", of: 3), role: nil, sent: [:], [], "orders")
    #expect(books.untaken.isEmpty)
    #expect(throws: Violation.self) {
      try books.enter(row(4, input: "sent", of: 3), role: nil, sent: [:], [], "orders")
    }
  }
}
