import SagaCore
import SagaRuntime

/// What definitions say about messages from outside: their schemas, and what a command may be answered with.
struct Vocabulary: Sendable {
  /// What may come back for a command.
  struct Answer: Sendable, Hashable {
    var type: String
    /// Whether one of its entries is a business failure (`fail`), and whether one is none.
    var mayFail = false
    var maySucceed = false
  }

  /// A command and who is asked.
  struct Command: Hashable, Sendable {
    var type: String
    var destination: String
    var isUndo: Bool
  }

  private var schemas: [String: Schema] = [:]
  private var answers: [Command: [Answer]] = [:]

  init(_ definitions: SagaDefinitions) {
    // What the newest version says counts; the roles of a choreography share one file.
    var known: Set<[UInt8]> = []
    for machine in definitions.machines.sorted(by: { $0.identity.version > $1.identity.version })
    where known.insert(machine.sourceHash).inserted {
      guard let definition = LoadedDefinition.load(source: machine.source, file: "", runsChecks: false).definition
      else {
        continue
      }
      for message in definition.messages where schemas[message.type] == nil { schemas[message.type] = message.schema }
      for role in definition.roles {
        for state in role.states { note(state.steps ?? []) }
      }
    }
  }

  func schema(of type: String) -> Schema? { schemas[type] }

  /// In the order of the definition; nil for a command that no step sends there.
  func answers(to command: Command) -> [Answer]? { answers[command] }

  private mutating func note(_ steps: [StepDefinition]) {
    for step in steps {
      switch step {
      case .call(let call): note(call, isUndo: false)
      case .set, .fail: continue
      case .publish(let publish): if case .call(let call)? = publish.undo { note(call, isUndo: true) }
      case .forEach(let loop): note(loop.steps)
      case .parallel(let branches, _): for branch in branches { note(branch) }
      case .choose(let choices, _): for choice in choices { note(choice.steps) }
      case .attempt(let steps, let recovery, _):
        note(steps)
        note(recovery)
      }
    }
  }

  private mutating func note(_ call: CallDefinition, isUndo: Bool) {
    if case .call(let undo)? = call.undo { note(undo, isUndo: true) }
    guard let sent = call.command, let destination = sent.destination else { return }
    let command = Command(type: sent.type.value, destination: destination.value, isUndo: isUndo)
    var known = answers[command] ?? []
    for reply in call.replies {
      let index = known.firstIndex { $0.type == reply.type } ?? known.endIndex
      if index == known.endIndex { known.append(Answer(type: reply.type)) }
      if reply.fail != nil { known[index].mayFail = true } else { known[index].maySucceed = true }
    }
    answers[command] = known
  }
}
