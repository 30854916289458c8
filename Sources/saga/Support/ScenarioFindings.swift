import SagaCore
import SagaRuntime
import SagaSimulation

/// What a scenario names and no definition knows: most likely a misspelt name, which would pass in silence. A participant that nobody
/// calls answers nothing, and the one that was meant is modelled from the definition, or answers nothing.
struct ScenarioFindings {
  /// The types of commands that definitions send, by destination.
  private var commands: [String: Set<String>] = [:]
  /// All of them, also those without a destination.
  private var allCommands: Set<String> = []
  /// What calls of a command take as its answer.
  private var replies: [String: Set<String>] = [:]
  /// What is taken without having been asked for.
  private var events: Set<String> = []
  private var found: [ScenarioError] = []

  /// One line for each name that is not known, at its place.
  static func find(_ scenario: ScenarioPart, for definitions: [Definition]) -> [ScenarioError] {
    var findings = ScenarioFindings(definitions)
    findings.look(at: scenario)
    return findings.found
  }

  /// Says on standard error what is found in a scenario.
  ///
  /// - Parameter scenario: the whole of its file.
  static func warn(_ scenario: ScenarioPart, definitions: [Definition]) {
    for finding in find(scenario, for: definitions) {
      let place = finding.position.map { "\($0):" } ?? ""
      let warning = Console.styled("warning", .yellow)
      Console.error("\(finding.file):\(place) \(warning): \(Text.safe(finding.message))", prefix: "")
    }
  }

  private init(_ definitions: [Definition]) {
    for role in definitions.flatMap(\.roles) {
      for handlers in [role.start, role.on] + role.states.map(\.on) { events.formUnion(handlers.map(\.type)) }
      role.visitCalls { call, _ in
        let types = call.replies.map(\.type)
        guard let command = call.command else { return events.formUnion(types) }
        allCommands.insert(command.type.value)
        replies[command.type.value, default: []].formUnion(types)
        if let destination = command.destination { commands[destination.value, default: []].insert(command.type.value) }
      }
    }
  }

  private mutating func look(at scenario: ScenarioPart) {
    for (destination, participant) in scenario["participants"]?.members ?? [] {
      guard let known = commands[destination] else {
        report(participant, "no definition sends a command to \(JSON.string(destination))", destination, commands.keys)
        continue
      }
      for (command, outcomes) in participant.members {
        guard known.contains(command) else {
          let what = "no definition sends \(JSON.string(command)) to \(JSON.string(destination))"
          report(outcomes, what, command, known)
          continue
        }
        for outcome in outcomes.elements { look(at: outcome, of: command) }
      }
    }
    for event in scenario["start"]?.elements ?? [] {
      let taken = replies.values.reduce(into: events) { $0.formUnion($1) }
      guard let type = event["type"], let name = type.json.stringValue, !taken.contains(name) else { continue }
      report(type, "no definition takes \(JSON.string(name))", name, taken)
    }
    for (_, resource) in scenario["resources"]?.members ?? [] {
      for command in ["writes", "reads"].flatMap({ resource[$0]?.elements ?? [] }) {
        guard let name = command.json.stringValue, !allCommands.contains(name) else { continue }
        report(command, "no definition sends the command \(JSON.string(name))", name, allCommands)
      }
    }
  }

  private mutating func look(at outcome: ScenarioPart, of command: String) {
    let known = events.union(replies[command] ?? [])
    guard let reply = outcome["reply"], let name = reply.json.stringValue, !known.contains(name) else { return }
    report(
      reply, "no definition takes \(JSON.string(name)) as the answer to \(JSON.string(command))", name,
      replies[command] ?? known)
  }

  private mutating func report(_ part: ScenarioPart, _ what: String, _ name: String, _ known: some Sequence<String>) {
    let known = known.sorted()
    let quoted = known.prefix(5).map { JSON.string($0).description } + (known.count > 5 ? ["…"] : [])
    let nearest = nearestName(to: name, among: known).map { "did you mean \(JSON.string($0))?" }
    let hint = nearest ?? (known.isEmpty ? "there is none" : "there is \(quoted.joined(separator: ", "))")
    found.append(part.fault("\(what); \(hint)"))
  }
}
