import CEL
import SagaCore

/// Why a scenario file cannot be used.
public struct ScenarioError: Error, Sendable, CustomStringConvertible {
  /// The scenario's file.
  public var file: String
  /// Where in it; nil where the whole file is meant.
  public var position: SourcePosition?
  /// The way from the root to what is wrong; empty where that is the root itself or the file is no JSON.
  public var path: JSONPointerPath
  /// What is wrong and how it is mended.
  public var message: String
  public var description: String {
    let place = path.elements.isEmpty ? "" : "\(path): "
    return "\(file):\(position.map { "\($0):" } ?? "") \(place)\(message)"
  }

  package init(file: String, position: SourcePosition?, path: JSONPointerPath = [], message: String) {
    self.file = file
    self.position = position
    self.path = path
    self.message = message
  }
}

/// Models of the participants that answer a saga's commands, from a scenario file (`docs/scenarios.md`).
public struct Scenario: Sendable {
  /// Makes all choices; another seed is another history.
  public var seed: Int64
  /// By destination, then command type.
  public var participants: [String: [String: [ParticipantOutcome]]]

  /// `start`, `invariants` and `reach` are for simulations; the messages of `start` may be sent by hand as well.
  static let members = ["$schema", "description", "seed", "participants", "start", "invariants", "reach", "resources"]

  /// Reads a scenario. What it says to simulations is checked as well, but for its expressions.
  ///
  /// - Throws: `ScenarioError` with the place of the first fault.
  public init(source: [UInt8], file: String) throws {
    try self.init(ScenarioPart(source: source, file: file))
  }

  /// Reads a scenario whose file has been parsed.
  ///
  /// - Throws: `ScenarioError` with the place of the first fault.
  package init(_ root: ScenarioPart) throws(ScenarioError) {
    try root.check("a scenario", has: Scenario.members)
    for name in ["$schema", "description"] {
      _ = try root[name]?.text("`\(name)` is a string", mayBeEmpty: true)
    }
    seed = try root["seed"]?.integer("`seed` is a whole number of 64 bits") ?? 1
    guard let destinations = root["participants"] else {
      throw root.fault("a scenario has the member `participants`: destination, command type, outcomes")
    }
    participants = [:]
    for (destination, commands) in try destinations.entries("`participants` is an object of destinations") {
      for (type, outcomes) in try commands.entries("a participant is an object of command types") {
        let read = try Scenario.outcomes(outcomes)
        participants[destination, default: [:]][type] = read
      }
    }
    _ = try Scenario.start(of: root)
    for name in ["invariants", "reach"] { _ = try Scenario.properties(name, of: root) }
    _ = try Scenario.resources(of: root)
  }

  private static func outcomes(_ list: ScenarioPart) throws(ScenarioError) -> [ParticipantOutcome] {
    let what = "a command has a list of outcomes, at least one"
    var outcomes: [ParticipantOutcome] = []
    for part in try list.list(what) { outcomes.append(try ParticipantOutcome(part)) }
    if outcomes.isEmpty { throw list.fault("\(what); this one is empty") }
    return outcomes
  }
}

extension Scenario {
  /// Whether a participant of the scenario takes this message.
  public func answers(_ message: OutgoingMessage) -> Bool {
    guard message.kind == .command, let destination = message.destination else { return false }
    return participants[destination]?[message.event.type] != nil
  }
}

/// One thing a participant may do with a command.
public struct ParticipantOutcome: Sendable {
  /// The type of the answer; nil when there is none.
  public var reply: String?
  /// The answer's payload.
  public var data: PayloadTemplate
  /// From the command to the answer.
  public var latencyMilliseconds: Int64
  /// How often, relative to the others; from 1 to `maximumWeight`.
  public var weight: Int64
  /// The action is refused: nothing was done.
  public var isRefusal: Bool
  /// The action is done and its answer is lost on the way.
  public var isLost: Bool
  /// Nothing is done and nothing answered.
  public var isSilent: Bool
  /// The answer comes twice.
  public var isTwice: Bool
  /// How the command fails to reach the participant, for a time or for good; nil when it gets through at once.
  public var delivery: DeliveryFault?

  /// The greatest `weight`, so that sums of weights stay within 64 bits.
  public static let maximumWeight: Int64 = 1_000_000_000

  static let members = [
    "reply", "data", "latency", "weight", "refuses", "lost", "silent", "twice", "delivery", "for",
  ]

  init(_ outcome: ScenarioPart) throws(ScenarioError) {
    try outcome.check("an outcome", has: ParticipantOutcome.members)
    reply = try outcome["reply"]?.text("`reply` is the type of the answer, a string that is not empty")
    isSilent = try outcome["silent"]?.flag() ?? false
    isLost = try outcome["lost"]?.flag() ?? false
    isRefusal = try outcome["refuses"]?.flag() ?? false
    isTwice = try outcome["twice"]?.flag() ?? false
    weight =
      try outcome["weight"]?.integer(
        "`weight` is a whole number from 1 to \(ParticipantOutcome.maximumWeight)",
        in: 1...ParticipantOutcome.maximumWeight) ?? 1
    latencyMilliseconds = try outcome["latency"]?.milliseconds() ?? 0
    delivery = try DeliveryFault(outcome)
    if reply == nil, !isSilent, !isLost {
      guard let delivery, delivery.milliseconds == nil else {
        throw outcome.fault(
          "an outcome has a `reply`, or is `silent` or `lost`, or has a `delivery` that fails for good")
      }
      // What never gets through is never done.
      isSilent = true
    }
    if let template = outcome["data"] { data = try PayloadTemplate(template) } else { data = .object([]) }
  }
}

/// A payload whose string leaves are CEL over `command`.
public indirect enum PayloadTemplate: Sendable {
  /// As it stands.
  case constant(JSON)
  /// What the expression gives.
  case expression(CELProgram)
  /// Elements, each a template.
  case array([PayloadTemplate])
  /// Members, each a template.
  case object([(name: String, value: PayloadTemplate)])

  private static let environment = CELEnvironment(variables: [("command", .dyn)])

  init(_ part: ScenarioPart) throws(ScenarioError) {
    switch part.json {
    case .string(let text):
      do throws(CELError) {
        self = .expression(try PayloadTemplate.environment.compile(text))
      } catch {
        throw part.fault("'\(text)': \(error.message)")
      }
    case .array:
      var templates: [PayloadTemplate] = []
      for element in part.elements { templates.append(try PayloadTemplate(element)) }
      self = .array(templates)
    case .object:
      var templates: [(name: String, value: PayloadTemplate)] = []
      for (name, member) in part.members { templates.append((name, try PayloadTemplate(member))) }
      self = .object(templates)
    default: self = .constant(part.json)
    }
  }

  package func value(for command: CELValue) throws -> JSON {
    switch self {
    case .constant(let json): return json
    case .expression(let program): return try JSON(cel: program.evaluate(CommandActivation(command: command)))
    case .array(let parts): return .array(try parts.map { try $0.value(for: command) })
    case .object(let parts):
      return .object(JSONObject(try parts.map { ($0.name, try $0.value.value(for: command)) }))
    }
  }
}

private struct CommandActivation: CELActivation {
  var command: CELValue
  func value(forVariable index: Int) -> CELValue? { command }
}
