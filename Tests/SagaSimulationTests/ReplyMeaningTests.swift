import Foundation
import SagaCore
import Testing

@testable import SagaSimulation

/// One type of answer that says one thing or another, as `PaymentResult` with a `status` does.
@Suite("Answers that say different things")
struct ReplyMeaningTests {
  private static let file = "Fixtures/definitions/simulated/alternatives.json"

  private func loaded(replacing old: String = "", by new: String = "") throws -> LoadedDefinition {
    let text = String(decoding: try Repository.read(Self.file), as: UTF8.self)
    if !old.isEmpty { #expect(text.contains(old)) }
    let changed = old.isEmpty ? text : text.replacing(old, with: new)
    return LoadedDefinition.load(source: Array(changed.utf8), file: Self.file)
  }

  private func meanings(_ loaded: LoadedDefinition) throws -> ReplyMeanings {
    ParticipantModel([try #require(loaded.definition)], scenario: nil).meanings
  }

  @Test("are told by their data, as the definition reads them")
  func byData() throws {
    let meanings = try meanings(loaded())
    func meaning(_ cents: JSON) -> ReplyMeanings.Meaning? {
      meanings.meaning(of: "MoneyCollected", ["lot": "1", "cents": cents], to: "CollectMoney")
    }
    #expect(meanings.isOpen("MoneyCollected", to: "CollectMoney"))
    #expect(meaning(2) == .done && meaning(1) == .refused && meaning(0) == .refused)
    #expect(meaning("none") == nil)
    #expect(!meanings.isOpen("LotInsured", to: "InsureLot"))
    #expect(meanings.meaning(of: "LotInsured", nil, to: "InsureLot") == .done)
  }

  @Test("are not told where the saga's own data decide, or two calls of a command read them in two ways")
  func unclear() throws {
    let bySaga = try meanings(
      loaded(
        replacing: "\"event.data.cents > 1\", \"set\": { \"coll",
        by: "\"event.data.cents >= data.limitCents\", \"set\": { \"coll"))
    #expect(bySaga.meaning(of: "MoneyCollected", ["lot": "1", "cents": 5], to: "CollectMoney") == nil)
    let twoWays = try meanings(
      loaded(replacing: "\"call\": \"InsureLot\"", by: "\"call\": \"WrapLot\""))
    #expect(twoWays.meaning(of: "LotWrapped", nil, to: "WrapLot") == .done)
    let contrary = try meanings(
      loaded(
        replacing:
          "\"call\": \"InsureLot\",\n                      \"to\": \"insurer\",\n                      \"with\": { \"lot\": \"saga.key\" },\n                      \"reply\": { \"LotInsured\": {} }",
        by:
          "\"call\": \"WrapLot\", \"to\": \"shop\", \"with\": { \"lot\": \"saga.key\" }, \"reply\": { \"LotWrapped\": { \"fail\": \"'no'\" } }"
      ))
    #expect(contrary.meaning(of: "LotWrapped", nil, to: "WrapLot") == nil)
  }

  @Test("are done or not as they say, so that sagas that read them hold, in simulations and every order")
  func holds() throws {
    let changes = [
      ("", ""),
      // Only the saga can tell: nothing is asked of what was done.
      ("\"event.data.cents > 1\", \"set\": { \"coll", "\"event.data.cents >= data.limitCents\", \"set\": { \"coll"),
    ]
    for (old, new) in changes {
      let loaded = try loaded(replacing: old, by: new)
      let simulation = Simulation(try SimulationSetup([loaded], scenario: SimulationScenario()))
      for seed in 0..<UInt64(100) { #expect(try simulation.run(seed: seed).violation == nil, "\(new), seed \(seed)") }
      let refused = simulation.coverage.facts.filter { $0.key.hasSuffix("collect failed (business)") }.values.reduce(
        0, +)
      #expect(refused > 20, "\(simulation.coverage.facts)")
      #expect(simulation.coverage.endings.count == 2)
      if old.isEmpty { #expect(simulation.coverage.undone > 5) }
      let explored = try SagaExplorer([loaded]).run()
      if case .violated(let found) = explored.search.verdict { Issue.record("\(found.property): \(found.steps)") }
    }
  }
}
