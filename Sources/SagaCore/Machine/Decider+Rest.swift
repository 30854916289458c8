extension Decider {
  /// Runs everything that can run without a further input, then sets the status that follows.
  mutating func runToRest() {
    while advanceOnce() {
      stepsLeft -= 1
      if stepsLeft <= 0 { break }
    }
    runRepairs()
    settleStatus()
  }

  /// - Returns: whether something changed in a way that lets more run.
  private mutating func advanceOnce() -> Bool {
    if instance.status.isFinal || instance.entryProblem != nil { return false }
    if let unwinding = instance.unwinding { return unwind(unwinding) }
    if let exit = instance.pending.first, !isPivotOpen { return apply(exit) }
    guard let block = instance.block else { return false }
    switch run(block, place: Place()) {
    case .running(let frame):
      instance.block = frame
      // What waited for the pivot goes on when that has its outcome, whatever the block still does.
      return !instance.pending.isEmpty && !isPivotOpen
    case .completed(let owed):
      instance.block = .finished(owed: owed, problem: nil)
      return takeDone()
    case .failed(let failure, let owed):
      instance.block = nil
      record(failure)
      facts.append(.compensating(kind: failure.kind, reason: failure.reason))
      stopStateTimers()
      instance.unwinding = Unwinding(tree: .sequence(owed), then: .failed, problem: nil)
      return true
    }
  }

  /// The state's `done` transition: the instance's own doing, so a fault makes it stuck.
  mutating func takeDone() -> Bool {
    guard case .finished(let owed, nil) = instance.block else { return false }
    return attempt { decider throws(MessageFault) in
      guard let done = decider.model.states[decider.instance.state].done else {
        throw decider.misfit("\(decider.stateText) has no `done`")
      }
      try decider.take(done, scope: Scope(), kind: .business)
    } otherwise: {
      $0.instance.block = .finished(owed: owed, problem: $1)
    }
  }

  /// Does something that the instance, not a message, decides: all of it or, on a fault, nothing but the problem.
  mutating func attempt(
    _ body: (inout Decider) throws(MessageFault) -> Void, otherwise: (inout Decider, String) -> Void
  ) -> Bool {
    let before = mark
    let saved = (instance, statesEntered)
    do throws(MessageFault) {
      try body(&self)
      return true
    } catch {
      takeBack(to: before)
      (instance, statesEntered) = saved
      otherwise(&self, error.message)
      return false
    }
  }

  /// A cancel or deadline that waited for the pivot, or for a `do` to be undone, and is still to be done.
  private mutating func apply(_ exit: PendingExit) -> Bool {
    if exit.transition == nil, instance.isPivoted {
      passOver(instance.pending.removeFirst(), because: "the pivot has been passed")
      return true
    }
    return attempt { decider throws(MessageFault) in
      // A part of the attempt: where it fails, `retry` finds the cancel or deadline still to be done.
      decider.instance.pending.removeFirst()
      if let transition = exit.transition {
        let timers = decider.model.states[decider.instance.state].after + decider.model.after
        guard let entry = timers.first(where: { $0.transitions.contains(transition.index) }) else {
          throw decider.misfit("\(decider.stateText) has no `after` that waited")
        }
        // As of a message that waited, what holds now counts.
        if try !decider.take(entry) { decider.passOver(exit, because: "none of its conditions holds any more") }
      } else {
        decider.compensate(exit.failure, then: try decider.wayOut())
      }
    } otherwise: {
      $0.instance.entryProblem = Decider.pendingProblem + $1
    }
  }

  /// What the problem of an instance begins with whose cancel or deadline waited and cannot be done: `skip` tells by it
  /// what it passes over.
  static let pendingProblem = "the cancel or deadline that waited cannot be done: "

  /// Compensation: first every call in flight is answered or given up, then what is owed is undone.
  private mutating func unwind(_ unwinding: Unwinding) -> Bool {
    if unwinding.problem != nil || unwinding.tree.isSettling { return false }
    #if SAGA_MUTANTS
      if Mutant.is(.undosNotAwaited) {
        _ = undo(unwinding.tree, failure: nil)
        return attempt { decider throws(MessageFault) in
          try decider.finish(unwinding.then)
        } otherwise: {
          $0.instance.unwinding?.problem = $1
        }
      }
    #endif
    let rest = undo(unwinding.tree, failure: nil)
    if let rest {
      instance.unwinding?.tree = rest
      return false
    }
    instance.unwinding?.tree = .sequence([])
    return attempt { decider throws(MessageFault) in
      try decider.finish(unwinding.then)
    } otherwise: {
      $0.instance.unwinding?.problem = $1
    }
  }

  private mutating func finish(_ continuation: Unwinding.Continuation) throws(MessageFault) {
    instance.unwinding = nil
    instance.status = .running
    switch continuation {
    case .failed:
      guard let failed = model.states[instance.state].failed else {
        throw misfit("\(stateText) has no `failed`")
      }
      try take(failed, scope: Scope(), kind: .business)
    case .transition(let reference, let event):
      recordDeadlines()
      try conclude(model.transitions[reference.index], scope: Scope(event: event))
    case .end(let state):
      recordDeadlines()
      leaveState()
      enter(state)
    case .close(let status):
      close(status)
    }
  }

  /// Begins compensation of the whole instance.
  mutating func compensate(_ failure: Failure, then continuation: Unwinding.Continuation) {
    record(failure)
    facts.append(.compensating(kind: failure.kind, reason: failure.reason))
    var tree = instance.owed
    if let block = instance.block { tree += collect(block, settling: true) }
    #if SAGA_MUTANTS
      if Mutant.is(.earlierStatesUndoneFirst) { tree.reverse() }
    #endif
    instance.owed = []
    instance.block = nil
    instance.entryProblem = nil
    dropPending(because: "already compensating") { $0.compensates($1) }
    stopStateTimers()
    instance.unwinding = Unwinding(tree: .sequence(tree), then: continuation, problem: nil)
  }

  /// Deadlines that fell due while everything was undone anyway are only recorded; later ones are still to come.
  private mutating func recordDeadlines() {
    for timer in instance.timers where timer.due <= now {
      guard case .role(let index) = timer.name else { continue }
      let entry = model.after[index]
      guard let chosen = try? firstHolding(entry.transitions, scope: Scope()),
        model.transitions[chosen].compensate != nil
      else { continue }
      instance.timers.removeAll { $0.name == timer.name }
      facts.append(.timerFired(name: entry.text))
      facts.append(.noted(text: "deadline \(entry.text) has no effect: already compensating"))
    }
  }

  private mutating func settleStatus() {
    if instance.status.isFinal { return }
    let before = instance.status
    if stepsLeft <= 0 {
      instance.entryProblem =
        "the definition runs in a circle: more than \(MachineLimits.maximumStepsPerCommit) steps in one commit (maximumStepsPerCommit)"
    }
    if instance.revision % MachineLimits.maximumHistoryRows == 0, instance.entryProblem == nil {
      instance.entryProblem =
        "the history has \(instance.revision) rows (maximumHistoryRows); `retry` lets it have as many again"
    }
    if let problem = instance.problem(model) {
      instance.status = .stuck
      if before != .stuck {
        facts.append(.stuck(step: problem.step, reason: problem.reason))
        alert("saga.stuck", step: problem.step, reason: problem.reason)
      }
    } else {
      instance.status = instance.unwinding == nil ? .running : .compensating
    }
  }
}
