extension Decider {
  /// What an operator does. A verb that does not fit the status is refused with what would.
  mutating func operate(_ operation: Operation) throws(MessageFault) -> Outcome {
    facts.append(.operated(verb: operation.verb.rawValue, by: operation.by, reason: operation.reason))
    if instance.status.isFinal {
      throw machine.fault(
        "operation.final", "\(instance.key) is \(instance.status.name); a final state absorbs everything")
    }
    switch operation.verb {
    case .pause:
      if instance.isPaused { return .stale }
      instance.isPaused = true
    case .resume:
      if !instance.isPaused { return .stale }
      instance.isPaused = false
    case .cancel: try cancel(operation)
    case .retry: try retry()
    case .skip: try skip()
    case .resolve: try resolve()
    case .force: try force(operation)
    }
    return .handled
  }

  private mutating func cancel(_ operation: Operation) throws(MessageFault) {
    #if SAGA_MUTANTS
      if Mutant.is(.operatorCancelLost) { return }
    #endif
    let failure = Failure(reason: operation.reason, step: "", kind: .operator, time: now)
    if let unwinding = instance.unwinding {
      // A role whose `do` has failed may go on in another state: the cancel is for that.
      if case .failed = unwinding.then, !machine.identity.role.isEmpty, !isCancelPending {
        _ = try wayOut()
        instance.pending.append(PendingExit(transition: nil, failure: failure))
        facts.append(.noted(text: "waits until what the state owes is undone"))
      } else {
        facts.append(.noted(text: "already compensating"))
      }
      return
    }
    if instance.isPivoted {
      throw machine.fault("operation.pivot", "\(instance.key) has passed its pivot: it can only go forward")
    }
    let continuation = try wayOut()
    if isPivotOpen {
      if isCancelPending {
        facts.append(.noted(text: "a cancel already waits for the pivot's outcome"))
        return
      }
      instance.pending.append(PendingExit(transition: nil, failure: failure))
      facts.append(.noted(text: "waits for the pivot's outcome"))
      return
    }
    compensate(failure, then: continuation)
  }

  /// Whether an operator's cancel waits already.
  private var isCancelPending: Bool { instance.pending.contains { $0.transition == nil } }

  /// Where a cancelled instance ends: by the `failed` transition of an orchestration, else in the one compensated end.
  func wayOut() throws(MessageFault) -> Unwinding.Continuation {
    if machine.identity.role.isEmpty { return .failed }
    let ends = model.states.indices.filter { model.states[$0].final == .compensated }
    guard ends.count == 1 else {
      throw machine.fault(
        "operation.cancel",
        ends.isEmpty
          ? "the role has no final state `compensated`, so there is nowhere to cancel to"
          : "the role has \(ends.count) final states `compensated`; send the event that leads to the right one")
    }
    return .end(state: ends[0])
  }

  private mutating func retry() throws(MessageFault) {
    guard instance.status == .stuck else {
      let waiting = instance.openCalls.filter { if case .backingOff = $0.call.phase { true } else { false } }
      guard !waiting.isEmpty else { throw notStuck("retry") }
      for open in waiting { arm(.call(open.call.number), milliseconds: 0) }
      return
    }
    instance.status = .running
    instance.entryProblem = nil
    instance.unwinding?.problem = nil
    clearProblems { decider, open in
      guard let call = decider.model.call(of: open.call.node, isUndo: open.role == .undo) else { return open.call }
      var again = open.call
      // A new series of attempts. Under the same key, so that what was done and not answered is not done twice; but who
      // has refused that key answers it as before, with the reply that the instance has seen.
      if decider.isRefused(open) { again.idempotencyKey = decider.idempotencyKey(after: again.idempotencyKey) }
      again.attempt = 0
      again.phase = .backingOff
      return decider.resend(again, call, of: open)
    }
    retryTimers()
  }

  /// Whether a call that is stuck was refused: then nothing that was sent under its key is unanswered.
  private func isRefused(_ open: OpenCall) -> Bool {
    switch open.role {
    case .undo: !open.call.hasTimedOut
    // Before the pivot a refusal is no reason to be stuck.
    case .action: instance.isPivoted && !open.call.hasTimedOut
    case .settling: false
    }
  }

  /// Clears what made frames and undos stuck; stuck calls become what `change` makes of them.
  private mutating func clearProblems(_ change: (inout Decider, OpenCall) -> Call) {
    instance.block = instance.block?.mapped(
      leaf: { if case .ready(let node, _) = $0 { .ready(node: node, problem: nil) } else { $0 } }, owed: { $0 })
    if case .finished(let owed, _) = instance.block { instance.block = .finished(owed: owed, problem: nil) }
    for undo in instance.allOwed {
      if case .stuck = undo.phase {
        instance.replaceUndo(actionKey: undo.actionKey) { stuck in
          var owed = stuck
          owed.phase = .owed
          return owed
        }
      }
    }
    for index in instance.repairs.indices {
      if case .stuck = instance.repairs[index].phase { instance.repairs[index].phase = .owed }
    }
    for open in instance.openCalls {
      if case .stuck = open.call.phase { instance.replace(change(&self, open)) }
    }
  }

  /// What made the instance stuck counts as done.
  private mutating func skip() throws(MessageFault) {
    guard instance.status == .stuck else { throw notStuck("skip") }
    if instance.entryProblem?.hasPrefix(Decider.pendingProblem) ?? false {
      passOver(instance.pending.removeFirst(), because: "an operator has skipped it")
    }
    instance.entryProblem = nil
    if instance.unwinding?.problem != nil {
      throw machine.fault(
        "operation.skip",
        "the way out of the compensation fails (\(instance.unwinding?.problem ?? "")); mend it or resolve")
    }
    if case .finished(_, .some(let problem)) = instance.block {
      throw machine.fault(
        "operation.skip", "the transition that follows the last step fails (\(problem)); mend it or resolve")
    }
    instance.timers.removeAll(where: \.isFaulty)
    instance.block = instance.block?.mapped(
      leaf: { leaf in
        if case .ready(_, .some) = leaf { return .finished(owed: [], problem: nil) }
        return leaf
      }, owed: { $0 })
    for undo in instance.allOwed {
      if case .stuck = undo.phase { instance.replaceUndo(actionKey: undo.actionKey) { _ in nil } }
    }
    instance.repairs.removeAll { if case .stuck = $0.phase { true } else { false } }
    for open in instance.openCalls {
      guard case .stuck = open.call.phase else { continue }
      var done = open.call
      done.phase = .answered(skipEvent)
      instance.replace(done)
    }
    instance.status = .running
  }

  /// Stands in for the reply that never came.
  private var skipEvent: CloudEvent {
    CloudEvent(id: instance.uid.hex, source: machine.sourceURI(key: instance.key), type: Decider.skippedType)
  }

  static let skippedType = "saga.skipped"

  private mutating func resolve() throws(MessageFault) {
    guard instance.status == .stuck else { throw notStuck("resolve") }
    instance.repairs = []
    switch instance.unwinding?.then {
    case .close(let status): close(status)
    case .failed, .transition, .end: close(.compensated)
    case nil: close(instance.failure == nil || instance.isPivoted ? .completed : .compensated)
    }
  }

  private func notStuck(_ verb: String) -> MessageFault {
    machine.fault("operation.status", "\(instance.key) is \(instance.status.name), not stuck: nothing to \(verb)")
  }
}
