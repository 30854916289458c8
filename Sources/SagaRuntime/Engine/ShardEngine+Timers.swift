import SagaCore

extension ShardEngine {
  /// Fires due timers in (due, instance, name) order, chains included, until none is due or a batch is full.
  func fireTimers(now: Timestamp) throws -> Int {
    if timers.count > timerRebuildCount { rebuildTimers() }
    let horizon = now.advanced(byMilliseconds: configuration.timerHorizonMilliseconds)
    let half = now.advanced(byMilliseconds: configuration.timerHorizonMilliseconds / 2)
    if timers.cursor.at < half { try loadWakes(through: horizon) }
    guard try dueWake(by: logicalTime(now)) != nil else { return 0 }
    var fired = 0
    _ = try transact(configuration.maximumBatch, now: now) { index, batch in
      if index == 0 { fired = 0 }
      guard try self.fireNext(batch) else { return .stop }
      fired += 1
      return batch.busy.isEmpty ? .withNext : .stop
    }
    return fired
  }

  /// Fires the earliest due timer.
  ///
  /// - Returns: false when none is due.
  private func fireNext(_ batch: Batch) throws -> Bool {
    while let wake = try dueWake(by: batch.now) {
      _ = timers.popFirst()
      batch.takenWakes.append(wake)
      guard let instance = try self.instance(wake.instance), let state = instance.current.instance,
        state.wakeAt == wake.at, let due = state.dueTimer(now: wake.at)
      else { continue }
      let time = configuration.clock == .events ? due.due : batch.now
      let context = context(of: instance, state, at: time)
      if try apply(.timer(due.firing), .timer(due.firing), .timer, to: instance, context, batch) == .handled {
        if observer != nil { batch.timersLateMilliseconds.append(batch.now.milliseconds(since: due.due)) }
        return true
      }
      staleFirings += 1
    }
    return false
  }

  /// The earliest wake that is due; pages of the store are read as far as they are needed.
  private func dueWake(by time: Timestamp) throws -> Wake? {
    #if SAGA_MUTANTS
      let time = Mutant.is(.timersEarly) ? time.advanced(byMilliseconds: 5_000) : time
    #endif
    while true {
      if let first = timers.first, !timers.cursor.precedes(first) { return first.at <= time ? first : nil }
      // The store may have an earlier one than the queue.
      if timers.cursor.at >= time {
        guard let first = timers.first, first.at <= time else { return nil }
        return first
      }
      try loadWakes(through: time)
    }
  }

  private func loadWakes(through time: Timestamp) throws {
    let page = try store.wakes(through: time, after: timers.cursor, limit: configuration.timerPage)
    timers.load(page, through: time, isFull: page.count == configuration.timerPage)
  }

  /// The next wake there is, in memory or in the store.
  func nextWake() throws -> Wake? {
    if let first = knownWake() { return first }
    let stored = try nextStoredWake()
    guard let first = timers.first else { return stored }
    return stored.map { $0.precedes(first) ? $0 : first } ?? first
  }

  /// The next wake, where the queue alone tells it.
  func knownWake() -> Wake? {
    while let first = timers.first {
      guard let instance = live[first.instance], instance.current.wakeAt != first.at else { break }
      _ = timers.popFirst()
    }
    guard let first = timers.first, !timers.cursor.precedes(first) else { return nil }
    return first
  }

  /// The next wake that only the store has; rows of instances that have changed since are passed over, once.
  private func nextStoredWake() throws -> Wake? {
    if !timers.cursor.precedes(staleWakes) { staleWakes = timers.cursor }
    var limit = 4
    while true {
      let page = try store.wakes(through: Timestamp(milliseconds: .max), after: staleWakes, limit: limit)
      for wake in page {
        if live[wake.instance].map({ $0.current.wakeAt == wake.at }) ?? true { return wake }
        staleWakes = wake
      }
      if page.count < limit { return nil }
      limit = min(4 * limit, configuration.timerPage)
    }
  }

  /// An instance by id, read from the store if need be.
  func instance(_ id: InstanceID) throws -> LiveInstance? {
    if let known = live[id] { return known }
    var wanted = LoadRequest()
    wanted.instances = [id]
    guard let stored = try store.load(wanted).instances[id] else { return nil }
    let instance = try admit(stored)
    live.link(instance.machine.machine.keyHash(primary: instance.key), to: instance)
    return instance
  }

  /// Drops entries that are out of date, or late enough that the store will give them again.
  private func rebuildTimers() {
    let cursor = timers.cursor
    timers.rebuild { wake in
      guard let instance = live[wake.instance] else { return !cursor.precedes(wake) }
      return instance.committed?.wakeAt == wake.at && (!instance.isFolded || !cursor.precedes(wake))
    }
    timerRebuildCount = 2 * timers.count + configuration.timerPage
    staleWakes = timers.cursor
  }

  /// Decides an input that is no message and takes the values which the decision claims.
  ///
  /// A message that claims what another instance has is a dead letter. What is no message cannot be put aside so: a
  /// timer fires once and a command comes back once, and without them nothing might ever move their instance on. So it
  /// is stuck where it claims, as where an expression of its own fails.
  private func decide(
    _ input: Input, for instance: LiveInstance, _ state: Instance, _ context: DecisionContext,
    _ cascade: inout Cascade, _ batch: Batch
  ) throws -> Decision {
    var refused: [RefusedClaim] = []
    // It ends: each time one more value is refused, and what was decided before is decided alike.
    while true {
      let decision = instance.machine.machine.advance(state, input, context: context, refusedClaims: refused)
      guard decision.outcome == .handled || decision.outcome == .late,
        let claim = try claim(decision.claims, for: instance, &cascade, batch)
      else { return decision }
      refused.append(claim)
    }
  }

  /// Decides an input that is no message and writes its row.
  ///
  /// - Returns: what the machine said; only `handled` and `late` leave a row.
  func apply(
    _ input: Input, _ record: InputRecord, _ kind: RowKind, to instance: LiveInstance, _ context: DecisionContext,
    _ batch: Batch
  ) throws -> SagaCore.Outcome {
    guard let state = instance.current.instance else { return .stale }
    var cascade = Cascade(limit: configuration.cascadeLimit)
    let decision = try decide(input, for: instance, state, context, &cascade, batch)
    guard decision.outcome == .handled || decision.outcome == .late else { return decision.outcome }
    var draft = RowDraft(kind: kind, outcome: decision.outcome == .late ? .late : .handled, input: record.encode())
    draft.facts = decision.facts
    draft.outgoing = decision.outgoing
    append(draft, to: instance, decision.instance, at: context.now, batch)
    cascade.isTransition = decision.outcome == .handled
    if state.isPaused, !decision.instance.isPaused { cascade.keys += keys(of: instance) }
    try run(&cascade, of: instance, batch)
    return decision.outcome
  }
}
