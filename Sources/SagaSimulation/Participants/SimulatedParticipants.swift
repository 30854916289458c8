import CEL
import SagaCore
import SagaRuntime

/// All participants of a simulated world: they do commands as their temper says, keep a ledger by idempotency key, and
/// have the barrier that real ones must have: the same command is done once, an undo that comes before its action leaves
/// a tombstone, and an action that comes after its undo is not done.
///
/// The barrier is what DTM calls the "sub-transaction barrier", as `Participant` has it for services.
public struct SimulatedParticipants: Sendable {
  let model: ParticipantModel
  /// How often they do other than what they are asked.
  public var temper: ParticipantTemper
  /// What they did.
  public var ledger = ParticipantLedger()
  /// What became of the last command; nil where it was known already.
  private(set) var lastKind: ParticipantModel.Alternative.Kind?

  /// An answer on its way back.
  public struct Answer: Sendable {
    /// The reply.
    public var event: CloudEvent
    /// It takes back what the answer before it said, or denies what was done.
    public var isContradiction = false
  }

  /// Participants that have not done anything yet.
  public init(model: ParticipantModel, temper: ParticipantTemper) {
    self.model = model
    self.temper = temper
  }

  /// Does a command.
  ///
  /// - Parameters:
  ///   - command: what is to be done.
  ///   - destination: the participant.
  ///   - order: numbers everything that happens in the world.
  ///   - choices: decides what is not determined.
  ///   - stream: the choices' stream of the saga.
  ///   - said: the data of the answer, instead of some that are made up.
  /// - Returns: the answers, in the order in which they are given.
  /// - Throws: `MessageFault` when a scenario's data cannot be computed for this command.
  public mutating func receive(
    _ command: CloudEvent, destination: String, order: Int, _ choices: Choices, _ stream: Int, saying said: JSON? = nil
  ) throws(MessageFault) -> [Answer] {
    let alternatives = model.alternatives(destination: destination, type: command.type)
    let key = command.idempotencykey ?? "\(command.source)#\(command.id)"
    lastKind = nil
    if let known = ledger[key] { return answerAgain(known, command, choices, stream) }
    var entry = ParticipantLedger.Entry(
      key: key, destination: destination, command: command.type, source: command.source,
      sagaKey: command.sagakey ?? "", data: command.data ?? .null, undoes: command.undoes, effect: .done, order: order)
    let chosen = alternatives[choices.weighted(temper.weights(alternatives), .outcome, stream)]
    lastKind = chosen.kind
    if chosen.kind == .silence { return [] }
    if let reply = chosen.reply {
      let data = if let said { said } else { try data(of: reply, chosen.template, for: command, choices, stream) }
      entry.answer = ParticipantLedger.Answer(type: reply, data: data)
      // Who may not refuse says something else.
      var triesLeft = said == nil && mustDo(chosen, command) ? 100 : 0
      while triesLeft > 0, !does(chosen, entry.answer, command) {
        entry.answer?.data = try self.data(of: reply, chosen.template, for: command, choices, stream)
        triesLeft -= 1
      }
    }
    if !does(chosen, entry.answer, command) {
      entry.effect = .refused
    } else if let action = command.undoes {
      entry.effect = .undo
      undo(action, by: key, command, destination, order)
    }
    ledger[key] = entry
    guard let answer = entry.answer, chosen.kind != .lostAnswer else { return [] }
    var answers = [Answer(event: event(answer, to: command, number: 0), isContradiction: chosen.kind == .denial)]
    if chosen.kind == .twice { answers.append(Answer(event: event(answer, to: command, number: 1))) }
    if chosen.kind == .contradiction, let second = chosen.second {
      let lie = ParticipantLedger.Answer(
        type: second, data: try data(of: second, nil, for: command, choices, stream))
      answers.append(Answer(event: event(lie, to: command, number: 1), isContradiction: true))
    }
    return answers
  }

  /// Whether it is a success that must be one, though its type of answer may say something else: of an undo, and of anything
  /// where nobody refuses.
  private func mustDo(_ chosen: ParticipantModel.Alternative, _ command: CloudEvent) -> Bool {
    guard chosen.kind == .success, chosen.template == nil, let reply = chosen.reply else { return false }
    return (command.undoes != nil || temper.refusal == 0) && model.meanings.isOpen(reply, to: command.type)
  }

  /// Whether a command is done. Where an answer says one thing or another by its data, these have been made first, and the
  /// participant does what they say; where the saga's own data decide what they say, nothing is done that could be judged.
  private func does(
    _ chosen: ParticipantModel.Alternative, _ answer: ParticipantLedger.Answer?, _ command: CloudEvent
  ) -> Bool {
    switch chosen.kind {
    // Done, whatever is said.
    case .denial: return true
    case .silence: return false
    case .postponement, .refusal, .refusedUndo, .success, .lostAnswer, .twice, .contradiction: break
    }
    guard let answer, chosen.template == nil, model.meanings.isOpen(answer.type, to: command.type) else {
      switch chosen.kind {
      case .postponement, .refusal, .refusedUndo: return false
      default: return true
      }
    }
    return model.meanings.meaning(of: answer.type, answer.data, to: command.type) == .done
  }

  /// A command whose key is known is not done again, but answered as before, unless the answer is lost again. An undo
  /// that was refused stays so under its key, as at the participants of services: it is done under another, if at all.
  private func answerAgain(
    _ known: ParticipantLedger.Entry, _ command: CloudEvent, _ choices: Choices, _ stream: Int
  ) -> [Answer] {
    guard let answer = known.answer, known.effect != .tombstone else { return [] }
    if choices.happens(temper.lostAnswer, .outcome, stream) { return [] }
    return [Answer(event: event(answer, to: command, number: 0))]
  }

  private mutating func undo(
    _ action: String, by key: String, _ command: CloudEvent, _ destination: String, _ order: Int
  ) {
    guard var entry = ledger[action] else {
      var tombstone = ParticipantLedger.Entry(
        key: action, destination: destination, command: "", source: command.source, sagaKey: command.sagakey ?? "",
        data: .null, effect: .tombstone, order: order)
      tombstone.undoKeys = [key]
      ledger[action] = tombstone
      return
    }
    entry.undoKeys.append(key)
    if entry.effect == .done {
      entry.effect = .undone
      entry.undoneOrder = order
    }
    ledger[action] = entry
  }

  private func data(
    of type: String, _ template: PayloadTemplate?, for command: CloudEvent, _ choices: Choices, _ stream: Int
  ) throws(MessageFault) -> JSON {
    if let template {
      do { return try template.value(for: CELValue(command.json)) } catch {
        throw MessageFault(
          code: "scenario.data", message: "the data of \(type) cannot be computed for \(command.type): \(error)")
      }
    }
    return model.shapes.data(of: type, key: command.sagakey, echo: command.data, choices, stream)
  }

  /// The answer as a message: its id is derived from the command's, so that each attempt's answer has its own.
  private func event(_ answer: ParticipantLedger.Answer, to command: CloudEvent, number: Int) -> CloudEvent {
    var attributes: JSONObject = [:]
    attributes["correlationid"] = command.correlationid.map(JSON.string)
    attributes["causationid"] = .string(command.id)
    attributes["messagekind"] = .string(MessageKind.reply.rawValue)
    attributes["partitionkey"] = command.sagakey.map(JSON.string)
    return CloudEvent(
      id: "\(command.id)-\(answer.type)-\(number)", source: "/participants/\(command.type)", type: answer.type,
      datacontenttype: "application/json", extensions: attributes, data: answer.data)
  }
}
