import Foundation
import SagaCore
import Testing

/// Does what `docs/guides/simulation.md` does, with the texts that stand there.
@Suite("The guide to simulation")
struct SimulationGuideTests {
  let text: String

  init() throws {
    text = try String(
      contentsOf: Command.repository.appendingPathComponent("docs/guides/simulation.md"), encoding: .utf8)
  }

  private func block(_ language: String) throws -> String {
    let start = try #require(text.range(of: "```\(language)\n"))
    let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
    return String(text[start.upperBound..<end.lowerBound])
  }

  /// The `sed` commands of the guide, as what they replace by what.
  private var edits: [(old: String, new: String)] {
    text.matches(of: /\$ sed -i\.bak 's\/(?<old>[^\/]+)\/(?<new>[^\/]+)\/' orders\.json/).map {
      (String($0.old), String($0.new))
    }
  }

  @Test("its bug passes the check, breaks its invariant, is told again and is mended")
  func walk() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.saga("simulate", "orders.json", "--seeds", "20").expectDone()
    try #require(edits.count == 2)
    try edit(world, edits[0])
    let checked = try world.saga("check", "orders.json")
    checked.expectDone()
    #expect(checked.output.contains("no findings"))
    try world.saga("simulate", "orders.json", "--seeds", "20").expectDone()

    let scenario = try world.read("orders.scenario.json")
    let fragment = try block("json")
    try world.write(
      "orders.scenario.json", scenario.replacing("\"seed\": 1,\n", with: "\"seed\": 1,\n" + fragment))
    let broken = try world.saga("simulate", "orders.json", "--sagas", "1", "--seeds", "500")
    #expect(broken.code == 1)
    #expect(broken.output.contains("VIOLATION invariant.who-gets-the-parcel-pays: "))
    #expect(broken.output.hasSuffix("again: saga replay violation.trace.json\n"))
    // Before the story: how fast it went, how the sagas ended, what struck. What only a clean run says is left out.
    let rate = /[0-9]+ seeds until a violation in .+: [0-9]+ seeds\/s, [0-9]+ events\/s\n/
    #expect(broken.output.prefixMatch(of: rate) != nil)
    #expect(broken.output.contains("\nHow the sagas ended\n  orders: "))
    #expect(broken.output.contains("\nFaults, by what the saga was doing when they struck\n"))
    #expect(!broken.output.contains("What the sagas did"))
    // However many seeds run at a time, the lowest one that breaks is told.
    let story = try storyOnwards(in: broken)
    for jobs in ["1", "7"] {
      let alike = try world.saga("simulate", "orders.json", "--sagas", "1", "--seeds", "500", "--jobs", jobs)
      #expect(alike.code == 1)
      #expect(try storyOnwards(in: alike) == story)
    }
    let reports = try world.saga("simulate", "orders.json", "--sagas", "1", "--seeds", "500", "--no-shrink", "--json")
    let report = try #require(try reports.json().first)
    #expect(report["violation"] == report["oracle"])
    #expect(report["oracle"] == "invariant.who-gets-the-parcel-pays")
    #expect(report["seed"]?.stringValue == report["seeds"]?.intValue.map { "\($0 - 1)" })
    #expect((report["done"]?.intValue ?? 0) >= (report["seeds"]?.intValue ?? .max))
    #expect((report["events"]?.intValue ?? 0) > 0)
    for member in ["milliseconds", "undone", "endings", "outcomes", "facts", "faults", "reached", "anomalies"] {
      #expect(report[member] != nil, "\(member)")
    }

    // The story that the guide tells.
    let short = try world.saga("simulate", "orders.json", "--sagas", "1", "--faults", "none")
    #expect(short.code == 1)
    let lines = try storyOnwards(in: short).split(separator: "\n").filter { !$0.contains("ledger.exists") }
    for line in lines { #expect(text.contains(line), "\(line)") }
    #expect(lines.count > 15)

    let again = try world.saga("replay", "violation.trace.json")
    #expect(again.code == 1)
    #expect(again.output.contains("the same run: hash "))
    #expect(try world.saga("replay", "violation.trace.json", "--mermaid").output.contains("sequenceDiagram"))
    let trace = try world.read("violation.trace.json")
    try world.write("elsewhere.trace.json", trace.replacing(/"timeZoneData":"[^"]*"/, with: #""timeZoneData":"1970a""#))
    let elsewhere = try world.saga("replay", "elsewhere.trace.json")
    #expect(elsewhere.output.contains("the tz data of time zones (1970a, here "))
    #expect(elsewhere.output.contains("has changed since the trace was made"))

    try edit(world, edits[1])
    let mended = try world.saga("replay", "violation.trace.json")
    mended.expectDone()
    #expect(mended.output.contains("orders.json has changed since the trace was made"))
    #expect(mended.output.contains("no violation"))
    let clean = try world.saga("simulate", "orders.json", "--seeds", "50")
    clean.expectDone()
    #expect(clean.output.contains("an-order-is-shipped: in "))
    #expect(clean.output.contains("a-charge-is-refunded: in "))
    for store in ["memory", "sqlite"] {
      let reports = try ["1", "7"].map { jobs in
        try world.saga("simulate", "orders.json", "--seeds", "30", "--store", store, "--jobs", jobs, "--json").json()
          .map { $0.objectValue?.filter { $0.key != "milliseconds" }.map { "\($0.key): \($0.value)" } }
      }
      #expect(reports[0] == reports[1])
    }
  }

  @Test("crash points need a script, and say so before they say anything else")
  func script() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.write("alone.json", try world.read("orders.json"))
    let refused = try world.saga("simulate", "alone.json", "--crash-points")
    refused.expectRefusal(
      1, mentioning: "alone.json: --crash-points runs a script", "a scenario with participants and `start`")
    #expect(refused.output.isEmpty)
  }

  /// A violation's report from the story on: what stands before it depends on how many seeds were at work.
  private func storyOnwards(in result: Command.Result) throws -> Substring {
    let start = try #require(result.output.range(of: "00:00:00.000")).lowerBound
    return result.output[start...]
  }

  private func edit(_ world: CommandLineWorld, _ edit: (old: String, new: String)) throws {
    let before = try world.read("orders.json")
    try #require(before.contains(edit.old))
    try world.write("orders.json", before.replacing(edit.old, with: edit.new))
  }

  @Test("its reference names every kind of fault, and every oracle that the simulation has")
  func complete() throws {
    let text = try String(
      contentsOf: Command.repository.appendingPathComponent("docs/simulation-reference.md"), encoding: .utf8)
    let faults = try CommandLineWorld().saga("simulate", "orders.json", "--list-faults", "--json").json()
    #expect(!faults.isEmpty)
    for name in faults.compactMap({ $0["name"]?.stringValue }) { #expect(text.contains("`\(name)`"), "\(name)") }
    for oracle in try oracles() {
      #expect(text.contains("| `\(oracle)") || text.contains("` `\(oracle)`"), "\(oracle)")
    }
  }

  /// The first argument of every `Violation(…)` in the sources.
  private func oracles() throws -> Set<String> {
    let folder = Command.repository.appendingPathComponent("Sources/SagaSimulation")
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    var found: Set<String> = []
    for path in paths where path.hasSuffix(".swift") {
      let source = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      for match in source.matches(of: /Violation\(\s*"(?<name>[a-z-]+)"/) { found.insert(String(match.name)) }
    }
    return found
  }
}
