import SagaCore

extension ShardEngine {
  /// Takes note of what became of messages that `takeOutgoing` handed out.
  ///
  /// A confirmation costs no commit: the cursor's move rides in the next row. A message that cannot go is held, so that
  /// others pass it; a command that cannot go at all returns to its instance.
  ///
  /// - Throws: `EngineError`, or what the store throws. The messages may then be sent again, with the same ids.
  public func confirm(lane name: String, _ results: [DeliveryResult], now: Timestamp) throws {
    try checkUsable()
    guard let lane = lanes[name] else { return }
    for result in results {
      switch result.outcome {
      case .confirmed: confirm(result.position, lane)
      case .unavailable(let retryAt):
        lane.stoppedUntil = max(lane.stoppedUntil ?? retryAt, retryAt)
        release(result.position, lane)
        #if SAGA_MUTANTS
          if Mutant.is(.everyLaneStops) {
            for lane in lanes.lanes { lane.stoppedUntil = max(lane.stoppedUntil ?? retryAt, retryAt) }
          }
        #endif
      case .failed(let retryAt, let reason): try fail(result.position, lane, retryAt: retryAt, reason, now: now)
      case .refused(let reason, let isPermanent):
        try fail(result.position, lane, retryAt: nil, reason, isPermanent: isPermanent, now: now)
      }
    }
    // A crash must not repeat more than the window.
    if lane.unmarked >= configuration.relayWindow / 2 { try writeMarks(now: now) }
  }

  private func confirm(_ position: OutgoingPosition, _ lane: Lane) {
    if let held = lane.held.message(at: position) {
      lane.held.remove(position)
      confirmedHeld.append(held)
    } else {
      lane.finish(position)
    }
  }

  private func release(_ position: OutgoingPosition, _ lane: Lane) {
    lane.held.release(position)
    // A held one is done as far as the window goes: it is given out from the journal.
    if let index = lane.index(of: position), lane.window[index].status == .inFlight {
      lane.release(index, attempts: lane.window[index].attempts, retryAt: nil)
    }
  }

  /// A message was not taken: it waits for `retryAt`, for an operator, or returns to its instance.
  private func fail(
    _ position: OutgoingPosition, _ lane: Lane, retryAt: Timestamp?, _ reason: String, isPermanent: Bool = false,
    now: Timestamp
  ) throws {
    let held = lane.held.message(at: position)
    // One that is held stays in the window, emptied, while an earlier message is on its way: the journal has it.
    let index = lane.index(of: position).flatMap { lane.window[$0].status == .done ? nil : $0 }
    guard let entry = try index.map({ lane.window[$0] }) ?? entry(at: position), held != nil || index != nil else {
      return
    }
    let attempts = (held?.attempts ?? entry.attempts) + 1
    if entry.message?.kind == .command, retryAt == nil || attempts >= configuration.publishAttempts {
      return try giveBack(entry, lane, reason, isPermanent: isPermanent, now: now)
    }
    if held == nil, lane.held.count >= configuration.heldPerLane, let index {
      // No room to hold it: the message stays where it is and the lane's cursor with it.
      if retryAt == nil { lane.refused[position] = reason }
      return lane.release(index, attempts: attempts, retryAt: retryAt ?? Timestamp(milliseconds: .max))
    }
    let message = HeldMessage(
      lane: lane.id, sequence: position.sequence, effect: position.effect, ordering: entry.ordering,
      attempts: attempts, nextAt: retryAt, reason: reason)
    try hold([(entry, message)], lane, now: now)
  }

  /// A command that will not be sent any more returns to its instance, which does not know what the participant did.
  func giveBack(
    _ entry: Lane.Entry, _ lane: Lane, _ reason: String, isPermanent: Bool = false, now: Timestamp
  ) throws {
    _ = try transact(1, now: now) { _, batch in
      try self.returnCommand(entry, reason, isPermanent: isPermanent, batch)
      self.finish(entry, lane, batch)
      return .stop
    }
    try finishCascades(now: now)
  }

  /// Decides the instance's input about a command that will not be sent.
  func returnCommand(_ entry: Lane.Entry, _ reason: String, isPermanent: Bool = false, _ batch: Batch) throws {
    guard let message = entry.message else { return }
    let event: CloudEvent
    do throws(MessageFault) { event = try CloudEvent.decodeStored(message.bytes) } catch {
      throw EngineError.corrupt("the command at row \(entry.position.sequence) cannot be read: \(error)")
    }
    guard let id = message.instance, let instance = try instance(id), let state = instance.current.instance,
      let key = event.idempotencykey
    else { return }
    let context = context(of: instance, state, at: batch.now)
    _ = try apply(
      .undeliverable(idempotencyKey: key, reason: reason, isPermanent: isPermanent),
      .undeliverable(idempotencyKey: key, reason: reason, isPermanent: isPermanent), .timer, to: instance, context,
      batch)
  }

  /// The message needs nothing more once the batch is durable.
  func finish(_ entry: Lane.Entry, _ lane: Lane, _ batch: Batch) {
    let held = lane.held.message(at: entry.position)
    if let held { batch.held.removed.append(held) }
    batch.onCommit.append {
      lane.held.remove(entry.position)
      lane.finish(entry.position)
    }
  }

  /// Writes a row that only carries cursor moves.
  func writeMarks(now: Timestamp) throws {
    guard !lanes.marks.isEmpty || !confirmedHeld.isEmpty else { return }
    _ = try transact(1, now: now) { _, batch in
      batch.rows.append(
        JournalRow(
          sequence: batch.nextSequence, at: batch.now, kind: .marks, slot: Slot(value: 0),
          decided: DecidedRecord(.recorded).encode()))
      return .stop
    }
  }
}
