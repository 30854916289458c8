import SagaCore
import SagaRuntime

/// What an engine must keep to from one commit to the next, and from one message to the next.
extension World {
  /// The time of an instance's rows goes back only when it was absurdly far ahead, and is one that a clock has shown.
  func checkTime(of row: JournalRow, _ id: InstanceID, at service: SimulatedService) throws(Violation) {
    if row.at > service.latestReading {
      throw Violation(
        "time",
        "row \(row.sequence) of \(service.name) (\(row.kind)) is \(row.at.milliseconds(since: service.latestReading)) ms later than its clock has ever been"
      )
    }
    let latest = JournalBook.LastRow(sequence: row.sequence, at: row.at)
    if let last = service.book.lastRows.updateValue(latest, forKey: id)?.at, row.at < last,
      last.milliseconds(since: row.at) <= configuration.maxClockLeapMilliseconds
    {
      throw Violation(
        "time",
        "row \(row.sequence) of \(service.name) (\(row.kind)) is \(last.milliseconds(since: row.at)) ms earlier than its instance's last one"
      )
    }
  }

  /// What does not change any more once it is so: the first failure, and how and with what an instance ended.
  func checkLasting(
    _ instance: Instance, _ id: InstanceID, at service: SimulatedService
  ) throws(Violation) {
    if let failure = instance.failure {
      if let first = service.book.failures[id], first != failure {
        throw Violation(
          "first-failure", "\(instance.key) of \(service.name) failed by '\(first.reason)' and says '\(failure.reason)'"
        )
      }
      service.book.failures[id] = failure
    }
    guard instance.status.isFinal else { return }
    let end = JournalBook.End(
      status: instance.status, failure: instance.failure, state: instance.state,
      // A late success opens what has ended once more, and the answer to that undo may change its data.
      data: setup.traits.undosChangeData ? nil : instance.data)
    if let ended = service.book.ends.updateValue(end, forKey: id), ended != end {
      throw Violation("final", "\(instance.key) of \(service.name) was \(ended) and is \(end)")
    }
  }

  /// A correlated value passes to another instance only when its owner has ended.
  func checkTakenOver(
    _ hash: Hash128, by id: InstanceID, _ batch: CommitBatch, _ engine: ShardEngine?, at service: SimulatedService
  ) throws(Violation) {
    guard let other = service.book.keys.updateValue(id, forKey: hash), other != id,
      // One that is in the batch may have ended by it.
      !batch.rows.contains(where: { $0.instance == other }), let owner = engine?.inspect(other)
    else { return }
    if !owner.instance.status.isFinal {
      throw Violation(
        "correlation", "instance \(id) of \(service.name) takes over a value of \(owner.instance.key), which is open")
    }
  }

  /// What is true of a message when it is acknowledged for the first time.
  func checkTaken(_ parcel: Parcel, _ receipt: Receipt, at service: SimulatedService) throws(Violation) {
    var leavesRow = false
    for delivery in receipt.deliveries {
      switch delivery.outcome {
      case .deadLettered(let code, let message) where code == "store.refused":
        let made = "what the engine made of \(parcel.type)"
        throw Violation("engine", "the store of \(service.name) refuses \(made): \(message)")
      case .started, .handled, .deferred, .parked, .deadLettered: leavesRow = true
      case .late:
        leavesRow = true
        noteAnsweredTooLate(parcel)
        try checkLateSuccess(parcel)
      case .duplicate:
        if parcel.contradicts, parcel.deliveries == 1 {
          throw Violation("conflict", "\(service.name) takes a known id with another body for a duplicate")
        }
      case .foreign: break
      }
    }
    if leavesRow { observations.taken[service.index, default: [:]][parcel.bytes.contentHash] = parcel.type }
  }

  private func noteAnsweredTooLate(_ parcel: Parcel) {
    guard let source = parcel.correlation.flatMap({ observations[$0]?.source }), observations.swept.contains(source)
    else { return }
    observations.answeredTooLate.insert(source)
  }

  /// A success that comes after the undo of its action has gone out owes the undo once more.
  private func checkLateSuccess(_ parcel: Parcel) throws(Violation) {
    guard let key = parcel.correlation, let action = observations[key], action.undoes == nil,
      action.answered == nil, action.lateAnswer == nil, observations.undos[key] != nil,
      setup.traits.undoable.contains(action.type), isStrict(action.source, action.saga),
      setup.participants.meanings.meaning(
        of: parcel.type, (try? CloudEvent.decode(parcel.bytes))?.data, to: action.type) == .done
    else { return }
    throw Violation(
      "late-success", "\(action.source) makes nothing of \(parcel.type), though the undo of \(action.type) had gone out"
    )
  }

  /// One idempotency key is one call, sent no more often than its definition says.
  func checkAttempt(of command: Observations.Command, _ event: CloudEvent, row: JournalSequence) throws(Violation) {
    guard command.type == event.type, command.row != row else {
      throw Violation(
        "one-key-one-call", "\(event.source) sends \(command.type) and \(event.type) under one idempotency key")
    }
    let traits = setup.traits
    guard command.undoes == nil, let limit = traits.attempts[command.type], command.attempts > limit,
      !(observations.actions[command.source] ?? []).contains(where: {
        traits.pivots.contains(observations[$0]?.type ?? "")
      })
    else { return }
    throw Violation(
      "attempts", "\(event.source) sends \(command.type) \(command.attempts) times, the limit is \(limit)")
  }

  /// What says that everything is undone goes out when it is.
  func checkTold(_ event: CloudEvent) throws(Violation) {
    guard setup.traits.tellsUndone.contains(event.type), setup.traits.unansweredUndos.isEmpty,
      isStrict(event.source, event.saga ?? "")
    else { return }
    for key in observations.actions[event.source] ?? [] {
      guard let entry = participants.ledger[key], entry.effect == .done, setup.traits.undoable.contains(entry.command)
      else { continue }
      throw Violation(
        "told-before-undone", "\(event.source) sends \(event.type), and \(entry.command) is not undone yet")
    }
  }
}
