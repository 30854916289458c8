import SagaCore

/// A command that definitions send, and what may be answered to it.
struct CommandPlan: Sendable {
  /// A reply of one type. One that some steps take as done and others as declined, depending on what it says, stands twice.
  struct Reply: Sendable, Hashable {
    var type: String
    /// Whether it says that nothing was done.
    var isDeclined: Bool
    /// The same type stands for the other answer, too.
    var hasCounterpart = false
  }

  var type: String
  /// Where it was met first.
  var position: SourcePosition
  /// Whether it undoes something.
  var isUndo: Bool
  var replies: [Reply] = []
  /// The steps that send it, each once, in order.
  var steps: [String] = []
}

/// A participant that definitions call.
struct DestinationPlan: Sendable {
  var destination: String
  var position: SourcePosition
  /// The types of its commands, in order.
  var commands: [String] = []
}

/// What a definition asks of participants.
struct ParticipantPlan: Sendable {
  /// In the order in which the definition names them.
  private(set) var destinations: [DestinationPlan] = []
  /// Of all destinations, in order. What a command may be answered is the same wherever it is sent.
  private(set) var commands: [CommandPlan] = []

  /// - Throws: `GenerationError.Code.commandBothWays`.
  init(_ definition: Definition) throws(GenerationError) {
    for call in definition.roles.flatMap(\.calls) {
      try add(call, step: call.name, isUndo: false, definition)
      if case .call(let undo) = call.undo { try add(undo, step: call.name, isUndo: true, definition) }
    }
    for step in definition.roles.flatMap(\.steps) {
      guard case .publish(let publish) = step, case .call(let undo) = publish.undo else { continue }
      try add(undo, step: undo.name, isUndo: true, definition)
    }
    for index in commands.indices {
      let declined = Set(commands[index].replies.filter(\.isDeclined).map(\.type))
      let done = Set(commands[index].replies.filter { !$0.isDeclined }.map(\.type))
      for place in commands[index].replies.indices {
        let type = commands[index].replies[place].type
        commands[index].replies[place].hasCounterpart = declined.contains(type) && done.contains(type)
      }
    }
  }

  func command(_ type: String) -> CommandPlan? { commands.first { $0.type == type } }

  private mutating func add(
    _ call: CallDefinition, step: String, isUndo: Bool, _ definition: Definition
  ) throws(GenerationError) {
    // Without a destination it reaches no participant by name.
    guard let command = call.command, let destination = command.destination else { return }
    let type = command.type.value
    let place = destinations.firstIndex { $0.destination == destination.value } ?? destinations.count
    if place == destinations.count {
      destinations.append(DestinationPlan(destination: destination.value, position: destination.position))
    }
    if !destinations[place].commands.contains(type) { destinations[place].commands.append(type) }
    let index = commands.firstIndex { $0.type == type } ?? commands.count
    if index == commands.count {
      commands.append(CommandPlan(type: type, position: command.type.position, isUndo: isUndo))
    }
    guard commands[index].isUndo == isUndo else {
      throw GenerationError(
        code: .commandBothWays, file: definition.file, position: command.type.position,
        message:
          "\(JSON.string(type)) is sent both to do something and to undo something (the other place is \(commands[index].position)); a participant's handler is for one of the two.",
        mend: "Give the undo a command type of its own.")
    }
    if !commands[index].steps.contains(step) { commands[index].steps.append(step) }
    for reply in call.replies {
      let planned = CommandPlan.Reply(type: reply.type, isDeclined: reply.fail != nil)
      if !commands[index].replies.contains(planned) { commands[index].replies.append(planned) }
    }
  }
}

extension RoleDefinition {
  /// Every step, in the order of the file.
  fileprivate var steps: [StepDefinition] { states.flatMap { ($0.steps ?? []).flatMap(\.all) } }
}
