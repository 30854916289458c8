import SagaCore

/// A history for people: for every row a headline with time and cause, then a line for everything it led to.
package struct HistoryText {
  private var undoing: UndoingSteps
  private let styled: (String, Tone) -> String

  /// - Parameters:
  ///   - undoing: what the rows before the first one that is told have left of undos under way.
  ///   - styled: makes a part of a line look as it sounds.
  package init(
    undoing: UndoingSteps = UndoingSteps(), styled: @escaping (String, Tone) -> String = { text, _ in text }
  ) {
    self.undoing = undoing
    self.styled = styled
  }

  /// The lines of the next row.
  package mutating func lines(_ entry: HistoryEntry) -> [String] {
    var outgoing = entry.outgoing
    let headline = headline(entry)
    var lines: [String] = []
    for fact in entry.facts {
      defer { undoing.follow(fact) }
      if isInHeadline(fact, entry) { continue }
      let line = FactText(fact, isUndoing: { undoing.contains($0) })
      var text = line.text
      if let type = line.sends, let index = outgoing.firstIndex(where: { $0.event.type == type }) {
        text += HistoryText.destination(outgoing.remove(at: index))
      }
      lines.append("    \(styled("\(line.mark) \(text)", line.tone))")
    }
    for message in outgoing {
      let kind = message.kind == .event ? "" : "\(message.kind.rawValue) "
      lines.append("    → \(kind)\(Text.safe(message.event.type))\(HistoryText.destination(message))")
    }
    let number = styled("#\(entry.revision)", .dim)
    return ["\(entry.at.rfc3339)  \(number)  \(styled(headline, .headline))"] + lines
  }

  /// The facts that say what came in are what the headline says already.
  private func isInHeadline(_ fact: Fact, _ entry: HistoryEntry) -> Bool {
    switch fact {
    case .started, .operated, .handled, .deferred, .timerFired: true
    case .timedOut: if case .record(.timer) = entry.cause { true } else { false }
    case .late(let type): if case .message(let event, _) = entry.cause { event.type == type } else { false }
    default: false
    }
  }

  private static func destination(_ message: OutgoingMessage) -> String {
    message.destination.map { " → \(Text.safe($0))" } ?? ""
  }

  private func headline(_ entry: HistoryEntry) -> String {
    switch entry.cause {
    case .message(let event, let isReoffered):
      let name = "\(Text.safe(event.type)) (\(Text.safe(event.id)) from \(Text.safe(event.source)))"
      return name + (isReoffered ? ", kept until now" : "") + HistoryText.suffix(entry.outcome)
    case .record(let record): return headline(record, entry)
    case .unreadable: return "a message that was pruned or cannot be read" + HistoryText.suffix(entry.outcome)
    }
  }

  private static func suffix(_ outcome: DeliveryReceipt.Outcome) -> String {
    switch outcome {
    case .started: ": starts the saga"
    case .handled, .duplicate, .parked, .foreign: ""
    case .deferred: ": kept for later"
    case .late: ": late, no effect"
    case .deadLettered(let code, let message): ": refused (\(Text.safe(code))): \(Text.safe(message))"
    }
  }

  private func headline(_ record: InputRecord, _ entry: HistoryEntry) -> String {
    switch record {
    case .timer: return timer(entry.facts)
    case .operation(let operation):
      let target = operation.state.map { " to \(Text.safe($0))" + (operation.isUnsafe ? ", unsafely," : "") } ?? ""
      return HistoryText.signed(operation.verb.rawValue + target, operation.by, operation.reason)
    case .migration(let move): return HistoryText.signed("migrate to version \(move.version)", move.by, move.reason)
    case .undeliverable(_, let reason, let isPermanent):
      return "a command \(isPermanent ? "can never succeed" : "could not be delivered"): \(Text.safe(reason))"
    case .rearmed: return "timers armed again, the clock had been far ahead"
    case .deadLetterReplay(let sequence, let by, let reason):
      return HistoryText.signed("dead letter \(sequence) replayed", by, reason)
    case .deadLetterDiscard(let sequence, let by, let reason):
      return HistoryText.signed("dead letter \(sequence) discarded", by, reason)
    case .outgoingRetry(let lane, _, let by, let reason):
      return HistoryText.signed("outbox \(Text.safe(lane)) retried", by, reason)
    case .outgoingDiscard(let lane, _, let by, let reason):
      return HistoryText.signed("a message of outbox \(Text.safe(lane)) discarded", by, reason)
    case .clockConfirmed(let by, let reason): return HistoryText.signed("clock confirmed", by, reason)
    }
  }

  private static func signed(_ what: String, _ by: String, _ reason: String) -> String {
    "\(what) by \(Text.safe(by))" + (reason.isEmpty ? "" : ": \(Text.safe(reason))")
  }

  /// What a timer was for, as far as the facts tell.
  private func timer(_ facts: [Fact]) -> String {
    for fact in facts {
      switch fact {
      case .timerFired(let name): return "timer: after \(Text.safe(name))"
      case .timedOut: return "timer: \(FactText(fact, isUndoing: { undoing.contains($0) }).text)"
      case .called(let step, let attempt, _) where attempt > 1: return "timer: \(Text.safe(step)) is tried again"
      case .undoing(let step, let attempt, _) where attempt > 1:
        return "timer: the undo of \(Text.safe(step)) is tried again"
      default: continue
      }
    }
    return "timer"
  }
}
