import SagaCore
import SagaRuntime
import SagaSimulation

/// What a simulation has reached.
enum CoverageReport {
  /// All of a simulation without a violation, with warnings where it is little.
  ///
  /// - Parameter reach: the names of the scenario's `reach` properties.
  static func print(_ result: SeedCampaign.Result, reach: [String], json: Bool) {
    let coverage = result.coverage
    let complaints = warnings(coverage, reach)
    if json {
      var report = JSONObject(members(result, violation: nil))
      report["warnings"] = .array(complaints.map { .string($0) })
      return Console.print(.object(report))
    }
    Console.print(
      Console.styled("\(Text.count(result.done, "seed")) without a violation", .green) + " in \(rate(result))")
    section("How the sagas ended", coverage.endings)
    section("What became of messages", coverage.outcomes)
    section("What the sagas did", coverage.facts)
    section("Anomalies between sagas (`resources` of the scenario): reported, not failed", coverage.anomalies)
    strikes(coverage)
    let idle = work(coverage).filter { $0.count == 0 && $0.isPossible }.map(\.text)
    if !idle.isEmpty { Console.print(Console.styled("\nIn no world: \(idle.joined(separator: ", "))", .yellow)) }
    if !reach.isEmpty {
      Console.print("\nReached (`reach` of the scenario)")
      for property in reach {
        let count = coverage.reached[property] ?? 0
        let text = "  \(property): in \(Text.count(count, "run"))"
        Console.print(count == 0 ? Console.styled(text, .yellow) : text)
      }
    }
    for warning in complaints { Console.print(Console.styled("warning: \(warning)", .yellow)) }
  }

  /// What stands before the story of a violation: little enough that a short story stays in sight.
  static func printBeforeStory(_ result: SeedCampaign.Result) {
    Console.print("\(Text.count(result.done, "seed")) until a violation in \(rate(result))")
    section("How the sagas ended", result.coverage.endings)
    strikes(result.coverage)
    Console.print("")
  }

  /// What both reports have in JSON.
  ///
  /// - Parameter violation: the oracle that noticed one.
  static func members(_ result: SeedCampaign.Result, violation: String?) -> [(String, JSON)] {
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
      ("seeds", .int(Int64(result.seeds))), ("done", .int(Int64(result.done))),
      ("milliseconds", .int(result.milliseconds)), ("violation", violation.json),
      ("events", .int(Int64(coverage.events))), ("undone", .int(Int64(coverage.undone))),
      ("endings", object(coverage.endings)), ("outcomes", object(coverage.outcomes)),
      ("facts", object(coverage.facts)), ("faults", .object(JSONObject(strikes))),
      ("work", .object(JSONObject(work(coverage).map { ($0.name, .int(Int64($0.count))) }))),
      ("reached", object(coverage.reached)), ("anomalies", object(coverage.anomalies)),
    ]
  }

  /// How often engines did what shows whether faults came through to them, by the name in JSON and in words, and whether these
  /// definitions can have them do it.
  private static func work(_ coverage: Coverage) -> [(name: String, text: String, count: Int, isPossible: Bool)] {
    let (mayShare, mayDivide) = (coverage.mayShareEngines, coverage.mayDivideLanes)
    return [
      ("rows", "a row was committed", coverage.rows, true), ("sent", "a message was sent", coverage.sent, true),
      ("firedTimers", "a timer fired", coverage.firedTimers, true),
      ("crashes", "a service died", coverage.crashes, true),
      ("fencedZombies", "a service woke up beside its successor and found out", coverage.fencedZombies, true),
      ("migrations", "an instance was moved to another version", coverage.migrations, true),
      ("maintained", "a service had nothing else to do and tidied up", coverage.maintained, true),
      ("swept", "a row was swept", coverage.swept, true),
      ("answeredLate", "a service heard later what had become of messages", coverage.answeredLate, true),
      ("crashesWhileSending", "a service died while messages were under way", coverage.crashesWhileSending, true),
      ("sharedEngines", "several roles shared an engine", coverage.sharedEngines, mayShare),
      ("localMessages", "a role took a message of another one of its engine", coverage.localMessages, mayShare),
      ("severalLanes", "a service had a lane for each participant", coverage.severalLanes, mayDivide),
      ("sentPastDown", "a message left while another lane was down", coverage.sentPastDown, mayDivide),
    ]
  }

  /// `3s: 330 seeds/s, 9000 events/s`
  private static func rate(_ result: SeedCampaign.Result) -> String {
    let seconds = Double(result.milliseconds) / 1000
    let seeds = seconds > 0 ? Int(Double(result.done) / seconds) : 0
    let events = seconds > 0 ? Int(Double(result.coverage.events) / seconds) : 0
    return "\(Text.duration(milliseconds: result.milliseconds)): \(seeds) seeds/s, \(events) events/s"
  }

  /// What makes a run worth little.
  private static func warnings(_ coverage: Coverage, _ reach: [String]) -> [String] {
    var warnings: [String] = []
    if !coverage.endings.keys.contains(where: { $0.hasSuffix(": completed") }) {
      warnings.append("no saga completed: these runs proved little")
    }
    if coverage.undone == 0 { warnings.append("\(Text.nothingUndone): these runs proved little") }
    for property in reach where coverage.reached[property] == nil {
      warnings.append("`reach` \(property) held in no run")
    }
    return warnings
  }

  private static func section(_ title: String, _ counts: [String: Int]) {
    if counts.isEmpty { return }
    Console.print("\n\(title)")
    let width = counts.keys.map(\.count).max() ?? 0
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      Console.print("  \(Text.safe(name))\(String(repeating: " ", count: width - name.count))  \(count)")
    }
  }

  private static func strikes(_ coverage: Coverage) {
    let struck = FaultKind.allCases.filter { kind in
      Coverage.Phase.allCases.contains { coverage.strikes(kind, in: $0) > 0 }
    }
    if struck.isEmpty { return }
    Console.print("\nFaults, by what the saga was doing when they struck")
    let rows = struck.map { kind in
      [Console.Cell("  " + kind.rawValue)]
        + Coverage.Phase.allCases.map { phase in Console.Cell(String(coverage.strikes(kind, in: phase))) }
    }
    Console.print(Console.table(rows, header: ["  fault"] + Coverage.Phase.allCases.map(\.name)))
  }
}
