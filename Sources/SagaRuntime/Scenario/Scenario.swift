import CEL
import SagaCore

/// Why a scenario file cannot be used.
public struct ScenarioError: Error, Sendable, CustomStringConvertible {
  /// The scenario's file.
  public var file: String
  /// Where in it; nil where the whole file is meant.
  public var position: SourcePosition?
  /// What is wrong and how it is mended.
  public var message: String
  public var description: String { "\(file):\(position.map { "\($0):" } ?? "") \(message)" }

  package init(file: String, position: SourcePosition?, message: String) {
    self.file = file
    self.position = position
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

  /// Reads a scenario.
  ///
  /// - Throws: `ScenarioError` with the place of the first fault.
  public init(source: [UInt8], file: String) throws {
    let located: LocatedJSON
    do throws(JSONError) {
      located = try JSONParser.parseWithPositions(source, limits: .definition)
    } catch {
      throw ScenarioError(
        file: file, position: SourcePosition(offset: error.offset, in: source), message: error.message)
    }
    func fail(_ path: JSONPointerPath, _ message: String) -> ScenarioError {
      ScenarioError(file: file, position: located.nearestPosition(of: path), message: message)
    }
    guard case .object(let root) = located.root else { throw fail([], "a scenario is an object") }
    for name in root.keys where !Scenario.members.contains(name) {
      throw fail(
        JSONPointerPath([.key(name)]),
        "unknown member '\(name)'; a scenario has \(Scenario.members.joined(separator: ", "))")
    }
    seed = root["seed"]?.intValue ?? 1
    participants = [:]
    guard case .object(let destinations)? = root["participants"] else {
      throw fail([], "a scenario has the member `participants`: destination, command type, outcomes")
    }
    for (destination, commands) in destinations {
      let place = JSONPointerPath([.key("participants"), .key(destination)])
      guard case .object(let commands) = commands else {
        throw fail(place, "a participant is an object of command types")
      }
      for (type, outcomes) in commands {
        guard case .array(let list) = outcomes, !list.isEmpty else {
          throw fail(place.appending(type), "a command has a list of outcomes, at least one")
        }
        participants[destination, default: [:]][type] = try list.enumerated().map { index, json in
          do throws(MessageFault) {
            return try ParticipantOutcome(json)
          } catch {
            throw fail(place.appending(type).appending(index), error.message)
          }
        }
      }
    }
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
  /// How often, relative to the others.
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

  static let members = [
    "reply", "data", "latency", "weight", "refuses", "lost", "silent", "twice", "delivery", "for",
  ]

  init(_ json: JSON) throws(MessageFault) {
    guard case .object(let object) = json else {
      throw MessageFault(code: "scenario.outcome", message: "an outcome is an object")
    }
    for name in object.keys where !ParticipantOutcome.members.contains(name) {
      throw MessageFault(
        code: "scenario.outcome",
        message: "unknown member '\(name)'; an outcome has \(ParticipantOutcome.members.joined(separator: ", "))")
    }
    reply = object["reply"]?.stringValue
    isSilent = object["silent"]?.boolValue ?? false
    isLost = object["lost"]?.boolValue ?? false
    isRefusal = object["refuses"]?.boolValue ?? false
    isTwice = object["twice"]?.boolValue ?? false
    weight = object["weight"]?.intValue ?? 1
    delivery = try DeliveryFault(object)
    if reply == nil, !isSilent, !isLost {
      guard let delivery, delivery.milliseconds == nil else {
        throw MessageFault(
          code: "scenario.outcome",
          message: "an outcome has a `reply`, or is `silent` or `lost`, or has a `delivery` that fails for good")
      }
      // What never gets through is never done.
      isSilent = true
    }
    guard weight > 0 else { throw MessageFault(code: "scenario.weight", message: "a weight is at least 1") }
    if let text = object["latency"]?.stringValue {
      guard let latency = DurationText.milliseconds(text) else {
        throw MessageFault(code: "scenario.latency", message: "'\(text)' is no duration such as \"200ms\" or \"30s\"")
      }
      latencyMilliseconds = latency
    } else {
      latencyMilliseconds = 0
    }
    data = try PayloadTemplate(object["data"] ?? .object(JSONObject()))
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

  init(_ json: JSON) throws(MessageFault) {
    switch json {
    case .string(let text):
      do throws(CELError) {
        self = .expression(try PayloadTemplate.environment.compile(text))
      } catch {
        throw MessageFault(code: "scenario.expression", message: "'\(text)': \(error.message)")
      }
    case .array(let elements):
      var parts: [PayloadTemplate] = []
      for element in elements { parts.append(try PayloadTemplate(element)) }
      self = .array(parts)
    case .object(let members):
      var parts: [(name: String, value: PayloadTemplate)] = []
      for (name, value) in members { parts.append((name, try PayloadTemplate(value))) }
      self = .object(parts)
    default: self = .constant(json)
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
