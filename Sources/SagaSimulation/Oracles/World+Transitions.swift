import CEL
import SagaCore
import SagaRuntime

/// Of several alternatives the first that holds is taken, it sets what it says, and leads where it says: as the definition's
/// text has it; of the rows of a journal of which that can be told by their two ends.
extension World {
  /// - Parameters:
  ///   - record: what the row decided.
  ///   - before: the instance before the row; nil where it begins with it.
  ///   - after: the instance after it.
  ///   - input: the message that was taken.
  func checkTransition(
    _ row: JournalRow, _ record: DecidedRecord, _ facts: [Fact], from before: [UInt8]?, to after: [UInt8],
    input: () throws -> [UInt8]?, _ view: InstanceView, at service: SimulatedService
  ) throws {
    guard let role = setup.writtenRoles[RoleName(view.machine)], let machine = service.machine(view.machine) else {
      return
    }
    let hasChosen = facts.contains { if case .chose = $0 { true } else { false } }
    var firing: TimerFiring?
    switch row.kind {
    // Most answers can be only one thing, and change nothing; most of what comes late is an answer.
    case .message, .reoffer:
      if let type = facts.passedOver, !role.handled.contains(type) { return }
      if facts.answer.map({ role.isPlain($0.type, to: $0.step) }) == true, !hasChosen { return }
    case .timer:
      guard let input = row.input, case .timer(let fired)? = try? InputRecord(decoding: input) else { return }
      if case .call = fired.timer, !hasChosen { return }
      firing = fired
    default: return
    }
    let old = try before.map { try Instance(decoding: $0) }
    if let old, old.status != .running || old.isPaused || old.unwinding != nil { return }
    var subject = try old ?? Instance(decoding: after)
    if old == nil {
      (subject.state, subject.failure) = (0, nil)
      subject.data = role.data.map { $0.normalise($0.defaults()) } ?? .object(JSONObject())
    }
    var event: CloudEvent?
    if firing == nil {
      guard let input = try input(), let message = try? machine.normalise(CloudEvent.decode(input)) else { return }
      event = message
    }
    func check(_ instance: Instance, _ event: CloudEvent?) -> TransitionCheck {
      TransitionCheck(
        role: role, before: old, after: after, facts: facts, outcome: record.outcome,
        state: machine.stateName(of: subject),
        place: "row \(row.sequence) of \(service.name): \(view.key)",
        machine: machine,
        // A clock that leapt and was put right takes rows back with it, and no decision.
        scope: WrittenScope(instance, machine, now: max(row.at, old?.updatedAt ?? row.at), event: event))
    }
    // What cannot be evaluated here could not be there: the message is refused, or a person is asked.
    do { try check(subject, event).run(event, firing) } catch is CELError { return } catch is JSONConversionError {
      return
    } catch is Unreadable { return }
    guard hasChosen else { return }
    let new = try Instance(decoding: after)
    // A failure in the same row came after the choice, or before it.
    guard new.failure == old?.failure else { return }
    do { try check(new, nil).runChoices() } catch is CELError { return }
  }
}

/// More than its text decides what an expression gives.
private struct Unreadable: Error {}

/// One row against the text.
private struct TransitionCheck {
  let role: WrittenRole
  let before: Instance?
  /// Most rows are right without it.
  let after: [UInt8]
  let facts: [Fact]
  let outcome: DecidedRecord.Outcome
  let state: String
  let place: String
  let machine: Machine
  var scope: WrittenScope

  func run(_ event: CloudEvent?, _ firing: TimerFiring?) throws {
    if let event {
      guard before != nil else {
        return try follow(choose(role.start[event.type]), "starts with \(event.type)", kind: .cancelled)
      }
      if let step = facts.answer?.step { return try runReply(event, step) }
      try runMessage(event)
    } else if let firing {
      let entries: [WrittenRole.List]
      let position: Int
      switch firing.timer {
      case .call: return
      case .state(let index): (entries, position) = (role.states[state]?.after ?? [], index)
      case .role(let index): (entries, position) = (role.after, index)
      }
      guard entries.indices.contains(position) else { return }
      let chosen = try choose(entries[position])
      // What it leads to could not be computed: a person is asked.
      if try Instance(decoding: after).timers.contains(where: { $0.name == firing.timer && $0.isFaulty }) { return }
      guard let chosen else {
        if facts.leads { throw wrong("an `after` leads on, and none of its conditions holds") }
        return
      }
      // It waits for the pivot's outcome, or comes after it.
      if chosen.leaves, !facts.leads, try before?.isPivoted == true || !Instance(decoding: after).pending.isEmpty {
        return
      }
      try follow(chosen, "an `after` is over", kind: .deadline)
    }
  }

  private func runMessage(_ event: CloudEvent) throws {
    // Another answer of a call that has one, or to one that is given up.
    if event.correlationid != nil, role.answers.contains(event.type) { return }
    let lists = [role.states[state]?.on[event.type], role.on[event.type]]
    var chosen: WrittenRole.Alternative?
    for list in lists where chosen == nil { chosen = try choose(list) }
    guard let chosen else {
      if outcome == .handled { throw wrong("\(event.type) is handled, and no condition of it holds in \(state)") }
      return
    }
    switch outcome {
    // The outcome of the pivot is awaited.
    case .deferred where chosen.leaves: return
    case .late where chosen.reason != nil && before?.isPivoted == true: return
    case .handled: try follow(chosen, "\(event.type) is handled", kind: .cancelled)
    default: throw wrong("\(event.type) is \(outcome), and a condition of it holds in \(state)")
    }
  }

  private func runReply(_ event: CloudEvent, _ step: String) throws {
    // Of a call that is given up an answer only tells what is to be undone.
    guard let before, let list = role.replies[step]?[event.type],
      event.callKey.map({ machine.awaits(answerTo: $0, in: before) }) ?? false || role.waits.contains(step)
    else { return }
    guard let chosen = try choose(list) else {
      throw wrong("\(step) takes \(event.type), and no condition of it holds")
    }
    var failures: [String] = []
    var isAgain = false
    for fact in facts {
      if case .stepFailed(step, .business, let reason) = fact { failures.append(reason) }
      if case .again(step, _, _) = fact { isAgain = true }
    }
    let expected = try chosen.reason.map { try text($0, after: chosen) }
    // Asked for again too often, a call fails.
    if chosen.isAgain ? !isAgain && failures.isEmpty : isAgain || failures.first != expected {
      throw wrong("\(step) is answered by \(event.type), and what follows is not what its alternative says")
    }
    try checkSet(chosen, "\(event.type) answers \(step)")
  }

  /// The conditions of `choose`, where nothing changes data between them and the row's end.
  func runChoices() throws {
    guard !role.hasSets, before == nil || before?.unwinding == nil else { return }
    for (index, fact) in facts.enumerated() {
      guard case .chose(let name, let branch) = fact, let conditions = role.choices[name],
        !facts[(index + 1)...].contains(where: { if case .entered = $0 { true } else { false } })
      else { continue }
      if try scope.first(of: conditions) != Int(branch) {
        throw wrong("`choose` at \(name) takes branch \(branch), and another is the first that holds")
      }
    }
  }

  private func choose(_ list: WrittenRole.List?) throws -> WrittenRole.Alternative? {
    guard let list else { return nil }
    guard let alternatives = list.alternatives else { throw Unreadable() }
    return try scope.first(of: alternatives.map(\.when)).map { alternatives[$0] }
  }

  private func follow(_ chosen: WrittenRole.Alternative?, _ what: String, kind: FailureKind) throws {
    guard let chosen else { throw wrong("\(what), and no condition of it holds") }
    if let reason = chosen.reason {
      let isTold = try facts.contains(.compensating(kind: kind, reason: text(reason, after: chosen)))
      if !isTold { throw wrong("\(what), and it is not undone for the reason that is written") }
      return
    }
    var published: [String] = []
    search: for fact in facts {
      switch fact {
      case .published(let type): published.append(type)
      case .entered(let state):
        if state != chosen.goto { throw wrong("\(what), and \(state) is entered, not \(chosen.goto ?? "any state")") }
        break search
      case .handled:
        if let goto = chosen.goto { throw wrong("\(what), and \(goto) is not entered") }
        break search
      default: break
      }
    }
    if published != chosen.published { throw wrong("\(what), and \(published) is published, not \(chosen.published)") }
    try checkSet(chosen, what)
  }

  /// What is set, all with the values from before; where steps may have gone on from there it cannot be told.
  private func checkSet(_ chosen: WrittenRole.Alternative, _ what: String) throws {
    let entered = facts.count { if case .entered = $0 { true } else { false } }
    guard !chosen.set.isEmpty, !role.hasSets, entered == (chosen.goto == nil ? 0 : 1) else { return }
    let expected = try data(after: chosen)
    let assigned = try Instance(decoding: after).data
    for member in chosen.set where assigned[member.name] != expected[member.name] {
      throw wrong("\(what), and `\(member.name)` is not what its alternative sets")
    }
  }

  private func data(after chosen: WrittenRole.Alternative) throws -> JSON {
    var members = scope.data.objectValue ?? JSONObject()
    for member in chosen.set { members[member.name] = try scope.json(member.value) }
    return role.data?.normalise(.object(members)) ?? JSON.object(members).withDoubles
  }

  /// A reason, which is made when data are set.
  private func text(_ program: CELProgram, after chosen: WrittenRole.Alternative) throws -> String {
    var later = scope
    if !chosen.set.isEmpty { later.data = try data(after: chosen) }
    let value = try program.evaluate(later)
    if case .string(let text) = value { return text }
    return String(decoding: JSONWriter.compact(try JSON(cel: value)), as: UTF8.self)
  }

  private func wrong(_ what: String) -> Violation { Violation("transition", "\(place): \(what)") }
}

extension [Fact] {
  /// The step that the row's message has answered, and with what, where it is told.
  fileprivate var answer: (step: String, type: String?)? {
    for fact in self {
      switch fact {
      case .replied(let step, let type): return (step, type)
      case .again(let step, _, _), .stepFailed(let step, _, _): return (step, nil)
      case .entered, .handled, .compensating: return nil
      default: break
      }
    }
    return nil
  }

  /// The type of a message that was kept or came too late; nil where it did something.
  fileprivate var passedOver: String? {
    guard count == 1 else { return nil }
    return switch self[0] {
    case .late(let type), .deferred(let type): type
    default: nil
    }
  }

  /// Whether anything was entered, or begun to be undone.
  fileprivate var leads: Bool {
    contains { fact in
      switch fact {
      case .entered, .compensating: true
      default: false
      }
    }
  }
}
