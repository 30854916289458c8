import SagaCore

extension ShardEngine {
  /// Does bounded background work between commits: when idle, marks and portions of the flush pass that had no row to
  /// ride on; always, checkpoints by the count of frames in the write-ahead log.
  ///
  /// - Parameters:
  ///   - now: the caller's clock.
  ///   - isIdle: nothing came in for a while (the caller waits 50 ms).
  /// - Throws: `EngineError`, or what the store throws.
  public func maintain(now: Timestamp, isIdle: Bool) throws -> MaintenanceReport {
    requireApart()
    try checkUsable()
    var report = MaintenanceReport()
    if isIdle {
      try finishHandedOver()
      // What a crash has interrupted would keep the flush waiting, and a caller that waits for the flush for ever.
      try finishCascades(now: now)
      for lane in lanes.lanes { try passBlocked(lane, isIdle: true, now: now) }
      if !lanes.marks.isEmpty || !confirmedHeld.isEmpty {
        try writeMarks(now: now)
        report.wroteMarks = true
      }
      report.foldedInstances = try foldIdly(now: now)
    }
    let limit = hadFullCommit ? configuration.checkpointFramesFull : configuration.checkpointFrames
    if logFrames >= limit || (isIdle && logFrames > 0 && !fold.hasWork) {
      try finishHandedOver()
      _ = try store.maintain(.checkpoint(truncate: false), budget: PageBudget())
      report.checkpointed = true
      logFrames = 0
    }
    report.unfoldedRows = lastSequence - foldedSequence
    report.logFrames = logFrames
    report.hasMore = isIdle && (fold.hasWork || foldedSequence < lastSequence)
    return report
  }

  /// Folds a portion in a commit of its own.
  ///
  /// - Returns: how many instances were written.
  @discardableResult
  private func foldIdly(now: Timestamp) throws -> Int {
    guard fold.hasWork || foldedSequence < lastSequence else { return 0 }
    if !fold.isRunning { fold.begin(target: lastSequence) }
    var written = 0
    _ = try transact(1, now: now) { _, batch in
      let limits = self.configuration
      let portion = self.fold.next(limits.idleFoldInstances, inlineSeenIDs: limits.inlineSeenIDs)
      batch.fold = portion
      written = portion.instances.count
      return .stop
    }
    return written
  }

  private var isToBeFolded: Bool {
    #if SAGA_MUTANTS
      if Mutant.is(.sweptBeforeFolded) { return false }
    #endif
    return fold.hasWork || foldedSequence < lastSequence
  }

  /// The last row of which every lane has sent everything.
  private var leastConfirmed: JournalSequence {
    #if SAGA_MUTANTS
      if Mutant.is(.sweptBeforeConfirmed) { return lastSequence }
    #endif
    return lanes.leastSequence.map { $0 - 1 } ?? lastSequence
  }

  /// Deletes the history and state of instances that closed before a time, as far as every lane has confirmed; identity,
  /// keys and seen ids stay until `forgetBefore`. What is not folded yet is folded first.
  ///
  /// - Parameters:
  ///   - cut: instances that closed earlier are swept.
  ///   - forgetBefore: what closed earlier is forgotten wholly: a message that starts it again begins a new life.
  ///   - archive: gets the rows before they are deleted.
  ///   - budget: how many rows one call may delete; call again until the progress is finished. What is folded first is beside it.
  public func prune(
    closedBefore cut: Timestamp, forgetBefore: Timestamp, archive: (([JournalRow]) throws -> Void)?,
    budget: PageBudget = PageBudget()
  ) throws -> MaintenanceProgress {
    requireApart()
    try checkUsable()
    try finishHandedOver()
    // A later row of an instance is a change of what its swept rows would have folded to: nothing may be left to fold.
    try finishCascades(now: clock)
    while isToBeFolded { try foldIdly(now: clock) }
    let confirmed = leastConfirmed
    // The sweep keeps the last row: sequences are never given twice.
    let through = min(foldedSequence, confirmed, lastSequence - 1)
    let swept = try store.maintain(.sweep(closedBefore: cut, through: through, archive: archive), budget: budget)
    live.forgetClosed(before: cut)
    guard swept.isFinished else { return swept }
    let forgotten = try store.maintain(.forget(closedBefore: forgetBefore), budget: budget)
    return MaintenanceProgress(
      examined: swept.examined + forgotten.examined, changed: swept.changed + forgotten.changed,
      isFinished: forgotten.isFinished)
  }
}
