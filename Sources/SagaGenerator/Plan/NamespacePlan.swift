import SagaCore

/// A definition and every name that the generated code gives it.
struct NamespacePlan {
  /// A role's states.
  struct Role {
    var definition: RoleDefinition
    /// nil for the one role of an orchestration, whose states stand in the namespace.
    var name: String?
  }

  struct Destination {
    var plan: DestinationPlan
    /// The beginning of its protocols' names.
    var stem: String
    /// The label of its parameters, without backticks.
    var label: String
  }

  let definition: Definition
  let name: String
  let participants: ParticipantPlan
  private(set) var destinations: [Destination] = []
  private(set) var roles: [Role] = []
  let types: TypeTable
  /// The types of all messages, in order.
  let messages: [String]
  /// The types that start an instance, each once, in order.
  let starts: [String]

  /// - Parameter name: the namespace's.
  /// - Throws: `GenerationError`.
  init(_ definition: Definition, name: String) throws(GenerationError) {
    self.definition = definition
    self.name = name
    participants = try ParticipantPlan(definition)
    starts = distinct(definition.roles.flatMap(\.start).map(\.type))
    messages = distinct(
      definition.messages.map(\.type)
        + definition.roles.flatMap {
          $0.takenTypes.map(\.value) + $0.commandTypes.map(\.value) + $0.publishedTypes.map(\.value)
        })
    var names = NameScope([name])
    func claim(_ wanted: String, _ what: String, _ position: SourcePosition) throws(GenerationError) {
      if names.claim(wanted) { return }
      throw GenerationError(
        code: .nameClash, file: definition.file, position: position,
        message: "In Swift \(what) would be called `\(wanted)`, as something else of the saga is already.",
        mend: "Rename one of the two.")
    }
    for role in definition.roles {
      guard definition.mode == .choreography else {
        roles.append(Role(definition: role))
        continue
      }
      let name = SwiftName.upperCamel(role.name) + "Role"
      try claim(name, "the role '\(role.name)'", role.position)
      roles.append(Role(definition: role, name: name))
    }
    for plan in participants.destinations {
      let stem = SwiftName.upperCamel(plan.destination)
      let label = SwiftName.lowerCamel(plan.destination)
      if stem.isEmpty {
        throw GenerationError(
          code: .nameEmpty, file: definition.file, position: plan.position,
          message:
            "No name of Swift can be made of the destination \(JSON.string(plan.destination)): it has neither letters nor digits.",
          mend: "Rename it.")
      }
      for ending in ["Participant", "TransactionalParticipant"] {
        try claim(stem + ending, "the protocol of the destination '\(plan.destination)'", plan.position)
      }
      destinations.append(Destination(plan: plan, stem: stem, label: label))
    }
    types = try TypeTable(definition, types: messages, namespace: name, names: names)
  }

  /// The name of a message's type, without the namespace.
  func typeName(_ message: String) -> String {
    guard let id = types.messages[message] else { preconditionFailure("every message has a type") }
    return types[id].name
  }
}
