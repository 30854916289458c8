import SagaCore
import SagaRuntime

/// Compensation as the network shows it: in reverse, only of what may have happened, never after the pivot.
extension World {
  /// Checks the first undo of an action when it is sent.
  ///
  /// - Parameter row: the journal row that asks for it.
  func checkUndo(
    of key: String, by event: CloudEvent, before row: JournalSequence, at service: SimulatedService
  ) throws {
    // What was only told nobody was asked for.
    if setup.traits.undosOfPublications.contains(event.type) { return }
    guard let action = observations[key], action.source == event.source else {
      // The action may wait in a lane that is down, while its undo leaves by another one.
      if observations[key] == nil,
        try hasAsked(service, before: row, { $0.idempotencykey == key && $0.source == event.source })
      {
        return
      }
      throw Violation("undo-of-nothing", "\(event.source) sends \(event.type) for an action that it never asked for")
    }
    guard isStrict(action.source, action.saga), observations.undos[key]?.count == 1 else { return }
    // What a role of the same engine answers no network carries.
    if service.takes(action.type) { return }
    let traits = setup.traits
    if let meaning = action.answered?.meaning, meaning != .done, !action.isDoubtful, action.lateAnswer == nil {
      throw Violation("undo-of-nothing", "\(event.source) sends \(event.type), though \(action.type) was refused")
    }
    if action.answered == nil, action.lateAnswer == nil, !action.isDoubtful, traits.answered.contains(action.type),
      !traits.leftInFlight.contains(action.type)
    {
      throw Violation("settles-first", "\(event.source) sends \(event.type) while \(action.type) is in flight")
    }
    // One whose answer came late may be undone whenever that is.
    guard let answered = action.answered, action.lateAnswer == nil else { return }
    for other in observations.actions[action.source] ?? [] {
      guard let later = observations[other], other != key else { continue }
      if traits.pivots.contains(later.type), later.answered?.meaning == .done {
        throw Violation("undo-after-pivot", "\(event.source) sends \(event.type) after \(later.type) had succeeded")
      }
      guard traits.undoable.contains(later.type), later.firstSent > answered.order,
        traits.isSequential(action.type, later.type), !isSettled(later)
      else { continue }
      // One that nobody answers is over when it is asked for, and may wait in another lane.
      if traits.undoneUnanswered.contains(later.type), try hasAsked(service, before: row, { $0.undoes == other }) {
        continue
      }
      throw Violation(
        "undo-order", "\(event.source) sends \(event.type) before \(later.type), which came after it, is undone")
    }
  }

  /// Whether the journal has a command before a row, where it may leave by another lane than that one's.
  private func hasAsked(
    _ service: SimulatedService, before end: JournalSequence, _ isIt: (CloudEvent) -> Bool
  ) throws -> Bool {
    guard service.lanes.names.count > 1 else { return false }
    service.storage.isLookedAt = true
    defer { service.storage.isLookedAt = false }
    for row in try service.storage.reader().journal(after: 0, limit: Int(end)) where row.sequence < end {
      guard let outgoing = row.outgoing else { continue }
      for record in try OutgoingRecord.decode(outgoing) {
        if let event = try? CloudEvent.decode(record.event), isIt(event) { return true }
      }
    }
    return false
  }

  /// Whether nothing is owed for a command any more.
  private func isSettled(_ command: Observations.Command) -> Bool {
    // After an attempt that went unanswered even a refusal may be undone; whether it is, only the saga knows.
    if let answer = command.answered, answer.meaning != .done { return true }
    // What became of it nobody outside knows: the call that took its answer failed.
    if command.answered == nil, command.lateAnswer != nil { return true }
    return (observations.undos[command.key] ?? []).contains { undo in
      guard let sent = observations[undo] else { return false }
      return sent.answered != nil || sent.lateAnswer != nil || setup.traits.unansweredUndos.contains(sent.type)
    }
  }

  /// Whether an instance's end may be judged by its ledger: nobody lied, no person put things right by hand, and nothing that it
  /// would have had to know came after it was swept.
  func isStrict(_ source: String, _ saga: String) -> Bool {
    if observations.answeredTooLate.contains(source) { return false }
    if observations.contradicted.isEmpty, observations.handled.isEmpty { return true }
    let lied = observations.contradicted.contains { observations[$0]?.source == source }
    return !lied && !observations.handled.contains(World.handled(saga, source))
  }

  /// A person has put something right at a saga of this key, in whatever role.
  func isHandled(_ saga: String, key: String) -> Bool {
    observations.handled.contains(
      World.handled(saga, source(of: MachineIdentity(saga: saga, version: 1, role: ""), key: key)))
  }

  /// Another role of the key was closed as it was, and will not send what this one may wait for.
  func waitsForOneClosedByHand(_ machine: MachineIdentity, key: String) -> Bool {
    guard !machine.role.isEmpty, !observations.closedByHand.isEmpty else { return false }
    let source = source(of: machine, key: key)
    return observations.closedByHand.contains(World.handled(machine.saga, source))
  }

  /// The name under which it is remembered: of all roles of a key.
  static func handled(_ saga: String, _ source: String) -> String {
    "\(saga)|\(source.split(separator: "/").last ?? "")"
  }
}
