import SagaCore
import SagaRuntime

/// What participants may do with each command: everything the definitions say they may answer, or what a scenario says.
public struct ParticipantModel: Sendable {
  /// One thing that may become of a command.
  public struct Alternative: Sendable {
    /// What kind of thing may become of it.
    public enum Kind: Sendable, Hashable, CaseIterable {
      /// The action is done and answered.
      case success
      /// The action is refused: nothing is done.
      case refusal
      /// Nothing is done yet: the participant asks to be called again.
      case postponement
      /// Nothing is done and nothing is answered.
      case silence
      /// The action is done and its answer is lost.
      case lostAnswer
      /// The action is done and answered twice, under two message ids.
      case twice
      /// The action is done and answered; then the same participant claims to have refused it.
      case contradiction
      /// The action is done, and its participant says that it has refused it.
      case denial
      /// An undo is refused.
      case refusedUndo
    }
    /// What kind of thing becomes of it.
    public var kind: Kind
    /// The type of the answer; nil for none.
    public var reply: String?
    /// The type of a contradicting second answer.
    public var second: String?
    /// The answer's data; nil where it is generated from the reply's schema.
    var template: PayloadTemplate?
    /// Among alternatives of the same kind.
    var weight = 1
  }

  /// A command by where it goes and its type.
  struct Command: Hashable, Sendable {
    var destination: String
    var type: String
  }

  private var alternatives: [Command: [Alternative]] = [:]
  let shapes: MessageShapes
  let meanings: ReplyMeanings

  /// Derives the participants of definitions; those that the scenario names are as it says.
  public init(_ definitions: [Definition], scenario: Scenario?) {
    shapes = MessageShapes(definitions)
    meanings = ReplyMeanings(definitions, shapes)
    var undos: Set<Command> = []
    for definition in definitions {
      for role in definition.roles {
        role.visitCalls { call, isUndo in
          guard let command = call.command else { return }
          let place = Command(destination: command.destination?.value ?? "", type: command.type.value)
          if isUndo { undos.insert(place) }
          var known = alternatives[place] ?? []
          for reply in call.replies { ParticipantModel.add(reply, isUndo: isUndo, to: &known) }
          alternatives[place] = known
        }
      }
    }
    for (place, declared) in alternatives {
      let given = scenario?.participants[place.destination]?[place.type].map { $0.compactMap(Alternative.init) }
      alternatives[place] = ParticipantModel.withFaults(
        given.map { $0.isEmpty ? declared : $0 } ?? declared, isUndo: undos.contains(place))
    }
  }

  /// Everything that may become of a command, the plain success first.
  public func alternatives(destination: String, type: String) -> [Alternative] {
    alternatives[Command(destination: destination, type: type)] ?? [Alternative(kind: .success)]
  }

  private static func add(_ reply: ReplyDefinition, isUndo: Bool, to known: inout [Alternative]) {
    let kind: Alternative.Kind =
      reply.again != nil ? .postponement : reply.fail == nil ? .success : isUndo ? .refusedUndo : .refusal
    if known.contains(where: { $0.reply == reply.type && $0.kind == kind }) { return }
    known.append(Alternative(kind: kind, reply: reply.type))
  }

  /// Adds what may go wrong with any command, and puts a success first.
  private static func withFaults(_ declared: [Alternative], isUndo: Bool) -> [Alternative] {
    var result = declared.filter { $0.kind == .success } + declared.filter { $0.kind != .success }
    if result.isEmpty { return [Alternative(kind: .success)] }
    guard let success = result.first, success.kind == .success else { return result }
    func derived(_ kind: Alternative.Kind) -> Alternative {
      var copy = success
      copy.kind = kind
      return copy
    }
    result.append(Alternative(kind: .silence))
    result.append(derived(.lostAnswer))
    result.append(derived(.twice))
    if let refusal = result.first(where: { $0.kind == .refusal }) {
      var lie = derived(.contradiction)
      lie.second = refusal.reply
      // However common the answer is: of sagas whose participants lie little can be asked.
      lie.weight = 1
      result.append(lie)
      // An undo that is denied is asked for until people put its participant right.
      if !isUndo {
        var denial = refusal
        denial.kind = .denial
        denial.weight = 1
        result.append(denial)
      }
    }
    return result
  }
}

extension ParticipantModel.Alternative {
  /// What a scenario's outcome is; nil for what the simulation adds by itself.
  init?(_ outcome: ParticipantOutcome) {
    guard !outcome.isSilent, !outcome.isLost, !outcome.isTwice, let reply = outcome.reply else { return nil }
    self.init(
      kind: outcome.isRefusal ? .refusal : .success, reply: reply, template: outcome.data, weight: Int(outcome.weight))
  }
}
