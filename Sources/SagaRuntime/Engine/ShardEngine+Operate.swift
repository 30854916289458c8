import SagaCore

extension ShardEngine {
  /// Does what an operator asks; what changes something is a journal row with `by` and `reason`.
  ///
  /// - Throws: `EngineError`, or what the store throws when it cannot be read.
  public func operate(_ request: OperatorRequest, now: Timestamp) throws -> OperatorReply {
    try checkUsable()
    try finishCascades(now: now)
    let reply: OperatorReply
    switch request {
    case .instance(let address, let operation): reply = try operate(on: address, operation, now: now)
    case .replay(let sequence, let by, let reason):
      reply = try replay(sequence, .deadLetterReplay(sequence, by: by, reason: reason), now: now)
    case .tryReplay(let sequence): reply = try tryReplay(sequence, now: now)
    case .resolve(let sequence, let by, let reason):
      let record = InputRecord.deadLetterReplay(sequence, by: by, reason: reason)
      reply = try resolve(sequence, .replayed, record, now: now)
    case .discard(let sequence, let by, let reason):
      reply = try resolve(
        sequence, .discarded, .deadLetterDiscard(sequence, by: by, reason: reason), now: now)
    case .retryOutgoing(let lane, let position, let by, let reason):
      let record = InputRecord.outgoingRetry(lane: lane, position, by: by, reason: reason)
      reply = try retryHeld(lane, position, record, now: now)
    case .discardOutgoing(let lane, let position, let by, let reason):
      let record = InputRecord.outgoingDiscard(lane: lane, position, by: by, reason: reason)
      reply = try discardHeld(lane, position, record, now: now)
    case .confirmClock(let by, let reason): reply = try confirmClock(.clockConfirmed(by: by, reason: reason), now: now)
    }
    try finishCascades(now: now)
    return reply
  }

  private func operate(on address: InstanceAddress, _ operation: Operation, now: Timestamp) throws -> OperatorReply {
    guard let group = machines.group(saga: address.saga, role: address.role), let any = group.versions.last else {
      return .notFound
    }
    let hash = any.machine.keyHash(primary: address.key)
    absentKeys.removeAll()
    var reply = OperatorReply.notFound
    _ = try transact(1, now: now) { _, batch in
      guard let instance = try self.owner(of: hash, batch), let state = instance.current.instance else {
        reply = .notFound
        return .stop
      }
      let context = DecisionContext(
        now: self.logicalTime(batch.now, after: state), epoch: self.epoch, slot: instance.slot)
      switch try self.apply(.operation(operation), .operation(operation), .operation, to: instance, context, batch) {
      case .handled, .late: reply = .done
      case .refused(let fault): reply = .refused(fault)
      case .deferred, .foreign, .stale: reply = .unchanged
      }
      return .stop
    }
    return reply
  }

  /// A row that records what an operator did to something that is no instance.
  func appendOperation(_ record: InputRecord, _ outcome: DecidedRecord.Outcome, _ batch: Batch) {
    batch.rows.append(
      JournalRow(
        sequence: batch.nextSequence, at: batch.now, kind: .operation, slot: Slot(value: 0), input: record.encode(),
        decided: DecidedRecord(outcome).encode()))
  }

  private func confirmClock(_ record: InputRecord, now: Timestamp) throws -> OperatorReply {
    guard isClockHeld else { return .unchanged }
    _ = try transact(1, now: now) { _, batch in
      self.appendOperation(record, .handled, batch)
      batch.onCommit.append { self.isClockHeld = false }
      return .stop
    }
    return .done
  }

  private func retryHeld(
    _ name: String, _ position: OutgoingPosition?, _ record: InputRecord, now: Timestamp
  ) throws -> OperatorReply {
    guard let lane = lanes[name] else { return .notFound }
    var chosen = lane.held.messages.filter { position == nil || $0.position == position }
    chosen = chosen.filter { $0.attempts > 0 && !lane.held.inFlight.contains($0.position) }
    guard !chosen.isEmpty else { return position == nil ? .unchanged : .notFound }
    _ = try transact(1, now: now) { _, batch in
      self.appendOperation(record, .handled, batch)
      for index in chosen.indices { chosen[index].nextAt = batch.now }
      batch.held.written += chosen
      batch.onCommit.append {
        for message in chosen { lane.held.put(message) }
        lane.stoppedUntil = nil
      }
      return .stop
    }
    return .done
  }

  private func discardHeld(
    _ name: String, _ position: OutgoingPosition, _ record: InputRecord, now: Timestamp
  ) throws -> OperatorReply {
    guard let lane = lanes[name], lane.held.contains(position) else { return .notFound }
    guard !lane.held.inFlight.contains(position), let entry = try entry(at: position) else { return .unchanged }
    _ = try transact(1, now: now) { _, batch in
      self.appendOperation(record, .handled, batch)
      if entry.message?.kind == .command { try self.returnCommand(entry, "discarded by an operator", batch) }
      self.finish(entry, lane, batch)
      return .stop
    }
    return .done
  }
}
