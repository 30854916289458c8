import CEL
import SagaCore

/// What one participant remembers of one idempotency key: its own ledger, apart from the engine's.
public struct LedgerEntry: Sendable, Hashable {
  /// What a key stands for.
  public enum Effect: String, Sendable, Hashable {
    /// The action was done.
    case done
    /// The action was refused: nothing was done.
    case refused
    /// An undo was carried out.
    case undid
    /// An undo came before its action: the action is refused from now on.
    case tombstone
  }
  /// The participant.
  public var destination: String
  /// The command's type.
  public var command: String
  /// The command's idempotency key.
  public var idempotencyKey: String
  /// The action's key, for an undo.
  public var undoes: String?
  /// What the participant has done under the key.
  public var effect: Effect
  /// Index of the outcome that answers this key from now on.
  public var outcome: Int
  /// The saga's key, for people.
  public var sagaKey: String

  /// One object, as a ledger file has it on a line.
  public var json: JSON {
    .object(
      JSONObject([
        ("destination", .string(destination)), ("command", .string(command)), ("key", .string(idempotencyKey)),
        ("undoes", undoes.map { .string($0) } ?? .null), ("effect", .string(effect.rawValue)),
        ("outcome", .int(Int64(outcome))), ("sagakey", .string(sagaKey)),
      ]))
  }

  /// nil when the line is no entry.
  public init?(json: JSON) {
    guard let destination = json["destination"]?.stringValue, let command = json["command"]?.stringValue,
      let key = json["key"]?.stringValue, let effect = json["effect"]?.stringValue.flatMap(Effect.init(rawValue:)),
      let outcome = json["outcome"]?.intValue
    else { return nil }
    self.init(
      destination: destination, command: command, idempotencyKey: key, undoes: json["undoes"]?.stringValue,
      effect: effect, outcome: Int(outcome), sagaKey: json["sagakey"]?.stringValue ?? "")
  }

  init(
    destination: String, command: String, idempotencyKey: String, undoes: String?, effect: Effect, outcome: Int,
    sagaKey: String
  ) {
    self.destination = destination
    self.command = command
    self.idempotencyKey = idempotencyKey
    self.undoes = undoes
    self.effect = effect
    self.outcome = outcome
    self.sagaKey = sagaKey
  }
}

/// An answer on its way back.
public struct ParticipantAnswer: Sendable, Hashable {
  /// The reply.
  public var event: CloudEvent
  /// When it arrives.
  public var at: Timestamp
}

/// Participants that behave as a scenario says: they keep an idempotency ledger and a tombstone barrier as real ones
/// must, and fail, stay silent, lose answers and answer twice as their outcomes' weights say.
///
/// Deterministic: every choice is a hash of seed, idempotency key and message id, so that the same command gets the same
/// answer after any crash.
public struct ModelledParticipants {
  private let scenario: Scenario
  /// By idempotency key.
  private var ledger: [String: LedgerEntry] = [:]
  private var tombstones: Set<String> = []
  /// New entries since `takeEntries`, in order.
  private var fresh: [LedgerEntry] = []

  /// - Parameters:
  ///   - scenario: says what each participant answers.
  ///   - entries: what an earlier process of these participants had done.
  public init(scenario: Scenario, entries: [LedgerEntry] = []) {
    self.scenario = scenario
    for entry in entries { remember(entry) }
  }

  /// Entries made since the last call, to be written to the ledger before any answer is given away.
  public mutating func takeEntries() -> [LedgerEntry] {
    defer { fresh = [] }
    return fresh
  }

  /// Does a command.
  ///
  /// - Returns: the answers, in order of their time; none when the participant is silent or its answer is lost.
  /// - Throws: when the data of an outcome cannot be computed.
  public mutating func receive(_ command: CloudEvent, destination: String, now: Timestamp) throws -> [ParticipantAnswer]
  {
    guard let outcomes = scenario.participants[destination]?[command.type] else { return [] }
    let key = ledgerKey(of: command)
    // By message, not by whether the key is known: a command that comes again after a crash meets the same fate.
    let chosen = choose(outcomes, key: key, id: command.id)
    let outcome = outcomes[chosen]
    if outcome.isSilent || tombstones.contains(key) { return [] }
    if let known = ledger[key] {
      if outcome.isLost { return [] }
      return try answers(outcomes[min(known.outcome, outcomes.count - 1)], command, now: now)
    }
    // What was done and whose answer was lost is answered when the command is sent again.
    let answering = outcome.isLost ? outcomes.firstIndex { $0.reply != nil && !$0.isRefusal } ?? chosen : chosen
    let effect: LedgerEntry.Effect =
      command.undoes.map { ledger[$0]?.effect == .done ? .undid : .tombstone } ?? (outcome.isRefusal ? .refused : .done)
    let entry = LedgerEntry(
      destination: destination, command: command.type, idempotencyKey: key, undoes: command.undoes, effect: effect,
      outcome: answering, sagaKey: command.sagakey ?? "")
    remember(entry)
    fresh.append(entry)
    return outcome.isLost ? [] : try answers(outcome, command, now: now)
  }

  /// The outcome that a command meets, whether or not it gets through.
  func chosenOutcome(for command: CloudEvent, destination: String) -> ParticipantOutcome? {
    guard let outcomes = scenario.participants[destination]?[command.type] else { return nil }
    return outcomes[choose(outcomes, key: ledgerKey(of: command), id: command.id)]
  }

  private func ledgerKey(of command: CloudEvent) -> String {
    command.idempotencykey ?? "\(command.source)#\(command.id)"
  }

  private mutating func remember(_ entry: LedgerEntry) {
    ledger[entry.idempotencyKey] = entry
    if entry.effect == .tombstone, let action = entry.undoes { tombstones.insert(action) }
  }

  private func choose(_ outcomes: [ParticipantOutcome], key: String, id: String) -> Int {
    var builder = HashBuilder()
    builder.append(scenario.seed)
    builder.append(key)
    builder.append(id)
    let total = outcomes.reduce(0) { $0 + $1.weight }
    var point = Int64(builder.finalize().high % UInt64(total))
    for (index, outcome) in outcomes.enumerated() {
      point -= outcome.weight
      if point < 0 { return index }
    }
    return outcomes.count - 1
  }

  private func answers(_ outcome: ParticipantOutcome, _ command: CloudEvent, now: Timestamp) throws
    -> [ParticipantAnswer]
  {
    guard let type = outcome.reply else { return [] }
    var builder = HashBuilder()
    builder.append(command.id)
    builder.append(type)
    let at = now.advanced(byMilliseconds: outcome.latencyMilliseconds)
    var event = CloudEvent(
      id: builder.finalize().hex, source: "/participants/\(command.type)", type: type)
    event.time = at.attributeText
    event.datacontenttype = "application/json"
    event.correlationid = command.correlationid
    event.causationid = command.id
    event.messagekind = MessageKind.reply.rawValue
    event.data = try outcome.data.value(for: commandValue(command))
    let answer = ParticipantAnswer(event: event, at: at)
    return outcome.isTwice ? [answer, answer] : [answer]
  }

  /// `command` in an outcome's data: `id type data` and the extensions by their names.
  private func commandValue(_ command: CloudEvent) -> CELValue {
    CELValue(command.json)
  }
}
