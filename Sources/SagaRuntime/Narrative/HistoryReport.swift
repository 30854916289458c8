import SagaCore

/// A row of a history as an object for machines.
package enum HistoryReport {
  /// With what each fact says by itself, as recorded histories keep it.
  package static func json(_ entry: HistoryEntry) -> JSON { json(entry, entry.facts.map { FactText.json($0) }) }

  /// With what each fact says where it stands: whether it is about a step's undo.
  ///
  /// - Parameter undoing: what the rows before have left of undos under way.
  package static func json(_ entry: HistoryEntry, undoing: inout UndoingSteps) -> JSON {
    var facts: [JSON] = []
    for fact in entry.facts {
      facts.append(FactText.json(fact, isUndoing: undoing.contains))
      undoing.follow(fact)
    }
    return json(entry, facts)
  }

  private static func json(_ entry: HistoryEntry, _ facts: [JSON]) -> JSON {
    var members: [(String, JSON)] = [
      ("sequence", .int(entry.sequence)), ("revision", .int(entry.revision)), ("at", .string(entry.at.rfc3339)),
      ("cause", cause(entry.cause)), ("outcome", .string(entry.outcome.name)),
    ]
    if case .deadLettered(let code, let message) = entry.outcome {
      members += [("code", .string(code)), ("message", .string(message))]
    }
    members += [
      ("facts", .array(facts)), ("outgoing", .array(entry.outgoing.map(outgoing))),
    ]
    return .object(JSONObject(members))
  }

  private static func outgoing(_ message: OutgoingMessage) -> JSON {
    [
      "kind": .string(message.kind.rawValue), "type": .string(message.event.type), "id": .string(message.event.id),
      "to": text(message.destination), "idempotencykey": text(message.event.idempotencykey),
      "undoes": text(message.event.undoes), "data": message.event.data ?? .null,
    ]
  }

  private static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

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
    case .operation(let done):
      guard let state = done.state else { return operation(done.verb.rawValue, done.by, done.reason) }
      return operation(
        done.verb.rawValue, done.by, done.reason, ("state", .string(state)), ("unsafe", .bool(done.isUnsafe)))
    case .migration(let move):
      return operation(
        "migrate", move.by, move.reason, ("version", .int(move.version)), ("mapping", move.mapping.json))
    case .undeliverable(let key, let reason, let isPermanent):
      var members: JSONObject = [
        "kind": "undeliverable", "idempotencykey": .string(key), "reason": .string(reason),
      ]
      if isPermanent { members["permanent"] = true }
      return .object(members)
    case .rearmed: return ["kind": "rearmed"]
    case .deadLetterReplay(let sequence, let by, let reason):
      return operation("dlq-replay", by, reason, ("sequence", .int(sequence)))
    case .deadLetterDiscard(let sequence, let by, let reason):
      return operation("dlq-discard", by, reason, ("sequence", .int(sequence)))
    case .outgoingRetry(let lane, _, let by, let reason):
      return operation("outbox-retry", by, reason, ("lane", .string(lane)))
    case .outgoingDiscard(let lane, let position, let by, let reason):
      return operation("outbox-discard", by, reason, ("lane", .string(lane)), ("sequence", .int(position.sequence)))
    case .clockConfirmed(let by, let reason): return operation("confirm-clock", by, reason)
    }
  }
}
