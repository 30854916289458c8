import SagaCore
import SagaRuntime

/// The ledgers of participants that share one (a destination, or several where one undoes what another did), and what
/// becomes of commands there, each computed once.
struct ParticipantsModel {
  /// One thing that may become of a command.
  struct Outcome: Hashable {
    var next: UInt32
    /// A set of letters.
    var sent: UInt32
    /// Something that was done is undone.
    var undoes: Bool
    /// For people.
    var word: String
  }

  let number: Int
  private let model: ParticipantModel
  /// Members of answers whose values may decide something.
  private let decisive: Set<String>
  private let renames: Bool
  private(set) var ledgers = Numbering<ParticipantLedger>()
  private var known = WordTable()
  private(set) var outcomes: [[Outcome]] = []
  /// Answers that have more payloads that may decide something than are tried.
  private(set) var cutTypes: Set<String> = []
  /// How many elements their lists that may decide something had at most, where schemas allow more.
  private(set) var listElements: Int?

  init(number: Int, model: ParticipantModel, decisive: Set<String>, renames: Bool) {
    self.renames = renames
    self.number = number
    self.model = model
    self.decisive = decisive
    _ = ledgers.number(of: ParticipantLedger())
  }

  /// Whether a ledger has an entry for a key.
  func knows(_ key: Hash128, in ledger: UInt32) -> Bool { ledgers[ledger][key.hex] != nil }

  @inline(__always)
  mutating func deliver(_ letter: UInt32, in ledger: UInt32, _ post: inout PostOffice) throws -> UInt32 {
    let key = UInt64(ledger) << 32 | UInt64(letter)
    if let known = known[key] { return known }
    let computed = try compute(letter, in: ledger, &post)
    let number = UInt32(outcomes.count)
    outcomes.append(computed)
    known.add(key, number)
    return number
  }

  private mutating func compute(
    _ letter: UInt32, in ledger: UInt32, _ post: inout PostOffice
  ) throws -> [Outcome] {
    let command = post.letters.event(letter)
    let destination = post.letters[letter].destination
    let alternatives = model.alternatives(destination: destination, type: command.type)
    var found: [Outcome] = []
    for (index, alternative) in alternatives.enumerated() {
      switch alternative.kind {
      // What is lost or comes twice does so on its way, which the search does itself; a participant that contradicts
      // itself is broken.
      case .silence, .lostAnswer, .contradiction, .denial, .twice: continue
      case .success, .refusal, .postponement, .refusedUndo: break
      }
      let before = ledgers[ledger]
      let choice = Choice(
        label: .outcome, stream: 0, index: 0, count: UInt32(alternatives.count), value: UInt32(index))
      let isKnown = before[command.idempotencykey ?? ""] != nil
      func receive(saying data: JSON?) throws -> (ledger: ParticipantLedger, answers: [SimulatedParticipants.Answer]) {
        var participants = SimulatedParticipants(model: model, temper: ParticipantsModel.temper)
        participants.ledger = before
        let answers = try participants.receive(
          command, destination: destination, order: 0, .recorded(isKnown ? [] : [choice]), 0, saying: data)
        return (participants.ledger, answers)
      }
      let plain = try receive(saying: nil)
      for data in datas(of: alternative, echo: command.data, plain: plain.answers.first?.event.data, isKnown: isKnown) {
        let (ledgerAfter, answers) = try data.map { try receive(saying: $0) } ?? plain
        let messages = answers.map { answer in
          var event = answer.event
          if renames { event.causationid = nil }
          if renames { event.id = ParticipantsModel.name(of: event) }
          return SentMessage(event: event)
        }
        let canonical = ledgerAfter.canonical
        let outcome = Outcome(
          next: ledgers.number(of: canonical), sent: post.post(messages, from: nil),
          undoes: ParticipantsModel.undoes(from: before, to: canonical),
          word: ParticipantsModel.word(answers.map(\.event), data))
        if !found.contains(outcome) { found.append(outcome) }
      }
      if isKnown { break }
    }
    return found
  }

  /// Everything has a weight, so that it can be chosen.
  private static let temper = ParticipantTemper.anything

  /// Answers that say the same to the same call are one letter, whichever attempt they answer and whatever their ids: of
  /// two the second is another message, which the engine is shown as such (`SagaModel.comesAgain`).
  private static func name(of answer: CloudEvent) -> String {
    var builder = HashBuilder()
    builder.append(answer.type)
    builder.append(answer.correlationid ?? "")
    builder.append(answer.data.map(JSONWriter.canonical) ?? [])
    return builder.finalize().hex
  }

  /// The answer's data in every way that may decide something; nil as it is.
  private mutating func datas(
    of alternative: ParticipantModel.Alternative, echo: JSON?, plain: JSON?, isKnown: Bool
  ) -> [JSON?] {
    guard !isKnown, alternative.template == nil, let reply = alternative.reply, let plain else { return [nil] }
    let variants = model.shapes[reply].plan.variants(of: plain, echo: echo, decisive: decisive)
    if variants.isCut { cutTypes.insert(reply) }
    listElements = [listElements, variants.listElements].compactMap { $0 }.max()
    return variants.payloads
  }

  private static func undoes(from before: ParticipantLedger, to after: ParticipantLedger) -> Bool {
    after.entries.contains { $0.effect == .undone && before[$0.key]?.effect == .done }
  }

  private static func word(_ answers: [CloudEvent], _ data: JSON?) -> String {
    guard let first = answers.first else { return "no answer" }
    return first.type + (answers.count > 1 ? " twice" : "")
      + (data.map { " \(String(decoding: JSONWriter.compact($0), as: UTF8.self))" } ?? "")
  }
}

extension ParticipantLedger {
  /// The same ledger without the order in which it came about.
  var canonical: ParticipantLedger {
    var ledger = ParticipantLedger()
    for var entry in entries.sorted(by: { $0.key < $1.key }) {
      entry.order = 0
      if entry.undoneOrder != nil { entry.undoneOrder = 0 }
      entry.undoKeys = Array(Set(entry.undoKeys)).sorted()
      ledger[entry.key] = entry
    }
    return ledger
  }
}
