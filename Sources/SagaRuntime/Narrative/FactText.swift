import SagaCore

/// How a line of a history sounds; a terminal makes colours of it.
package enum Tone: Sendable {
  case plain, dim, headline, good, attention, bad
}

/// One thing that happened, as a line for people and as an object for machines.
package struct FactText {
  /// `·` for what happened inside, `→` for what went out, `↩` for what is undone.
  package var mark = "·"
  package var text: String
  package var tone = Tone.plain
  /// The type of the message that went out with it.
  package var sends: String?

  /// - Parameter isUndoing: whether a step's undo is under way, so that timeouts and retries are the undo's.
  package init(_ fact: Fact, isUndoing: (String) -> Bool) {
    self = FactText.describe(fact) { isUndoing($0) ? "undo of \(Text.safe($0))" : Text.safe($0) }
  }

  private static func describe(_ fact: Fact, _ name: (String) -> String) -> FactText {
    switch fact {
    case .started(let type): FactText("started by \(Text.safe(type))")
    case .entered(let state): FactText("state \(Text.safe(state))")
    case .handled(let type): FactText("handled \(Text.safe(type))")
    case .called(let step, let attempt, let type):
      FactText(mark: "→", "\(Text.safe(step)): \(Text.safe(type))" + ordinal(attempt), sends: type)
    case .waiting(let step): FactText("\(Text.safe(step)) waits")
    case .replied(let step, let type): FactText("\(name(step)) answered with \(Text.safe(type))")
    case .timedOut(let step, let attempt):
      FactText("\(name(step)): no answer in time" + ordinal(attempt), .attention)
    case .retrying(let step, let attempt, let delay):
      FactText("\(name(step)): attempt \(attempt) in \(Text.duration(milliseconds: delay))", .attention)
    case .again(let step, let visit, let delay):
      FactText("\(Text.safe(step)): again in \(Text.duration(milliseconds: delay)) (visit \(visit))")
    case .stepFailed(let step, let kind, let reason):
      FactText("\(name(step)) failed (\(kind.rawValue)): \(Text.safe(reason))", .bad)
    case .published(let type): FactText(mark: "→", "published \(Text.safe(type))", sends: type)
    case .chose(let step, let branch): FactText("\(Text.safe(step)): branch \(branch)")
    case .caught(let step): FactText("\(Text.safe(step)): the failure is caught")
    case .compensating(let kind, let reason):
      FactText(mark: "↩", "compensating (\(kind.rawValue)): \(Text.safe(reason))", .attention)
    case .undoing(let step, let attempt, let type):
      FactText(mark: "↩", "undo of \(Text.safe(step)): \(Text.safe(type))" + ordinal(attempt), .attention, sends: type)
    case .undone(let step): FactText(mark: "↩", "\(Text.safe(step)) is undone", .attention)
    case .pivoted(let step): FactText("pivot passed at \(Text.safe(step)): from here only forward")
    case .timerFired(let name): FactText("timer after \(Text.safe(name))")
    case .stuck(let step, let reason): FactText(mark: "!", "stuck at \(Text.safe(step)): \(Text.safe(reason))", .bad)
    case .operated(let verb, let by, let reason): FactText("\(verb) by \(Text.safe(by)): \(Text.safe(reason))")
    case .deferred(let type): FactText("\(Text.safe(type)) kept for later")
    case .late(let type): FactText("\(Text.safe(type)) is late: no effect")
    case .noted(let note): FactText(Text.safe(note))
    case .closed(let status): FactText("saga \(status.name)", status == .completed ? .good : .attention)
    case .refused(let state): FactText("stays in state \(Text.safe(state))")
    case .migrated(let from, let to): FactText("goes on under version \(to) (was \(from))", .attention)
    }
  }

  private init(mark: String = "·", _ text: String, _ tone: Tone = .plain, sends: String? = nil) {
    self.mark = mark
    self.text = text
    self.tone = tone
    self.sends = sends
  }

  private static func ordinal(_ number: Int64) -> String { number > 1 ? " (attempt \(number))" : "" }

  /// As `json`, and what may concern a step's action or its undo says in `undo` which of the two it does.
  package static func json(_ fact: Fact, isUndoing: (String) -> Bool) -> JSON {
    switch fact {
    case .replied(let step, _), .timedOut(let step, _), .retrying(let step, _, _), .stepFailed(let step, _, _):
      guard case .object(var members) = json(fact) else { return json(fact) }
      members["undo"] = .bool(isUndoing(step))
      return .object(members)
    default: return json(fact)
    }
  }

  /// `{"fact": "called", "step": …}`
  package static func json(_ fact: Fact) -> JSON {
    func object(_ name: String, _ members: (String, JSON)...) -> JSON {
      .object(JSONObject([("fact", .string(name))] + members))
    }
    func text(_ name: String, _ value: String) -> (String, JSON) { (name, .string(value)) }
    switch fact {
    case .started(let type): return object("started", text("type", type))
    case .entered(let state): return object("entered", text("state", state))
    case .handled(let type): return object("handled", text("type", type))
    case .called(let step, let attempt, let type):
      return object("called", text("step", step), ("attempt", .int(attempt)), text("type", type))
    case .waiting(let step): return object("waiting", text("step", step))
    case .replied(let step, let type): return object("replied", text("step", step), text("type", type))
    case .timedOut(let step, let attempt): return object("timedOut", text("step", step), ("attempt", .int(attempt)))
    case .retrying(let step, let attempt, let delay):
      return object("retrying", text("step", step), ("attempt", .int(attempt)), ("delayMilliseconds", .int(delay)))
    case .again(let step, let visit, let delay):
      return object("again", text("step", step), ("visit", .int(visit)), ("delayMilliseconds", .int(delay)))
    case .stepFailed(let step, let kind, let reason):
      return object("stepFailed", text("step", step), text("kind", kind.rawValue), text("reason", reason))
    case .published(let type): return object("published", text("type", type))
    case .chose(let step, let branch): return object("chose", text("step", step), ("branch", .int(branch)))
    case .caught(let step): return object("caught", text("step", step))
    case .compensating(let kind, let reason):
      return object("compensating", text("kind", kind.rawValue), text("reason", reason))
    case .undoing(let step, let attempt, let type):
      return object("undoing", text("step", step), ("attempt", .int(attempt)), text("type", type))
    case .undone(let step): return object("undone", text("step", step))
    case .pivoted(let step): return object("pivoted", text("step", step))
    case .timerFired(let name): return object("timerFired", text("name", name))
    case .stuck(let step, let reason): return object("stuck", text("step", step), text("reason", reason))
    case .operated(let verb, let by, let reason):
      return object("operated", text("verb", verb), text("by", by), text("reason", reason))
    case .deferred(let type): return object("deferred", text("type", type))
    case .late(let type): return object("late", text("type", type))
    case .noted(let note): return object("noted", text("text", note))
    case .closed(let status): return object("closed", text("status", status.name))
    case .refused(let state): return object("refused", text("state", state))
    case .migrated(let from, let to): return object("migrated", ("from", .int(from)), ("to", .int(to)))
    }
  }
}
