import SagaCore

extension ShardEngine {
  /// Does what an operator asks; what changes something is a journal row with `by` and `reason`.
  ///
  /// - Throws: `EngineError`, or what the store throws when it cannot be read.
  public func operate(_ request: OperatorRequest, now: Timestamp) throws -> OperatorReply {
    requireApart()
    try finishHandedOver()
    try checkUsable()
    try finishCascades(now: now)
    let reply: OperatorReply
    switch request {
    case .instance(let address, let operation):
      reply = try onEach([address], now: now) { try self.operate(on: $0, $1, operation, $2) }[0]
    case .instances(let addresses, let operation):
      reply = .each(try onEach(addresses, now: now) { try self.operate(on: $0, $1, operation, $2) })
    case .migrate(let addresses, let migration):
      reply = .each(try onEach(addresses, now: now) { try self.migrate($0, $1, migration, $2) })
    case .tryMigrate(let addresses, let migration):
      reply = .each(try onEach(addresses, now: now) { try self.migrate($0, $1, migration, $2, isTrial: true) })
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

  /// Does something to each of some instances, in one commit.
  private func onEach(
    _ addresses: [InstanceAddress], now: Timestamp,
    _ body: (LiveInstance, Instance, Batch) throws -> OperatorReply
  ) throws -> [OperatorReply] {
    guard addresses.count <= OperatorRequest.maximumInstances else {
      let text = "\(addresses.count) instances are too many for one request (maximumInstances)"
      return addresses.map { _ in .refused(MessageFault(code: FaultCode.instances, message: text)) }
    }
    absentKeys.removeAll()
    var replies = addresses.map { _ in OperatorReply.notFound }
    _ = try transact(addresses.count, now: now) { index, batch in
      let address = addresses[index]
      guard let group = self.machines.group(saga: address.saga, role: address.role), let any = group.versions.last,
        let instance = try self.owner(of: any.machine.keyHash(primary: address.key), batch),
        let state = instance.current.instance
      else { return .withNext }
      replies[index] = try body(instance, state, batch)
      return .withNext
    }
    return replies
  }

  private func operate(
    on instance: LiveInstance, _ state: Instance, _ operation: Operation, _ batch: Batch
  ) throws -> OperatorReply {
    let context = context(of: instance, state, at: batch.now)
    switch try apply(.operation(operation), .operation(operation), .operation, to: instance, context, batch) {
    case .handled, .late: return .done
    case .refused(let fault): return .refused(fault)
    case .deferred, .foreign, .stale: return .unchanged
    }
  }

  /// A row that records what an operator did to something that is no instance.
  func appendOperation(_ record: InputRecord, _ outcome: DecidedRecord.Outcome, _ batch: Batch) {
    batch.rows.append(
      JournalRow(
        sequence: batch.nextSequence, at: batch.now, kind: .operation, slot: Slot(value: 0), input: record.encode(),
        decided: DecidedRecord(outcome).encode()))
  }

  private func retryHeld(
    _ name: String, _ position: OutgoingPosition?, _ record: InputRecord, now: Timestamp
  ) throws -> OperatorReply {
    guard let lane = lanes[name] else { return .notFound }
    try holdRefused(lane, now: now)
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
    guard let lane = lanes[name] else { return .notFound }
    try holdRefused(lane, now: now)
    guard lane.held.contains(position) else { return .notFound }
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
