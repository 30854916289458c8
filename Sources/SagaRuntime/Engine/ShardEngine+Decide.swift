import SagaCore

/// A message on its way into an instance.
struct Inbound {
  var bytes: [UInt8]
  /// As it came, not normalised.
  var event: CloudEvent
  var identity: MessageIdentity
  /// `message`, or `reoffer` for one that was parked.
  var kind: RowKind
  /// The instance may have seen the id: it kept the message, refused it later, and an operator replays it.
  var replaysAt: InstanceID?
  /// What the dead letter that is replayed is known by.
  var replayed: Hash128?
  /// The instance has the id already.
  var isRemembered = false
  /// Whom the message was addressed to, which names the delivery if it must go to the dead letters.
  var machine: Machine
  var key: Hash128?

  /// What a refusal is known by. A kept message that was refused and is refused again when it is replayed has its dead letter: a
  /// second one would make the replay of either a duplicate, which resolves it and handles nothing.
  func fingerprint(at instance: LiveInstance) -> Hash128 {
    if isRemembered, replaysAt == instance.id, let replayed { return replayed }
    return fingerprint
  }

  var fingerprint: Hash128 {
    DeadLetterIndex.fingerprint(
      saga: machine.identity.saga, role: machine.identity.role, key: key, identity: identity)
  }
}

extension ShardEngine {
  typealias Outcome = DeliveryReceipt.Outcome

  /// What becomes of a message at every instance it is addressed to.
  func decide(_ message: PreparedMessage, _ batch: Batch) throws -> Receipt {
    guard let event = message.event else { return try decideUndecodable(message, batch) }
    if message.deliveries.isEmpty { return try decideUnaddressed(message, event, batch) }
    if place != nil { return try decideDivided(message, event, batch) }
    var receipts: [DeliveryReceipt] = []
    receipts.reserveCapacity(message.deliveries.count)
    for delivery in message.deliveries {
      let outcome = try deliver(message, event, delivery, batch)
      receipts.append(
        DeliveryReceipt(machine: delivery.router.machine.identity, key: delivery.key, outcome: outcome))
    }
    return Receipt(deliveries: receipts)
  }

  func deliver(
    _ message: PreparedMessage, _ event: CloudEvent, _ delivery: PreparedDelivery, _ batch: Batch
  ) throws -> Outcome {
    let identity = message.identity
    if hasDeadLetters(batch) {
      let fingerprint = delivery.fingerprint(identity)
      if fingerprint != message.replay?.fingerprint, try isDeadLettered(fingerprint, batch) { return .duplicate }
    }
    guard let hash = delivery.keyHash, delivery.fault == nil else {
      let fault = delivery.fault ?? MessageFault(code: FaultCode.missing, message: "The message has no key.")
      return try refuse(message.bytes, fault, delivery.fingerprint(identity), machine: delivery.router, batch)
    }
    let inbound = Inbound(
      bytes: message.bytes, event: event, identity: identity, kind: .message, replaysAt: message.replay?.instance,
      replayed: message.replay?.fingerprint, machine: delivery.router.machine, key: hash)
    if let instance = try owner(of: hash, batch) {
      if !delivery.isPrimary, let body = try inheritedBody(identity.id, under: hash, batch),
        let outcome = try recognise(inbound, inherited: body, at: instance, batch)
      {
        return outcome
      }
      var cascade = Cascade(limit: configuration.cascadeLimit)
      let outcome = try receive(inbound, at: instance, &cascade, batch)
      try run(&cascade, of: instance, batch)
      return outcome
    }
    return try deliverToNobody(inbound, delivery, hash, batch)
  }

  /// Decides a message at its instance and writes the row.
  func receive(
    _ inbound: Inbound, at instance: LiveInstance, _ cascade: inout Cascade, _ batch: Batch
  ) throws -> Outcome {
    let seen = try seenBody(inbound.identity.id, at: instance)
    if let body = seen, body != inbound.identity.body || inbound.replaysAt != instance.id {
      #if SAGA_MUTANTS
        if Mutant.is(.conflictAcknowledged) { return .duplicate }
      #endif
      if body == inbound.identity.body { return .duplicate }
      return try contradict(inbound, at: instance, batch)
    }
    var inbound = inbound
    inbound.isRemembered = seen != nil
    guard let state = instance.current.instance else {
      try absorb(inbound, at: instance, batch)
      return .late
    }
    let event: CloudEvent
    do throws(MessageFault) {
      event = try instance.machine.machine.normalise(inbound.event)
    } catch {
      return try refuse(inbound, error, at: instance, batch)
    }
    if state.isPaused, !state.status.isFinal { return try keep(inbound, event, at: instance, state, batch) }
    let context = context(of: instance, state, at: batch.now)
    let decision = instance.machine.machine.advance(state, .message(event), context: context)
    switch decision.outcome {
    case .handled:
      if let fault = try claim(decision.claims, for: instance, &cascade, batch)?.fault {
        return try refuse(inbound, fault, at: instance, batch)
      }
      write(decision, .handled, inbound, at: instance, context.now, batch)
      cascade.isTransition = true
      return .handled
    case .late:
      write(decision, .late, inbound, at: instance, context.now, batch)
      return .late
    case .deferred: return try keep(inbound, event, at: instance, decision.instance, facts: decision.facts, batch)
    case .foreign, .stale:
      batch.foreignCount += 1
      return .foreign
    case .refused(let fault): return try refuse(inbound, fault, at: instance, batch)
    }
  }

  private func write(
    _ decision: Decision, _ outcome: DecidedRecord.Outcome, _ inbound: Inbound, at instance: LiveInstance,
    _ now: Timestamp, _ batch: Batch
  ) {
    var draft = RowDraft(kind: inbound.kind, outcome: outcome, input: inbound.bytes)
    draft.identity = inbound.isRemembered ? nil : inbound.identity
    draft.facts = decision.facts
    draft.outgoing = decision.outgoing
    append(draft, to: instance, decision.instance, at: now, batch)
  }

  /// Keeps a message at the instance for a later state; the machine, or the operator's pause, said so.
  private func keep(
    _ inbound: Inbound, _ event: CloudEvent, at instance: LiveInstance, _ state: Instance, facts: [Fact]? = nil,
    _ batch: Batch
  ) throws -> Outcome {
    guard state.deferred.count < configuration.maximumDeferred else {
      let text = "\(state.deferred.count) messages wait at the instance already."
      let fault = MessageFault(code: FaultCode.deferred, message: text, isRetryable: true)
      return try refuse(inbound, fault, at: instance, batch)
    }
    let now = logicalTime(batch.now, after: state)
    var kept = state
    if facts == nil {
      kept.revision += 1
      kept.updatedAt = max(kept.updatedAt, now)
    }
    let sequence = batch.nextSequence
    kept.deferred.append(DeferredMessage(sequence: sequence, id: inbound.identity.id, type: event.type))
    #if SAGA_MUTANTS
      if Mutant.is(.deferredNewestFirst) { kept.deferred.insert(kept.deferred.removeLast(), at: 0) }
    #endif
    var draft = RowDraft(kind: inbound.kind, outcome: .deferred, input: inbound.bytes)
    draft.identity = inbound.isRemembered ? nil : inbound.identity
    draft.facts = facts ?? [.deferred(type: event.type)]
    append(draft, to: instance, kept, at: now, batch)
    instance.deferredEvents[sequence] = event
    return .deferred
  }

  /// An instance whose state was pruned takes no part any more; the id is remembered.
  private func absorb(_ inbound: Inbound, at instance: LiveInstance, _ batch: Batch) throws {
    var draft = RowDraft(kind: inbound.kind, outcome: .late, input: inbound.bytes)
    draft.identity = inbound.isRemembered ? nil : inbound.identity
    draft.facts = [.late(type: inbound.event.type)]
    let now = try lastTime(ofPruned: instance).map { logicalTime(batch.now, after: $0) } ?? batch.now
    append(draft, to: instance, nil, at: now, batch)
  }

  /// The time of an instance's last row, when its state is not there to say it: where that row is gone too, when it closed.
  private func lastTime(ofPruned instance: LiveInstance) throws -> Timestamp? {
    if let time = instance.current.absorbedAt { return time }
    return try store.rows([instance.current.sequence]).first?.at ?? instance.tombstone?.closedAt
  }

  /// The body hash of an id that the instance has taken.
  func seenBody(_ id: Hash128, at instance: LiveInstance) throws -> UInt64? {
    #if SAGA_MUTANTS
      if Mutant.is(.inboxSkipped) { return nil }
    #endif
    if let body = instance.seen.body(of: id) { return body }
    #if SAGA_MUTANTS
      if Mutant.is(.spilledIDsForgotten) { return nil }
    #endif
    guard instance.seen.spilled > 0 else { return nil }
    let probe = SeenProbe(instance: instance.id, id: id)
    if let known = probedSeen[probe] { return known }
    var wanted = LoadRequest()
    wanted.seen = [probe]
    return try store.load(wanted).seen[probe]
  }
}
