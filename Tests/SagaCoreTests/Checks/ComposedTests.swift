import Foundation
import Testing

@testable import SagaCore

@Suite("Composed checks")
struct ComposedTests {
  func findings(_ name: String) throws -> [Diagnostic] { try DefinitionFixtures.load("invalid", name).diagnostics }

  @Test("a deadlock comes with the shortest way to it")
  func deadlock() throws {
    let finding = try #require(try findings("composed.deadlock.json").first)
    #expect(finding.message.contains("'orders' in 'open'"))
    #expect(finding.trace.first == "Begun comes from outside")
    #expect(finding.trace.contains("packing: pack gets PackRefused, publishes PackFailed, → rejected"))
    #expect(finding.trace.last == "orders: after 8d, publishes Overdue")
  }

  /// `asker` waits a day for `worker`, which needs minutes.
  static func pair(asked: String, worked: String, extra: String = "") -> String {
    """
    { "saga": "pair", "version": 1,
      "messages": { "Asked": { "key": "event.data.id", "schema": {} }, "Worked": { "key": "event.data.id" }, "GaveUp": { "key": "event.data.id" },
        "WorkDone": { "key": "event.data.id" } },
      "data": { "type": "object", "properties": { "large": { "type": "boolean", "default": false } } },
      "roles": {
        "asker": { "start": { "Asked": { "goto": "waiting" } }, "states": {
          "waiting": { "on": { "Worked": { "goto": "done" } }, "after": { "1d": { \(asked) "goto": "gone" } } },
          "done": { "final": "completed" }, "gone": { "final": "compensated" } } },
        "worker": { "start": { "Asked": \(worked) }, "states": {
          "working": { "do": [ { "step": "work", "call": "Work", "to": "hands", "undo": "none", "reply": { "WorkDone": {} } } ],
            "done": { "publish": { "Worked": { "id": "saga.key" } }, "goto": "done" },
            "failed": { "publish": { "Worked": { "id": "saga.key" } }, "goto": "done" } },
          "idle": { "after": { "1h": { "goto": "done" } } },
          "done": { "final": "completed" } } } } }
    """
  }

  func composed(_ text: String) -> [String] {
    LoadedDefinition.load(source: Array(text.utf8), file: "pair.json").diagnostics.filter {
      $0.code.hasPrefix("composed")
    }
    .map { "\($0.severity.rawValue) \($0.code)" }
  }

  @Test("what takes a timer that overtakes messages is a warning")
  func overtaking() {
    let text = Self.pair(
      asked: "\"publish\": { \"GaveUp\": { \"id\": \"saga.key\" } },",
      worked: "[ { \"when\": \"false\", \"goto\": \"idle\" }, { \"goto\": \"working\" } ]")
    #expect(composed(text) == ["warning composed.silent-timer"])
  }

  @Test("what needs no luck is an error")
  func certain() {
    let text = Self.pair(
      asked: "", worked: "[ { \"when\": \"data.large\", \"goto\": \"idle\" }, { \"goto\": \"working\" } ]")
    #expect(composed(text).contains("error composed.silent-timer"))
  }

  @Test("past the limit of configurations, that is said")
  func limited() throws {
    let loaded = try DefinitionFixtures.load("valid", "choreography.json")
    let definition = try #require(loaded.definition)
    let roles = zip(definition.roles, loaded.machines).map {
      CheckedRole(definition: definition, role: $0, model: $1.model)
    }
    var findings = Findings(file: "choreography.json")
    checkComposed(roles, in: definition, limit: 10, &findings)
    #expect(findings.sorted.map(\.code) == ["composed.limit"])
  }

  @Test("finds the same things in the same order each time")
  func deterministic() throws {
    for name in DefinitionFixtures.names(in: "invalid") where name.hasPrefix("composed") {
      let first = try findings(name)
      for _ in 0..<3 { #expect(try findings(name) == first) }
    }
  }

  @Test("the shipped choreography is explored whole, to every end of every role, and fast")
  func shipped() throws {
    let file = DefinitionFixtures.root.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "sagas/order-choreography.json")
    let loaded = LoadedDefinition.load(source: [UInt8](try Data(contentsOf: file)), file: "order-choreography.json")
    let definition = try #require(loaded.definition)
    let roles = zip(definition.roles, loaded.machines).map {
      CheckedRole(definition: definition, role: $0, model: $1.model)
    }
    var exploration = ComposedExploration(
      roles, ComposedVocabulary(roles), timersOvertake: true, limit: CheckLimits.maximumConfigurations)
    let time = ContinuousClock().measure { while exploration.next() != nil {} }
    #expect(exploration.isExhausted)
    for (role, checked) in roles.enumerated() {
      var ends: Set<Int> = []
      for configuration in exploration.configurations {
        let situation = exploration.situation(of: role, in: configuration)
        if situation.phase == .completed || situation.phase == .compensated { ends.insert(situation.state) }
      }
      #expect(ends == Set(checked.states.indices.filter { checked.states[$0].final != nil }), "\(checked.role.name)")
    }
    print("\(exploration.configurations.count) configurations in \(time)")
    #expect(time < .seconds(10), "\(exploration.configurations.count) configurations")
  }
}
