import SagaCore

extension ShardEngine {
  /// A message for a key that nobody has: it starts an instance, or its `missing` policy applies.
  func deliverToNobody(
    _ inbound: Inbound, _ delivery: PreparedDelivery, _ hash: Hash128, _ batch: Batch
  ) throws -> Outcome {
    if delivery.isPrimary, let key = delivery.key, let newest = delivery.group.newest,
      newest.machine.starts(inbound.event.type)
    {
      let known = try parked(under: hash, batch)
      if let earlier = known.first(where: { $0.id == inbound.identity.id }) {
        return try comparison(inbound, with: earlier, delivery, batch)
      }
      if let outcome = try start(inbound, key: key, hash, on: newest, batch) { return outcome }
    }
    switch delivery.router.machine.missing(inbound.event.type) {
    case .ignore:
      batch.foreignCount += 1
      return .foreign
    case .reject:
      let text = "No instance has the key \(delivery.key ?? ""), and the definition says `missing: \"reject\"`."
      let fault = MessageFault(code: FaultCode.missing, message: text, isRetryable: true)
      return try refuse(inbound.bytes, fault, inbound.fingerprint, machine: delivery.router, batch)
    case .park(let milliseconds): return try park(inbound, delivery, hash, for: milliseconds, batch)
    }
  }

  /// Starts an instance; nil when no guard of `start` held.
  private func start(
    _ inbound: Inbound, key: String, _ hash: Hash128, on loaded: LoadedMachine, _ batch: Batch
  ) throws -> Outcome? {
    let machine = loaded.machine
    let keyHash = Hash128.of(key)
    let decision: Decision
    do throws(MessageFault) {
      let event = try machine.normalise(inbound.event)
      let context = DecisionContext(now: batch.now, epoch: epoch, slot: Slot(keyHash: keyHash))
      switch machine.start(event, key: key, context: context) {
      case .notStarted: return nil
      case .refused(let fault): throw fault
      case .started(let started): decision = started
      }
    } catch {
      return try refuse(inbound.bytes, error, inbound.fingerprint, machine: loaded, batch)
    }
    let id = batch.nextSequence
    let instance = LiveInstance(
      id: id, machine: loaded, uid: decision.instance.uid, key: key, keyHash: keyHash, seen: SeenIDs(),
      committed: nil, foldedSequence: 0)
    var cascade = Cascade(limit: configuration.cascadeLimit)
    if let fault = try claim(decision.claims, for: instance, &cascade, batch)?.fault {
      return try refuse(inbound.bytes, fault, inbound.fingerprint, machine: loaded, batch)
    }
    batch.use(loaded)
    batch.keys.append(.insert(hash, id))
    #if SAGA_MUTANTS
      if Mutant.is(.birthWithoutKey) { batch.keys.removeLast() }
    #endif
    batch.own(hash, instance)
    var draft = RowDraft(kind: inbound.kind, outcome: .started, input: inbound.bytes)
    draft.identity = inbound.identity
    draft.facts = decision.facts
    draft.outgoing = decision.outgoing
    append(draft, to: instance, decision.instance, at: batch.now, batch)
    instance.foldedSequence = id
    batch.births.append(instance.stored(skippingSeen: 0))
    cascade.isTransition = true
    cascade.keys.append(hash)
    try run(&cascade, of: instance, batch)
    return .started
  }

  /// Takes correlated values for an instance, all or none.
  ///
  /// - Returns: the first that it cannot have, and why.
  func claim(
    _ claims: [Correlation], for instance: LiveInstance, _ cascade: inout Cascade, _ batch: Batch
  ) throws -> RefusedClaim? {
    if claims.isEmpty { return nil }
    var changes: [KeyChange] = []
    var inherited: [Inheritance] = []
    for claim in claims {
      let hash = instance.machine.machine.keyHash(claim)
      let change = KeyChange.insert(hash, instance.id)
      if changes.contains(change) { continue }
      guard let owner = try owner(of: hash, batch) else {
        if place != nil, let fault = try reserve(hash, claim, batch) {
          return RefusedClaim(claim: claim, fault: fault)
        }
        changes.append(change)
        continue
      }
      if owner === instance { continue }
      #if SAGA_MUTANTS
        if Mutant.is(.correlationTakenOver) {
          changes.append(.replace(hash, instance.id))
          continue
        }
      #endif
      guard !owner.isOpen else {
        let text = "\(claim.name) \(claim.value) belongs to the open instance \(owner.key)."
        let fault = MessageFault(code: FaultCode.keyTaken, message: text, isRetryable: true)
        return RefusedClaim(claim: claim, fault: fault)
      }
      changes.append(.replace(hash, instance.id))
      inherited.append(Inheritance(key: hash, former: owner, now: batch.now))
    }
    #if SAGA_MUTANTS
      if Mutant.is(.idsNotInherited) { inherited = [] }
    #endif
    batch.inherited += inherited
    for change in changes {
      guard case .insert(let hash, _) = change.asInsert else { continue }
      batch.keys.append(change)
      #if SAGA_MUTANTS
        if Mutant.is(.correlationNotStored) { batch.keys.removeLast() }
      #endif
      batch.own(hash, instance)
      cascade.keys.append(hash)
    }
    return nil
  }
}

extension KeyChange {
  fileprivate var asInsert: KeyChange {
    if case .replace(let hash, let id) = self { .insert(hash, id) } else { self }
  }
}
