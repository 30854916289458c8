import CEL

/// What a person says about the move of instances from one version of a definition to another, where names alone do not tell.
///
/// ```json
/// { "states": {"waiting": "awaiting", "idle": {"enter": "charging"}}, "steps": {"charge": "chargeCard"},
///   "skip": ["reserve"], "set": {"currency": "'EUR'"}, "drop": ["note"], "correlate": {"parcel": "data.parcelId"} }
/// ```
///
/// For the roles of a choreography these stand under `"roles": {"ROLE": {…}}`.
public struct MigrationMapping: Sendable, Hashable {
  /// The text's own form, as journals keep it.
  public let json: JSON
  private let roles: [String: RoleMapping]

  /// No word on anything: names tell.
  public static let none = MigrationMapping()

  private init() {
    json = .object(JSONObject())
    roles = [:]
  }

  /// Reads a mapping.
  ///
  /// - Throws: `MigrationMappingError` for an unknown or misplaced member.
  public init(json: JSON) throws(MigrationMappingError) {
    guard case .object(let members) = json else {
      throw MigrationMappingError(place: "", message: "a mapping is an object, not \(json.kindWithArticle)")
    }
    self.json = json
    var found: [String: RoleMapping] = [:]
    if let listed = members["roles"] {
      guard case .object(let named) = listed else {
        throw MigrationMappingError(
          place: "/roles", message: "an object of roles stands here, not \(listed.kindWithArticle)")
      }
      if let other = members.keys.first(where: { $0 != "roles" }) {
        throw MigrationMappingError(
          place: "/\(other)", message: "beside \"roles\" each role says its own; move it there")
      }
      for (name, value) in named { found[name] = try RoleMapping(value, at: "/roles/\(name)") }
    } else {
      found[""] = try RoleMapping(json, at: "")
    }
    roles = found
  }

  /// The roles that it speaks of; an orchestration's name is empty.
  var roleNames: [String] { roles.keys.sorted() }

  /// What it says of a role.
  func role(_ name: String) -> RoleMapping { roles[name] ?? RoleMapping() }
}

/// What is wrong with a mapping, and where (RFC 6901).
public struct MigrationMappingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A JSON Pointer into the mapping; empty for the whole.
  public var place: String
  /// What is wrong and how it is mended.
  public var message: String
  public var description: String { "\(place.isEmpty ? "" : "\(place): ")\(message)" }
}

/// What a mapping says of one role.
struct RoleMapping: Sendable, Hashable {
  struct Target: Sendable, Hashable {
    var state: String
    /// The state is entered anew: its timers begin and its steps run.
    var isEntered: Bool
  }

  var states: [String: Target] = [:]
  var steps: [String: String] = [:]
  var skip: [String] = []
  /// In the order of the text.
  var set: [Member] = []
  var drop: [String] = []
  var correlate: [Member] = []

  struct Member: Sendable, Hashable {
    var name: String
    var value: JSON
  }

  private static let members = ["states", "steps", "skip", "set", "drop", "correlate"]

  init() {}

  init(_ json: JSON, at place: String) throws(MigrationMappingError) {
    let reader = MappingReader(place: place)
    for (name, value) in try reader.object(json) {
      let inside = MappingReader(place: "\(place)/\(name)")
      switch name {
      case "states":
        for (state, target) in try inside.object(value) {
          let own = MappingReader(place: "\(inside.place)/\(state)")
          if case .object(let entered) = target {
            guard entered.count == 1, let name = entered["enter"] else {
              throw own.fault("a state's name stands here, or {\"enter\": \"STATE\"}")
            }
            states[state] = Target(state: try own.text(name), isEntered: true)
          } else {
            states[state] = Target(state: try own.text(target), isEntered: false)
          }
        }
      case "steps":
        for (step, target) in try inside.object(value) {
          steps[step] = try MappingReader(place: "\(inside.place)/\(step)").text(target)
        }
        if let double = Dictionary(grouping: steps.values, by: { $0 }).filter({ $0.value.count > 1 }).keys.min() {
          throw inside.fault("two steps become '\(double)'; each has its own")
        }
      case "skip": skip = try inside.texts(value)
      case "drop": drop = try inside.texts(value)
      case "set": set = try inside.object(value).map { Member(name: $0.key, value: $0.value) }
      case "correlate": correlate = try inside.object(value).map { Member(name: $0.key, value: $0.value) }
      default:
        let hint = nearestName(to: name, among: RoleMapping.members).map { "did you mean '\($0)'?" }
        throw inside.fault(
          "a mapping has no such member; \(hint ?? "it has \(RoleMapping.members.joined(separator: ", "))")")
      }
    }
  }
}

/// Reads the parts of a mapping.
private struct MappingReader {
  let place: String

  func fault(_ message: String) -> MigrationMappingError { MigrationMappingError(place: place, message: message) }

  func object(_ json: JSON) throws(MigrationMappingError) -> JSONObject {
    guard case .object(let members) = json else { throw fault("an object stands here, not \(json.kindWithArticle)") }
    return members
  }

  func text(_ json: JSON) throws(MigrationMappingError) -> String {
    guard case .string(let text) = json else { throw fault("a name stands here, not \(json.kindWithArticle)") }
    return text
  }

  func texts(_ json: JSON) throws(MigrationMappingError) -> [String] {
    guard case .array(let elements) = json else {
      throw fault("a list of names stands here, not \(json.kindWithArticle)")
    }
    var found: [String] = []
    for element in elements { found.append(try text(element)) }
    return found
  }
}
