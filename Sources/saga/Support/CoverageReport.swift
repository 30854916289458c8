import SagaCore
import SagaRuntime
import SagaSimulation

/// What a simulation without a violation has reached.
enum CoverageReport {
  /// - Parameter reach: the names of the scenario's `reach` properties.
  static func print(_ result: SeedCampaign.Result, reach: [String], json: Bool) {
    let coverage = result.coverage
    if json { return Console.print(self.json(result, reach)) }
    let seconds = Double(result.milliseconds) / 1000
    let rate = seconds > 0 ? Int(Double(result.seeds) / seconds) : 0
    let events = seconds > 0 ? Int(Double(coverage.events) / seconds) : 0
    Swift.print(
      Console.styled("\(Text.count(result.seeds, "seed")) without a violation", .green)
        + " in \(Text.duration(milliseconds: result.milliseconds)): \(rate) seeds/s, \(events) events/s")
    section("How the sagas ended", coverage.endings)
    section("What became of messages", coverage.outcomes)
    section("What the sagas did", coverage.facts)
    section("Anomalies between sagas (`resources` of the scenario): reported, not failed", coverage.anomalies)
    strikes(coverage)
    if !reach.isEmpty {
      Swift.print("\nReached (`reach` of the scenario)")
      for property in reach {
        let count = coverage.reached[property] ?? 0
        let text = "  \(property): in \(Text.count(count, "run"))"
        Swift.print(count == 0 ? Console.styled(text, .yellow) : text)
      }
    }
    for warning in warnings(coverage, reach) { Swift.print(Console.styled("warning: \(warning)", .yellow)) }
  }

  /// What makes a run worth little.
  private static func warnings(_ coverage: Coverage, _ reach: [String]) -> [String] {
    var warnings: [String] = []
    if coverage.undone == 0 { warnings.append("no compensation was reached: these runs proved little") }
    for property in reach where coverage.reached[property] == nil {
      warnings.append("`reach` \(property) held in no run")
    }
    return warnings
  }

  private static func section(_ title: String, _ counts: [String: Int]) {
    if counts.isEmpty { return }
    Swift.print("\n\(title)")
    let width = counts.keys.map(\.count).max() ?? 0
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      Swift.print("  \(Text.safe(name))\(String(repeating: " ", count: width - name.count))  \(count)")
    }
  }

  private static func strikes(_ coverage: Coverage) {
    let struck = FaultKind.allCases.filter { kind in
      Coverage.Phase.allCases.contains { coverage.strikes(kind, in: $0) > 0 }
    }
    if struck.isEmpty { return }
    Swift.print("\nFaults, by what the saga was doing when they struck")
    let rows = struck.map { kind in
      [Console.Cell("  " + kind.rawValue)]
        + Coverage.Phase.allCases.map { phase in Console.Cell(String(coverage.strikes(kind, in: phase))) }
    }
    Swift.print(Console.table(rows, header: ["  fault"] + Coverage.Phase.allCases.map(\.name)))
  }

  private static func json(_ result: SeedCampaign.Result, _ reach: [String]) -> JSON {
    let coverage = result.coverage
    func object(_ counts: [String: Int]) -> JSON {
      .object(JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) }))
    }
    let strikes = FaultKind.allCases.map { kind in
      (
        kind.rawValue,
        JSON.object(
          JSONObject(Coverage.Phase.allCases.map { ($0.name, .int(Int64(coverage.strikes(kind, in: $0)))) }))
      )
    }
    return [
      "seeds": .int(Int64(result.seeds)), "milliseconds": .int(result.milliseconds), "violation": .null,
      "events": .int(Int64(coverage.events)), "undone": .int(Int64(coverage.undone)),
      "endings": object(coverage.endings), "outcomes": object(coverage.outcomes), "facts": object(coverage.facts),
      "faults": .object(JSONObject(strikes)), "reached": object(coverage.reached),
      "anomalies": object(coverage.anomalies),
      "warnings": .array(warnings(coverage, reach).map { .string($0) }),
    ]
  }
}
