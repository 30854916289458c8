import SagaCore

extension ShardEngine {
  /// What a decision wants next.
  enum Continue { case withNext, stop }

  /// Decides up to `count` inputs in order on one overlay and commits them.
  ///
  /// When rows of callers' transactions came between, everything is decided again on top of them. When the store refuses
  /// the batch, each input is decided alone, and one refused alone is given to `refused`.
  ///
  /// - Parameters:
  ///   - decide: decides input `index`; it says `.stop` when the batch must end there.
  ///   - refused: decides instead of an input that the store refuses; nil where that cannot be.
  /// - Returns: how many inputs are durable now.
  func transact(
    _ count: Int, now: Timestamp, decide: (Int, Batch) throws -> Continue,
    refused: ((Int, String, Batch) throws -> Void)? = nil
  ) throws -> Int {
    var alone: Int?
    var done = 0
    while true {
      let range = alone.map { $0..<$0 + 1 } ?? 0..<count
      let (outcome, decided, stopped) = try attempt(range, now: now, decide: decide)
      switch outcome {
      case .moved: continue
      case .committed:
        done += decided
        if alone == nil || stopped { return done }
      case .refused(let constraint):
        guard let index = alone ?? (count == 1 ? 0 : nil) else {
          alone = 0
          continue
        }
        try settle(index, constraint, now: now, refused)
        done += 1
      }
      if done >= count { return done }
      alone = done
    }
  }

  private enum Attempt {
    case committed, moved
    case refused(String)
  }

  private func attempt(
    _ range: Range<Int>, now: Timestamp, decide: (Int, Batch) throws -> Continue
  ) throws -> (outcome: Attempt, decided: Int, stopped: Bool) {
    let batch = Batch(now: logicalTime(now), base: lastSequence)
    do {
      var decided = 0
      var stopped = false
      loop: for index in range {
        decided += 1
        switch try decide(index, batch) {
        case .withNext: continue
        case .stop:
          stopped = true
          break loop
        }
      }
      rearmLeftovers(batch)
      return (try commit(batch), decided, stopped)
    } catch {
      drop(batch)
      // What was handed over, or is collected, turned out not to become durable when something was read.
      if let failure = error as? CommitError {
        isPoisoned = true
        throw stop(failure)
      }
      throw error
    }
  }

  private func settle(
    _ index: Int, _ constraint: String, now: Timestamp, _ refused: ((Int, String, Batch) throws -> Void)?
  ) throws {
    guard let refused else { throw EngineError.refused(constraint: constraint) }
    while true {
      let attempted = try attempt(index..<index + 1, now: now) { index, batch in
        try refused(index, constraint, batch)
        return .stop
      }
      switch attempted.outcome {
      case .committed: return
      case .moved: continue
      case .refused(let again): throw EngineError.refused(constraint: again)
      }
    }
  }

  /// Writes a batch and, when it is durable, makes it the engine's state.
  private func commit(_ batch: Batch) throws -> Attempt {
    if batch.isEmpty {
      // Nothing to make durable: what was only looked at becomes true at once.
      apply(batch, marks: [])
      return .committed
    }
    addFold(to: batch)
    let lanes = lanes.lanes
    let marked = batch.rows.isEmpty ? [] : lanes.filter(\.needsMark).map { ($0, $0.unmarked) }
    if !marked.isEmpty { batch.rows[0].marks = LaneMark.encode(marked.map(\.0.mark)) }
    var written = CommitBatch(expectedLast: batch.base, epoch: epoch, rows: batch.rows)
    written.births = batch.births
    written.keys = batch.keys
    if !batch.inherited.isEmpty { written.inherited = batch.inherited.map(\.stored) }
    if !batch.machines.isEmpty { written.machines = batch.machines.map(\.stored) }
    written.parked = batch.parked
    written.deadLetters = batch.deadLetters
    written.held = batch.held
    if !confirmedHeld.isEmpty { written.held.removed += confirmedHeld }
    written.fold = foldPortion(of: batch)
    if !isJoining {
      try finishHandedOver()
      observer?.willCommit()
    }
    do throws(CommitError) {
      logFrames = try store.commit(written).logFrames
    } catch {
      return try failed(error, batch)
    }
    if !confirmedHeld.isEmpty { confirmedHeld.removeAll(keepingCapacity: true) }
    if let completion = written.fold?.completion {
      foldedSequence = completion.foldedSequence
      for lane in lanes { lane.isInTable = true }
    }
    apply(batch, marks: marked)
    if let observer {
      let observed = ObservedCommit(batch)
      if isJoining { observedWhileJoining.add(observed) } else { observer.didCommit(observed) }
    }
    return .committed
  }

  private func failed(_ error: CommitError, _ batch: Batch) throws -> Attempt {
    drop(batch)
    switch error {
    case .moved:
      try noteServiceRows()
      return .moved
    case .refused(let constraint): return .refused(constraint)
    case .full, .fenced, .outcomeUnknown: throw stop(error)
    }
  }

  /// What a commit that did not happen means for the engine.
  func stop(_ error: CommitError) -> EngineError {
    switch error {
    case .full: return .full
    case .refused(let constraint): return .refused(constraint: constraint)
    case .moved(let actualLast):
      isPoisoned = true
      return .foreignWriter(actualLast)
    case .fenced(let epoch):
      isPoisoned = true
      return .fenced(epoch)
    case .outcomeUnknown(let cause):
      isPoisoned = true
      return .outcomeUnknown(cause)
    }
  }

  /// The batch is durable.
  private func apply(_ batch: Batch, marks: [(lane: Lane, confirmed: Int)]) {
    let previous = lastSequence
    let rows = batch.rows
    lastSequence = previous + Int64(rows.count)
    // Whoever calls all shards divides a full batch among them.
    hadFullCommit = 2 * configuration.shard.count * rows.count >= configuration.maximumBatch
    for index in rows.indices { advanceClock(after: rows[index]) }
    for (lane, confirmed) in marks { lane.marked(confirmed: confirmed) }
    for machine in batch.machines { machine.isStored = true }
    if let portion = batch.fold { fold.finish(portion) }
    for instance in batch.touched {
      let isNew = instance.committed == nil
      instance.commit()
      if isNew { live.add(instance) } else { live.count(instance) }
      if machines.hasRetired, instance.isOpen { machines.recall(instance.machine) }
      if !instance.isFolded { fold.markDirty(instance) }
    }
    for key in batch.keys {
      switch key {
      case .insert(let hash, _), .replace(let hash, _):
        if let owner = batch.owner(of: hash) { live.link(hash, to: owner) }
      case .remove: break
      }
    }
    #if SAGA_MUTANTS
      if Mutant.is(.rowSendsOnlyItsFirst) { batch.outgoing.removeAll { $0.entry.position.effect > 0 } }
    #endif
    feedLanes(batch.outgoing, previous: previous)
    for entry in batch.deadLetters.written { deadLetters.insert(entry.fingerprint) }
    // As a recovery does: a flood of messages that are refused must not fill memory.
    if deadLetters.count > configuration.maximumFingerprints { deadLetters.overflow() }
    for parked in batch.parked.written { noteParked(parked) }
    if !batch.inherited.isEmpty { mayHaveInherited = true }
    for instance in batch.busy where !instance.isBusy {
      instance.isBusy = true
      busy.append(instance)
    }
    if batch.foreignCount != 0 { foreignCount += batch.foreignCount }
    if isJoining { joinedClaims += batch.reserved } else { settle(batch.reserved) }
    if !batch.onCommit.isEmpty {
      // An action may hold its batch and the engine: kept, it would keep both for ever.
      let actions = batch.onCommit
      batch.onCommit = []
      for action in actions { action() }
    }
    // What the store did not have before, it may have now.
    forgetProbes()
    live.advance()
  }

  /// Forgets what the store was asked for.
  func forgetProbes() {
    if !absentKeys.isEmpty { absentKeys.removeAll(keepingCapacity: true) }
    if !probedSeen.isEmpty { probedSeen.removeAll(keepingCapacity: true) }
    if !probedInherited.isEmpty { probedInherited.removeAll(keepingCapacity: true) }
  }

  /// Forgets a batch that did not happen. Wakes it took or replaced return to the queue.
  private func drop(_ batch: Batch) {
    batch.rollBack()
    batch.onCommit = []
    if !batch.reserved.isEmpty { configuration.keys?.release(batch.reserved.lazy.map(\.key)) }
    for wake in batch.takenWakes { timers.push(wake) }
    for instance in batch.touched {
      if let wakeAt = instance.committed?.wakeAt { timers.push(Wake(at: wakeAt, instance: instance.id)) }
    }
  }
}
