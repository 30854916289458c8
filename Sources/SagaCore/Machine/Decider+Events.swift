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
      if model.transitions[chosen].compensate != nil {
        // A cancel waits for the pivot's outcome, and is late after its success.
        if isPivotOpen { return try keep(event) }
        if instance.isPivoted { return late(event) }
      }
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
  /// and a deadline of the role are still to be done then.
  mutating func pivotHasFailed() {
    guard let pending = instance.pending else { return }
    let isRoleWide = pending.transition.map { reference in
      model.after.contains { $0.transitions.contains(reference.index) }
    }
    if machine.identity.role.isEmpty || isRoleWide == false { dropPending(because: "the pivot has failed") }
  }

  /// A cancel or deadline that waited for the pivot is over.
  mutating func dropPending(because reason: String) {
    guard let pending = instance.pending else { return }
    instance.pending = nil
    facts.append(.noted(text: "\(pending.failure.kind.rawValue) (\(pending.failure.reason)) has no effect: \(reason)"))
    if pending.failure.kind == .deadline, instance.isPivoted {
      alert("saga.deadline", step: pending.failure.step, reason: pending.failure.reason)
    }
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
