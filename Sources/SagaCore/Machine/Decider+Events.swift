extension Decider {
  /// An ordinary message in an open state: the state, then the role, then the table.
  mutating func receiveEvent(_ event: CloudEvent) throws(MessageFault) -> Outcome {
    let scope = Scope(event: event)
    let state = model.states[instance.state]
    for candidates in [state.on[event.type], model.on[event.type]] {
      guard let candidates, let chosen = try firstHolding(candidates, scope: scope) else { continue }
      #if SAGA_MUTANTS
        if Mutant.is(.pivotIgnoredByCancel) {
          try take(chosen, scope: scope, kind: .cancelled)
          return .handled
        }
      #endif
      let transition = model.transitions[chosen]
      #if SAGA_MUTANTS
        if Mutant.is(.pivotLeftBehind), transition.compensate == nil {
          try take(chosen, scope: scope, kind: .cancelled)
          return .handled
        }
      #endif
      // A cancel waits for the pivot's outcome, and is late after its success; whatever else leaves the state waits for it too.
      if transition.leaves, isPivotOpen { return try keep(event) }
      if transition.compensate != nil, instance.isPivoted { return late(event) }
      try take(chosen, scope: scope, kind: .cancelled)
      return .handled
    }
    return try notTaken(event)
  }

  /// What the state, or else the role, says of a type under `defer`, `ignore` or `reject`.
  func declared(_ type: String) -> DeclaredOutcome? {
    model.states[instance.state].handling[type] ?? model.handling[type]
  }

  private mutating func notTaken(_ event: CloudEvent) throws(MessageFault) -> Outcome {
    let state = model.states[instance.state]
    switch declared(event.type) {
    case .deferred: return try keep(event)
    case .ignored: return late(event)
    case .rejected:
      throw machine.fault("message.rejected", "state \(state.name) rejects \(event.type)")
    case nil: return canStillBeTaken(event.type) ? try keep(event) : late(event)
    }
  }

  /// Whether a step not yet left, or a state still reachable, takes the type.
  private func canStillBeTaken(_ type: String) -> Bool {
    if let block = instance.block, block.mayTake(type, model) { return true }
    return model.states[instance.state].reachable.contains { model.states[$0].takes.contains(type) }
  }

  /// Kept at the instance and offered again after every transition.
  mutating func keep(_ event: CloudEvent) throws(MessageFault) -> Outcome {
    #if SAGA_MUTANTS
      if Mutant.is(.deferredDropped) { return late(event) }
    #endif
    guard instance.deferred.count < MachineLimits.maximumDeferred else {
      throw machine.fault(
        "limit.deferred",
        "\(instance.deferred.count) messages already wait at this instance (maximumDeferred); replay this one later")
    }
    facts.append(.deferred(type: event.type))
    return .deferred
  }

  /// Acknowledged and recorded, without effect.
  mutating func late(_ event: CloudEvent) -> Outcome {
    facts.append(.late(type: event.type))
    return .late
  }

  /// The pivot's command is out and not answered.
  var isPivotOpen: Bool {
    instance.openCalls.contains { open in
      guard open.role == .action, case .call(let call) = model.nodes[open.call.node].kind else { return false }
      return call.isPivot
    }
  }

  /// Whether the state or the role takes the message as a cancel.
  func isCancel(_ event: CloudEvent) -> Bool {
    let scope = Scope(event: event)
    for candidates in [model.states[instance.state].on[event.type], model.on[event.type]] {
      guard let candidates, let chosen = try? firstHolding(candidates, scope: scope) else { continue }
      return model.transitions[chosen].compensate != nil
    }
    return false
  }

  /// After a refused pivot the ordinary failure path runs. Where that may go on in another state, a cancel by an operator
  /// and what an `after` of the role asks for are still to be done then.
  mutating func pivotHasFailed() {
    let isOrchestration = machine.identity.role.isEmpty
    dropPending(because: "the pivot has failed") { isOrchestration || $0.isOfState($1) }
  }

  /// What waited and is over.
  mutating func dropPending(because reason: String, where isOver: (MachineModel, PendingExit) -> Bool) {
    for exit in instance.pending where isOver(model, exit) {
      instance.pending.removeAll { $0 == exit }
      passOver(exit, because: reason)
    }
  }

  /// Says of something that waited that it has no effect.
  mutating func passOver(_ exit: PendingExit, because reason: String) {
    facts.append(.noted(text: "\(exit.failure.kind.rawValue) (\(exit.failure.reason)) has no effect: \(reason)"))
    if exit.failure.kind == .deadline, instance.isPivoted, model.compensates(exit) {
      alert("saga.deadline", step: exit.failure.step, reason: exit.failure.reason)
    }
  }
}

extension MachineModel {
  /// Whether an `after` of the current state asked for it, not the role's or an operator.
  func isOfState(_ exit: PendingExit) -> Bool {
    guard let transition = exit.transition else { return false }
    return !parts.after.contains { $0.transitions.contains(transition.index) }
  }

  /// Whether it would undo something, which nobody may once the pivot has succeeded; one that only leads on may.
  func compensates(_ exit: PendingExit) -> Bool {
    guard let transition = exit.transition else { return true }
    return parts.transitions[transition.index].compensate != nil
  }
}

extension Frame {
  /// Whether something in here that is not yet left takes the type.
  func mayTake(_ type: String, _ model: MachineModel) -> Bool {
    switch self {
    case .ready(let node, _): return model.nodes[node].takes.contains(type)
    case .call(let call):
      // One that waits has just declined the message; one that pauses may still take it.
      switch call.phase {
      case .repeating, .stuck: return model.nodes[call.node].takes.contains(type)
      case .waiting, .backingOff, .settling, .answered, .failed: return false
      }
    case .sequence(let node, let position, let child, _):
      guard case .sequence(let children) = model.nodes[node].kind else { return false }
      return child.mayTake(type, model)
        || children.dropFirst(position + 1).contains { model.nodes[$0].takes.contains(type) }
    case .forEach(let node, let items, let next, let active, _):
      return active.contains { $0.frame.mayTake(type, model) }
        || next < items.count && model.nodes[node].takes.contains(type)
    case .parallel(_, let branches, _): return branches.contains { $0?.mayTake(type, model) ?? false }
    case .choose(_, _, let child), .catching(_, let child, _): return child.mayTake(type, model)
    case .attempt(let node, let child):
      guard case .attempt(_, let recovery) = model.nodes[node].kind else { return false }
      return child.mayTake(type, model) || model.nodes[recovery].takes.contains(type)
    case .recovering(let node, _, _):
      guard case .attempt(_, let recovery) = model.nodes[node].kind else { return false }
      return model.nodes[recovery].takes.contains(type)
    case .finished: return false
    }
  }
}
