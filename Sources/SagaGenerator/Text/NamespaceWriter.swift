import SagaCore

/// Writes the file of one definition.
struct NamespaceWriter {
  let plan: NamespacePlan
  let access: SwiftAccess

  var text: String {
    let types = TypeWriter(plan: plan, access: access)
    let participants = ParticipantWriter(plan: plan, access: access)
    let definition = plan.definition
    var writer = SourceWriter()
    writer.line("// Made of \(fileName) by saga. Change the definition, not this file.")
    writer.gap()
    // Without an access level: one that has one makes every import that has none an error in the rest of the module.
    if plan.types.usesJSON { writer.line("import SagaCore") }
    writer.line("import SagaRuntime")
    writer.gap()
    writer.documentation(definition.description ?? "The saga `\(definition.name)`.")
    writer.block("\(access.prefix)enum \(plan.name)") { writer in
      writer.documentation("The saga's name.")
      writer.assignment("\(access.prefix)static let saga", SwiftName.literal(definition.name))
      writer.documentation("The definition's version.")
      writer.line("\(access.prefix)static let version: Int64 = \(definition.version)")
      for role in plan.roles { write(role, &writer) }
      for start in plan.starts { write(start: start, &writer) }
      for destination in plan.destinations {
        participants.writeProtocols(destination, &writer)
        participants.writeRegistration(destination, &writer)
      }
      for message in plan.messages {
        types.write(message: message, to: &writer) { participants.writeReply(to: message, &$0) }
      }
      for id in plan.types.shared { types.write(shared: id, to: &writer) }
    }
    return writer.text
  }

  private var fileName: String { plan.definition.file.split(separator: "/").last.map(String.init) ?? "" }

  // MARK: Roles and states

  private func write(_ role: NamespacePlan.Role, _ writer: inout SourceWriter) {
    guard let name = role.name else {
      writer.gap()
      writeStates(role.definition, &writer)
      return
    }
    writer.gap()
    writer.documentation(role.definition.description ?? "The role `\(role.definition.name)`.")
    writer.block("\(access.prefix)enum \(name)") { writer in
      writer.documentation("The role's name.")
      writer.assignment("\(access.prefix)static let role", SwiftName.literal(role.definition.name))
      writer.gap()
      writeStates(role.definition, &writer)
    }
  }

  private func writeStates(_ role: RoleDefinition, _ writer: inout SourceWriter) {
    writer.documentation("The states of an instance.")
    writer.block("\(access.prefix)enum State: String, Sendable, CaseIterable") { writer in
      var taken = NameScope(SwiftName.reservedMembers)
      for state in role.states {
        let name = taken.claimNumbered(SwiftName.lowerCamel(state.name))
        writer.documentation(state.description)
        let head = "case \(SwiftName.escaped(name))"
        if name == state.name { writer.line(head) } else { writer.assignment(head, SwiftName.literal(state.name)) }
      }
    }
  }

  // MARK: Starting

  private func write(start type: String, _ writer: inout SourceWriter) {
    writer.gap()
    writer.documentation(
      """
      Starts an instance; as `SagaEngine.start`.
      """)
    writer.list(
      "\(access.prefix)static func start",
      ["_ message: \(plan.typeName(type))", "on engine: SagaEngine", "source: String", "id: String"],
      " async throws -> InstanceAddress {")
    writer.closed(by: "}") { $0.line("try await engine.start(message, source: source, id: id)") }
  }
}
