import SagaCore
import SagaRuntime

/// A row of a history: a headline with time and cause, then a line for everything it led to.
enum HistoryReport {
  static func lines(_ entry: HistoryEntry) -> [String] {
    var outgoing = entry.outgoing
    var lines: [String] = []
    for fact in entry.facts where !isInHeadline(fact, entry) {
      let line = FactText(fact)
      var text = line.text
      if let type = line.sends, let index = outgoing.firstIndex(where: { $0.event.type == type }) {
        text += destination(outgoing.remove(at: index))
      }
      lines.append("    \(Console.styled("\(line.mark) \(text)", line.style))")
    }
    for message in outgoing {
      let kind = message.kind == .event ? "" : "\(message.kind.rawValue) "
      lines.append("    → \(kind)\(Text.safe(message.event.type))\(destination(message))")
    }
    let number = Console.styled("#\(entry.revision)", .dim)
    return ["\(entry.at.rfc3339)  \(number)  \(Console.styled(headline(entry), .bold))"] + lines
  }

  /// The facts that say what came in are what the headline says already.
  private static func isInHeadline(_ fact: Fact, _ entry: HistoryEntry) -> Bool {
    switch fact {
    case .started, .operated, .handled, .deferred: true
    case .timerFired: true
    case .late(let type): if case .message(let event, _) = entry.cause { event.type == type } else { false }
    default: false
    }
  }

  private static func destination(_ message: OutgoingMessage) -> String {
    message.destination.map { " → \(Text.safe($0))" } ?? ""
  }

  private static func headline(_ entry: HistoryEntry) -> String {
    switch entry.cause {
    case .message(let event, let isReoffered):
      let name = "\(Text.safe(event.type)) (\(Text.safe(event.id)) from \(Text.safe(event.source)))"
      return name + (isReoffered ? ", kept until now" : "") + suffix(entry.outcome)
    case .record(let record): return headline(record, entry)
    case .unreadable: return "a message that was pruned or cannot be read" + suffix(entry.outcome)
    }
  }

  private static func suffix(_ outcome: DeliveryReceipt.Outcome) -> String {
    switch outcome {
    case .started: ": starts the saga"
    case .handled, .duplicate, .parked, .foreign: ""
    case .deferred: ": kept for a later state"
    case .late: ": late, no effect"
    case .deadLettered(let code, let message): ": refused (\(Text.safe(code))): \(Text.safe(message))"
    }
  }

  private static func headline(_ record: InputRecord, _ entry: HistoryEntry) -> String {
    switch record {
    case .timer: return "timer" + (timerName(entry.facts).map { ": \(Text.safe($0))" } ?? "")
    case .operation(let operation): return signed(operation.verb.rawValue, operation.by, operation.reason)
    case .undeliverable(_, let reason): return "a command could not be delivered: \(Text.safe(reason))"
    case .rearmed: return "timers armed again, the clock had been far ahead"
    case .deadLetterReplay(let sequence, let by, let reason): return signed("dead letter \(sequence) replayed", by, reason)
    case .deadLetterDiscard(let sequence, let by, let reason):
      return signed("dead letter \(sequence) discarded", by, reason)
    case .outgoingRetry(let lane, _, let by, let reason): return signed("outbox \(Text.safe(lane)) retried", by, reason)
    case .outgoingDiscard(let lane, _, let by, let reason):
      return signed("a message of outbox \(Text.safe(lane)) discarded", by, reason)
    case .clockConfirmed(let by, let reason): return signed("clock confirmed", by, reason)
    }
  }

  private static func signed(_ what: String, _ by: String, _ reason: String) -> String {
    "\(what) by \(Text.safe(by))" + (reason.isEmpty ? "" : ": \(Text.safe(reason))")
  }

  private static func timerName(_ facts: [Fact]) -> String? {
    for fact in facts { if case .timerFired(let name) = fact { return "after \(name)" } }
    return nil
  }
}

extension HistoryReport {
  static func json(_ entry: HistoryEntry) -> JSON {
    var members: [(String, JSON)] = [
      ("sequence", .int(entry.sequence)), ("revision", .int(entry.revision)), ("at", .string(entry.at.rfc3339)),
      ("cause", cause(entry.cause)), ("outcome", .string(entry.outcome.name)),
    ]
    if case .deadLettered(let code, let message) = entry.outcome {
      members += [("code", .string(code)), ("message", .string(message))]
    }
    members += [
      ("facts", .array(entry.facts.map { FactText.json($0) })), ("outgoing", .array(entry.outgoing.map(outgoing))),
    ]
    return .object(JSONObject(members))
  }

  private static func outgoing(_ message: OutgoingMessage) -> JSON {
    [
      "kind": .string(message.kind.rawValue), "type": .string(message.event.type), "id": .string(message.event.id),
      "to": message.destination.json, "idempotencykey": message.event.idempotencykey.json,
      "undoes": message.event.undoes.json, "data": message.event.data ?? .null,
    ]
  }

  private static func cause(_ cause: HistoryEntry.Cause) -> JSON {
    switch cause {
    case .message(let event, let isReoffered):
      return ["kind": "message", "reoffered": .bool(isReoffered), "event": event.json]
    case .unreadable: return ["kind": "unreadable"]
    case .record(let record): return self.record(record)
    }
  }

  private static func record(_ record: InputRecord) -> JSON {
    func operation(_ kind: String, _ by: String, _ reason: String, _ more: (String, JSON)...) -> JSON {
      .object(JSONObject([("kind", .string(kind))] + more + [("by", .string(by)), ("reason", .string(reason))]))
    }
    switch record {
    case .timer(let firing): return ["kind": "timer", "armedRevision": .int(firing.armedRevision)]
    case .operation(let done): return operation(done.verb.rawValue, done.by, done.reason)
    case .undeliverable(let key, let reason):
      return ["kind": "undeliverable", "idempotencykey": .string(key), "reason": .string(reason)]
    case .rearmed: return ["kind": "rearmed"]
    case .deadLetterReplay(let sequence, let by, let reason):
      return operation("dlq-replay", by, reason, ("sequence", .int(sequence)))
    case .deadLetterDiscard(let sequence, let by, let reason):
      return operation("dlq-discard", by, reason, ("sequence", .int(sequence)))
    case .outgoingRetry(let lane, _, let by, let reason): return operation("outbox-retry", by, reason, ("lane", .string(lane)))
    case .outgoingDiscard(let lane, let position, let by, let reason):
      return operation("outbox-discard", by, reason, ("lane", .string(lane)), ("sequence", .int(position.sequence)))
    case .clockConfirmed(let by, let reason): return operation("confirm-clock", by, reason)
    }
  }
}
