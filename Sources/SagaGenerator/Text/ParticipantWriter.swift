/// Writes what participants have to do: replies, protocols, and the functions that register handlers.
struct ParticipantWriter {
  /// How handlers have their effect.
  private enum Kind: CaseIterable {
    case reaching, transactional
  }

  let plan: NamespacePlan
  let access: SwiftAccess

  /// The name of a command's method, without backticks. Types differ by more than their first letter, or are told apart by them.
  private func method(_ command: String) -> String { SwiftName.lowerCamel(plan.typeName(command)) }

  // MARK: Replies

  /// What may be answered to a command, inside the command's type.
  func writeReply(to type: String, _ writer: inout SourceWriter) {
    guard let command = plan.participants.command(type), !command.replies.isEmpty else { return }
    let cases = replyCases(command)
    writer.gap()
    writer.documentation("What a participant may answer.")
    writer.block("\(access.prefix)enum Reply: Sendable, Hashable") { writer in
      for (name, reply) in cases {
        writer.documentation(reply.isDeclined ? "Nothing was done." : "It was done.")
        writer.line("case \(SwiftName.escaped(name))(\(payload(reply)))")
      }
      writer.gap()
      writer.documentation("The reply as a `Participant` takes it.\n\n- Throws: `EncodingError`.")
      writer.block("\(access.prefix)func commandReply() throws -> CommandReply") { writer in
        writer.line("switch self {")
        for (name, reply) in cases {
          let make = reply.isDeclined ? "declined" : "done"
          writer.line("case .\(SwiftName.escaped(name))(let message): try .\(make)(message)")
        }
        writer.line("}")
      }
    }
  }

  private func replyCases(_ command: CommandPlan) -> [(name: String, reply: CommandPlan.Reply)] {
    var taken = NameScope(SwiftName.reservedMembers.union(["commandReply"]))
    return command.replies.map { reply in
      let name = SwiftName.lowerCamel(plan.typeName(reply.type))
      let suffix = reply.hasCounterpart && reply.isDeclined ? "Declined" : ""
      return (taken.claimNumbered(name + suffix), reply)
    }
  }

  private func payload(_ reply: CommandPlan.Reply) -> String { plan.typeName(reply.type) }

  // MARK: Protocols

  func writeProtocols(_ destination: NamespacePlan.Destination, _ writer: inout SourceWriter) {
    for kind in Kind.allCases {
      writer.gap()
      writer.documentation(about(destination.plan.destination, kind))
      writer.block("\(access.prefix)protocol \(protocolName(destination, kind)): Sendable") { writer in
        if kind == .transactional {
          writer.documentation("What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.")
          writer.line("associatedtype Transaction")
        }
        for type in destination.plan.commands {
          guard let command = plan.participants.command(type) else { continue }
          writeRequirements(command, kind, &writer)
        }
      }
    }
  }

  private func protocolName(_ destination: NamespacePlan.Destination, _ kind: Kind) -> String {
    destination.stem + (kind == .reaching ? "Participant" : "TransactionalParticipant")
  }

  private func about(_ destination: String, _ kind: Kind) -> String {
    switch kind {
    case .reaching:
      """
      The commands to `\(destination)`, for handlers that reach other systems.

      A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is transient: the command comes again as the definition's `retry` says.
      """
    case .transactional:
      """
      The commands to `\(destination)`, for handlers whose whole effect is rows beside the engine's.

      A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
      """
    }
  }

  private func writeRequirements(_ command: CommandPlan, _ kind: Kind, _ writer: inout SourceWriter) {
    let type = plan.typeName(command.type)
    let reply = command.replies.isEmpty ? "" : " -> \(type).Reply"
    let steps = command.steps.map { "`\($0)`" }.joined(separator: ", ")
    let noun = command.steps.count == 1 ? "the step" : "the steps"
    if command.isUndo, !command.replies.isEmpty {
      writer.gap()
      writer.documentation("Answers where there is nothing to undo: the action never began, or was declined.")
      writer.list(
        "func nothingToUndo", ["_ command: \(type)", "context: CommandContext"], " throws\(reply)")
    }
    writer.gap()
    writer.documentation(
      command.isUndo ? "Undoes \(noun) \(steps), which was done or may have been." : "Does \(noun) \(steps).")
    var parameters = ["_ command: \(type)", "context: CommandContext"]
    if kind == .transactional { parameters.append("transaction: Transaction") }
    writer.list(
      "func \(SwiftName.escaped(method(command.type)))", parameters,
      (kind == .reaching ? " async throws" : " throws") + reply)
  }

  // MARK: Registration

  func writeRegistration(_ destination: NamespacePlan.Destination, _ writer: inout SourceWriter) {
    for kind in Kind.allCases {
      let name = protocolName(destination, kind)
      let label = kind == .reaching ? SwiftName.label(destination.label) : destination.label + "InTransaction"
      writer.gap()
      writer.documentation(
        "The participant `\(destination.plan.destination)` with these handlers, "
          + (kind == .reaching ? "which reach other systems." : "whose whole effect is rows beside the engine's."))
      writer.list(
        "\(access.prefix)static func participant",
        ["\(label) handlers: some \(name)", "policy: DestinationPolicy = DestinationPolicy()"], " -> Participant {")
      writer.closed(by: "}") { writer in
        writer.line(
          "var participant = Participant(\(SwiftName.literal(destination.plan.destination)), policy: policy)")
        writer.line("register(\(label): handlers, in: &participant)")
        writer.line("return participant")
      }
      writer.gap()
      writer.documentation("Registers the handlers at a participant that takes commands of other sagas, too.")
      let generic = kind == .reaching ? "" : "<Handlers: \(name)>"
      writer.list(
        "\(access.prefix)static func register\(generic)",
        [
          "\(label) handlers: \(kind == .reaching ? "some \(name)" : "Handlers")", "in participant: inout Participant",
        ], " {")
      writer.closed(by: "}") { writer in
        for type in destination.plan.commands {
          guard let command = plan.participants.command(type) else { continue }
          writeHandler(command, kind, &writer)
        }
      }
    }
  }

  private func writeHandler(_ command: CommandPlan, _ kind: Kind, _ writer: inout SourceWriter) {
    let type = plan.typeName(command.type)
    let name = "participant." + (command.isUndo ? "undo" : "handle") + (kind == .reaching ? "" : "InTransaction")
    var arguments = ["\(type).messageType", "as: \(type).self"]
    var parameters = ["command", "context"]
    var given = ["command", "context: context"]
    if kind == .transactional {
      arguments.append("with: Handlers.Transaction.self")
      parameters.append("transaction")
      given.append("transaction: transaction")
    }
    let call = "\(kind == .reaching ? "try await" : "try") handlers.\(SwiftName.escaped(method(command.type)))"
    func answer(_ writer: inout SourceWriter, _ call: String, _ arguments: [String]) {
      writer.list(call, arguments, command.replies.isEmpty ? "" : ".commandReply()")
      if command.replies.isEmpty { writer.line("return .unanswered") }
    }
    let head = " { \(parameters.joined(separator: ", ")) in"
    guard command.isUndo else {
      writer.list(name, arguments, head)
      writer.closed(by: "}") { answer(&$0, call, given) }
      return
    }
    if command.replies.isEmpty {
      writer.list(name, arguments, " { _, _ in")
      writer.indented { $0.line(".unanswered") }
    } else {
      writer.list(name, arguments, " { command, context in")
      writer.indented { answer(&$0, "try handlers.nothingToUndo", ["command", "context: context"]) }
    }
    writer.line("} _: { \(parameters.joined(separator: ", ")) in")
    writer.closed(by: "}") { answer(&$0, call, given) }
  }
}
