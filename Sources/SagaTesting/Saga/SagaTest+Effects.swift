import SagaCore
import SagaRuntime

/// Something that a saga did towards the outside and that a test has to say something about.
struct Effect {
  enum Kind {
    case message(OutgoingMessage)
    case deadLetter(DeadLetterView)
  }
  var kind: Kind
  /// It came of a `given`: the next `when` forgets it.
  var isSetup: Bool

  var message: OutgoingMessage? { if case .message(let message) = kind { message } else { nil } }
  var deadLetter: DeadLetterView? { if case .deadLetter(let letter) = kind { letter } else { nil } }

  var text: String {
    switch kind {
    case .message(let message):
      let what = message.kind == .command ? "sent" : "published"
      let to = message.destination.map { " to \($0)" } ?? ""
      return "\(what) \(message.event.type)\(to) \(message.event.data ?? .null)"
    case .deadLetter(let letter): return "a dead letter \(letter.fault.code): \(letter.fault.message)"
    }
  }
}

/// A command as it was sent, with the step that sent it.
struct SentCommand {
  var event: CloudEvent
  var destination: String
  /// With `forEach` positions, as the history names it.
  var step: String

  /// The step without `forEach` positions.
  var name: String { String(step.prefix { $0 != "[" }) }
}

extension SagaTest {
  /// Takes note of what became durable since the last time.
  func collect(isSetup: Bool) throws {
    while true {
      let (changes, last) = try engine.changes(after: seenRow, limit: 256)
      if last == seenRow { break }
      seenRow = last
      for change in changes { collect(change.entry, isSetup: isSetup) }
    }
    let letters = try ShardReader(store: store).deadLetters(onlyUnresolved: false, after: seenDeadLetter)
    for letter in letters { effects.append(Effect(kind: .deadLetter(letter), isSetup: isSetup)) }
    seenDeadLetter = letters.last?.sequence ?? seenDeadLetter
  }

  private func collect(_ entry: HistoryEntry, isSetup: Bool) {
    effects += entry.outgoing.map { Effect(kind: .message($0), isSetup: isSetup) }
    var outgoing = entry.outgoing.filter { $0.kind == .command }
    for fact in entry.facts {
      switch fact {
      case .called(let step, _, let type), .undoing(let step, _, let type):
        guard let index = outgoing.firstIndex(where: { $0.event.type == type }) else { continue }
        let message = outgoing.remove(at: index)
        commands.append(
          SentCommand(event: message.event, destination: message.destination ?? "", step: step))
      default: continue
      }
    }
  }

  /// The histories of all instances as readable lines.
  func history() throws -> [String] {
    let reader = try ShardReader(store: store)
    var lines: [String] = []
    for view in try reader.instances(limit: 1000) {
      lines.append("\(Text.name(view.machine)) \(Text.safe(view.key)): \(view.status.name)")
      var text = HistoryText()
      for entry in try reader.history(of: view.id) { lines += text.lines(entry).map { "  " + $0 } }
    }
    return lines
  }

  func failure(_ expectation: String, found: String, _ file: String, _ line: Int) throws -> SagaTestFailure {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return SagaTestFailure(
      place: "\(name):\(line)", expectation: expectation, found: found, history: try history())
  }
}
