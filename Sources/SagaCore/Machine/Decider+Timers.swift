extension Decider {
  /// Arms a timer, replacing one of the same name.
  mutating func arm(_ name: TimerName, milliseconds: Int64) {
    instance.timers.removeAll { $0.name == name }
    instance.timers.append(
      InstanceTimer(name: name, armedRevision: instance.revision, setAt: now, delayMilliseconds: milliseconds))
  }

  mutating func disarm(_ call: Int64) {
    #if SAGA_MUTANTS
      if Mutant.is(.timerNotCancelled) { return }
    #endif
    instance.timers.removeAll { $0.name == .call(call) }
  }

  /// The role's own timers are held while the instance compensates and go on after it.
  mutating func stopStateTimers() {
    instance.timers.removeAll { if case .state = $0.name { true } else { false } }
  }

  mutating func armStateTimers() {
    #if SAGA_MUTANTS
      if Mutant.is(.stateTimersNotArmed) { return }
    #endif
    armAll(model.states[instance.state].after) { .state(index: $0) }
  }

  /// The role's own timers count from the start of the instance.
  mutating func armRoleTimers() {
    #if SAGA_MUTANTS
      if Mutant.is(.deadlineNotArmed) { return }
    #endif
    armAll(model.after) { .role(index: $0) }
  }

  private mutating func armAll(_ entries: [AfterModel], name: (Int) -> TimerName) {
    for (index, entry) in entries.enumerated() { arm(entry, as: name(index)) }
  }

  /// Arms a timer; where its delay cannot be computed the instance is stuck.
  mutating func arm(_ entry: AfterModel, as name: TimerName) {
    do throws(MessageFault) {
      #if SAGA_MUTANTS
        let factor: Int64 = Mutant.is(.aftersDoubled) ? 2 : 1
        arm(name, milliseconds: try milliseconds(entry.delay, Scope()) * factor)
      #else
        arm(name, milliseconds: try milliseconds(entry.delay, Scope()))
      #endif
    } catch {
      arm(name, milliseconds: InstanceTimer.incalculable)
      instance.entryProblem = error.message
    }
  }

  /// Evaluates again what a timer could not be armed with, or what could not be decided when it fired.
  mutating func retryTimers() {
    let faulty = instance.timers.filter(\.isFaulty)
    for timer in faulty where instance.timers.contains(timer) {
      let entry: AfterModel
      switch timer.name {
      case .state(let index): entry = model.states[instance.state].after[index]
      case .role(let index): entry = model.after[index]
      case .call: continue
      }
      instance.timers.removeAll { $0.name == timer.name }
      if timer.delayMilliseconds == InstanceTimer.undecided {
        fireAfter(entry, timer.name)
      } else {
        do throws(MessageFault) {
          arm(timer.name, milliseconds: try milliseconds(entry.delay, Scope()))
        } catch {
          instance.timers.append(timer)
          instance.entryProblem = error.message
        }
      }
    }
  }

  /// A due timer. One that is no longer armed, or was armed anew since, is stale.
  mutating func fire(_ firing: TimerFiring) -> Outcome {
    let isArmed = instance.activeTimers.contains { $0.name == firing.timer && $0.armedRevision == firing.armedRevision }
    guard isArmed else { return .stale }
    #if SAGA_MUTANTS
      var stays = Mutant.is(.firedTimerStays)
      if case .call = firing.timer { stays = false }
      if !stays { instance.timers.removeAll { $0.name == firing.timer } }
    #else
      instance.timers.removeAll { $0.name == firing.timer }
    #endif
    switch firing.timer {
    case .call(let number):
      guard let open = instance.openCalls.first(where: { $0.call.number == number }) else { return .stale }
      fireCall(open)
    case .state(let index):
      fireAfter(model.states[instance.state].after[index], firing.timer)
    case .role(let index):
      fireAfter(model.after[index], firing.timer)
    }
    return .handled
  }

  private mutating func fireCall(_ open: OpenCall) {
    let step = label(open.call)
    if case .settling = open.call.phase {
      facts.append(.timedOut(step: step, attempt: open.call.attempt))
      instance.replaceUndo(actionKey: open.call.idempotencyKey) { undo in
        var unknown = undo
        unknown.phase = .owed
        return unknown
      }
      return
    }
    guard let call = model.call(of: open.call.node, isUndo: open.role == .undo) else {
      var stuck = open.call
      stuck.phase = .stuck(misfit(stuck.node, "a call").message)
      // What was sent is unanswered: `retry` must not give it another key.
      stuck.hasTimedOut = true
      return instance.replace(stuck)
    }
    switch open.call.phase {
    case .waiting:
      facts.append(.timedOut(step: step, attempt: open.call.attempt))
      #if SAGA_MUTANTS
        if Mutant.is(.undoTimeoutTakenForDone), open.role == .undo {
          var done = open.call
          done.phase = .answered(CloudEvent(id: "", source: "", type: Decider.skippedType))
          return instance.replace(done)
        }
      #endif
      let next = attemptFailed(open, call, reason: "no reply within the timeout")
      instance.replace(next)
    case .backingOff, .repeating:
      instance.replace(resend(open.call, call, of: open))
    case .settling, .answered, .failed, .stuck: break
    }
  }

  private mutating func fireAfter(_ entry: AfterModel, _ name: TimerName) {
    facts.append(.timerFired(name: entry.text))
    _ = attempt { decider throws(MessageFault) in
      _ = try decider.take(entry)
    } otherwise: { decider, problem in
      decider.arm(name, milliseconds: InstanceTimer.undecided)
      decider.instance.entryProblem = problem
    }
  }

  /// What an `after` asks for, when its time has come and again when the pivot that it waited for has its outcome.
  ///
  /// - Returns: whether one of its conditions holds.
  mutating func take(_ entry: AfterModel) throws(MessageFault) -> Bool {
    guard let chosen = try firstHolding(entry.transitions, scope: Scope()) else { return false }
    let transition = model.transitions[chosen]
    if let reason = transition.compensate {
      let failure = Failure(reason: try text(reason, Scope()), step: "", kind: .deadline, time: now)
      if instance.isPivoted {
        facts.append(.noted(text: "deadline after the pivot: \(failure.reason)"))
        alert("saga.deadline", step: "", reason: failure.reason)
        return true
      }
      if isPivotOpen {
        putOff(chosen, because: failure)
        return true
      }
    } else if transition.goto != nil, isPivotOpen {
      putOff(chosen, because: Failure(reason: "after \(entry.text)", step: "", kind: .deadline, time: now))
      return true
    }
    try take(chosen, scope: Scope(), kind: .deadline)
    return true
  }

  /// An `after` that leaves the state waits for the pivot's outcome.
  private mutating func putOff(_ transition: Int, because failure: Failure) {
    // What waits already has nothing to add: the list is as short as the definition has such entries.
    if instance.pending.contains(where: { $0.transition?.index == transition }) {
      facts.append(.noted(text: "deadline: \(failure.reason)"))
      return
    }
    instance.pending.append(PendingExit(transition: TransitionReference(index: transition), failure: failure))
  }

  /// A command came back: its outcome is unknown, like one that timed out.
  ///
  /// - Parameter isPermanent: the attempts that are left would end the same way.
  mutating func undeliverable(idempotencyKey: String, reason: String, isPermanent: Bool) -> Outcome {
    guard
      let open = instance.openCalls.first(where: { $0.call.idempotencyKey.hex == idempotencyKey }),
      open.role != .settling, case .waiting = open.call.phase,
      let call = model.call(of: open.call.node, isUndo: open.role == .undo)
    else { return .stale }
    if instance.isPaused {
      // Held like a timer: it counts as unanswered at resume.
      arm(.call(open.call.number), milliseconds: 0)
      facts.append(.noted(text: "\(label(open.call)) could not be delivered: \(reason)"))
      return .handled
    }
    let text = isPermanent ? reason : "could not be delivered: \(reason)"
    let next = attemptFailed(open, call, reason: text, isPermanent: isPermanent)
    if case .backingOff = next.phase {} else { disarm(next.number) }
    instance.replace(next)
    return .handled
  }
}
