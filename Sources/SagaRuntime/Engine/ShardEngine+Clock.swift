import SagaCore

/// What time it is when the clock is wrong: it goes back a little, or it had been far ahead and has come back.
extension ShardEngine {
  /// Holds all timers until `OperatorRequest.confirmClock`: the wall clock jumped against the monotonic one.
  public func holdClock() { isClockHeld = true }

  /// The time that a row of this call carries: never before the last one, unless that one is absurdly far ahead.
  func logicalTime(_ now: Timestamp) -> Timestamp {
    #if SAGA_MUTANTS
      if Mutant.is(.clockGoesBack) { return now }
      let now = Mutant.is(.clockRunsAhead) ? now.advanced(byMilliseconds: 5_000) : now
    #endif
    isClockAhead = clock.milliseconds(since: now) > configuration.maxClockLeapMilliseconds
    return isClockAhead ? now : max(now, clock)
  }

  /// `logicalTime` for a decision of one instance.
  func logicalTime(_ now: Timestamp, after instance: Instance) -> Timestamp {
    logicalTime(now, after: instance.updatedAt)
  }

  /// What a decision about an instance depends on besides its state and the input.
  func context(of instance: LiveInstance, _ state: Instance, at now: Timestamp) -> DecisionContext {
    DecisionContext(
      now: logicalTime(now, after: state), epoch: epoch, slot: instance.slot,
      storedBytes: instance.current.encoded.count)
  }

  /// `logicalTime` for a row of an instance whose last one is of that time.
  func logicalTime(_ now: Timestamp, after last: Timestamp) -> Timestamp {
    #if SAGA_MUTANTS
      if Mutant.is(.clockGoesBack) { return now }
    #endif
    return last.milliseconds(since: now) > configuration.maxClockLeapMilliseconds ? now : max(now, last)
  }

  /// A row is durable: the journal's time goes on. A recovery must come to the same (`TailFold`): with another time, an engine that
  /// starts again could write rows earlier than its last. With the clock of the events each event has its own time, and a recovery
  /// takes the latest.
  func advanceClock(after row: JournalRow) {
    if configuration.clock == .events {
      clock = isClockAhead ? row.at : max(clock, row.at)
      latest = clock
    } else {
      clock = TailFold.time(after: row.at, clock, configuration.maxClockLeapMilliseconds)
      latest = TailFold.latest(latest, after: row, clock, configuration.maxClockLeapMilliseconds)
    }
  }

  /// A person says that the clock is right: timers fire again. What a clock far ahead has set begins to wait now: it would wait
  /// for that clock's time, which may be years.
  ///
  /// Whoever dies on the way finds the clock still to be confirmed.
  func confirmClock(_ record: InputRecord, now: Timestamp) throws -> OperatorReply {
    let limit = now.advanced(byMilliseconds: configuration.maxClockLeapMilliseconds)
    // Steps that are small each, or a leap between two looks at the clock, are seen by nobody.
    guard isClockHeld || (configuration.clock == .wall && latest > limit) else { return .unchanged }
    if latest > limit {
      try rearmTimers(setAfter: limit, now: now)
      try rearmParked(setAfter: limit, now: now)
    }
    _ = try transact(1, now: now) { _, batch in
      self.appendOperation(record, .handled, batch)
      self.retryNow(putOffBeyond: limit, batch)
      batch.onCommit.append { self.isClockHeld = false }
      return .stop
    }
    return .done
  }

  /// The timers of sagas that could not be found by their wakes when the clock was confirmed, because they were paused, stuck or had
  /// a nearer timer, begin anew when something happens to the saga.
  func rearmLeftovers(_ batch: Batch) {
    let limit = batch.now.advanced(byMilliseconds: configuration.maxClockLeapMilliseconds)
    // Not before somebody has confirmed the clock, held or not: it may be this one that is wrong.
    guard configuration.clock == .wall, !isClockHeld, latest <= limit else { return }
    for instance in batch.touched { rearmTimers(of: instance, setAfter: limit, batch) }
  }

  private func rearmTimers(setAfter limit: Timestamp, now: Timestamp) throws {
    func rearm(_ ids: [InstanceID]) throws {
      _ = try transact(ids.count, now: now) { index, batch in
        if let instance = try self.instance(ids[index]) { self.rearmTimers(of: instance, setAfter: limit, batch) }
        return .withNext
      }
    }
    // First those whose wakes are not in the table, or not the latest: these commits may fold them to a place that was passed.
    try rearm(live.unfolded.map(\.id))
    var cursor = Wake(at: limit, instance: .max)
    while true {
      let wakes = try store.wakes(
        through: Timestamp(milliseconds: .max), after: cursor, limit: configuration.maximumBatch)
      try rearm(wakes.map(\.instance))
      guard let last = wakes.last, wakes.count == configuration.maximumBatch else { return }
      cursor = last
    }
  }

  private func rearmTimers(of instance: LiveInstance, setAfter limit: Timestamp, _ batch: Batch) {
    #if SAGA_MUTANTS
      if Mutant.is(.leftoversNotArmedAgain) { return }
    #endif
    guard var state = instance.current.instance, state.timers.contains(where: { $0.setAt > limit }) else { return }
    // The clock may have gone back a little more since the instance's last row, which it must not go before.
    let now = logicalTime(batch.now, after: state)
    var changed = 0
    for index in state.timers.indices where state.timers[index].setAt > limit {
      state.timers[index].setAt = now
      changed += 1
    }
    state.revision += 1
    state.updatedAt = now
    var draft = RowDraft(kind: .timer, outcome: .handled, input: InputRecord.rearmed.encode())
    draft.facts = [.noted(text: "\(changed) timers are armed again from now: the clock had been far ahead")]
    append(draft, to: instance, state, at: now, batch)
  }

  /// Gives what was parked after `limit` the time again that its declaration says; twice is as once.
  private func rearmParked(setAfter limit: Timestamp, now: Timestamp) throws {
    var page = Page()
    repeat {
      page = try store.page(.parked(expiringBy: nil), after: page.next, limit: configuration.maximumBatch)
      let far = page.parked.filter { $0.expiresAt > limit }
      let rows = try store.rows(far.map(\.sequence)).filter { $0.at > limit }
      let declared = try Dictionary(
        rows.map { ($0.sequence, try parkingMilliseconds(of: $0)) }, uniquingKeysWith: { first, _ in first })
      _ = try transact(1, now: now) { _, batch in
        for var message in far {
          guard let milliseconds = declared[message.sequence] else { continue }
          let again = batch.now.advanced(byMilliseconds: milliseconds)
          if again >= message.expiresAt { continue }
          if batch.rows.isEmpty { self.appendOperation(.rearmed, .recorded, batch) }
          message.expiresAt = again
          batch.park(message)
        }
        return .stop
      }
    } while page.next != nil
  }

  /// How long a message that a row has parked may wait.
  private func parkingMilliseconds(of row: JournalRow) throws -> Int64 {
    let machine = try DecidedRecord(decoding: row.decided).machine.flatMap { machines.machine($0)?.machine }
    if let machine, let event = row.input.flatMap({ try? CloudEvent.decodeStored($0) }),
      case .park(let milliseconds) = machine.missing(event.type)
    {
      return milliseconds
    }
    return MachineLimits.parkMilliseconds
  }

  /// What could not be sent, and was put off to a time of the clock that was far ahead, is tried now.
  private func retryNow(putOffBeyond limit: Timestamp, _ batch: Batch) {
    #if SAGA_MUTANTS
      if Mutant.is(.putOffForYears) { return }
    #endif
    for lane in lanes.lanes {
      let putOff = lane.held.messages.filter { message in
        guard let nextAt = message.nextAt else { return false }
        return nextAt > limit && !lane.held.inFlight.contains(message.position)
      }
      let again = putOff.map { message in
        var message = message
        message.nextAt = batch.now
        return message
      }
      batch.held.written += again
      batch.onCommit.append {
        for message in again { lane.held.put(message) }
        lane.retryNow(putOffBeyond: limit)
      }
    }
  }
}
