import SagaCore

extension ShardEngine {
  /// Takes messages in and makes what they lead to durable.
  ///
  /// - Parameters:
  ///   - deliveries: CloudEvents as bytes, in the order in which they arrived.
  ///   - now: the caller's clock.
  /// - Returns: one receipt per message, in the same order; all of them may be acknowledged.
  /// - Throws: `EngineError`, or what the store throws when it cannot be read. Then nothing of the call may be
  ///   acknowledged; what was committed before is recognised when it comes again.
  public func offer(_ deliveries: [IncomingMessage], now: Timestamp) throws -> [Receipt] {
    try checkUsable()
    var receipts: [Receipt] = []
    receipts.reserveCapacity(deliveries.count)
    while receipts.count < deliveries.count {
      try finishCascades(now: now)
      let end = min(deliveries.count, receipts.count + configuration.maximumBatch)
      let messages = deliveries[receipts.count..<end].map { prepare($0) }
      #if SAGA_MUTANTS
        if Mutant.is(.acknowledgedBeforeCommit) {
          receipts += try acknowledgeAnyway(messages, now: now)
          continue
        }
      #endif
      receipts += try take(messages, now: now)
    }
    try finishCascades(now: now)
    return receipts
  }

  /// Decides and commits prepared messages; fewer receipts than messages when a cascade must be finished first.
  func take(_ messages: [PreparedMessage], now: Timestamp) throws -> [Receipt] {
    try prefetch(messages)
    var receipts = [Receipt](repeating: Receipt(deliveries: []), count: messages.count)
    let done = try transact(
      messages.count, now: now,
      decide: { index, batch in
        receipts[index] = try self.decide(messages[index], batch)
        return batch.busy.isEmpty ? .withNext : .stop
      },
      refused: { index, constraint, batch in
        receipts[index] = try self.refuseAlone(messages[index], constraint, batch)
      })
    receipts.removeLast(messages.count - done)
    return receipts
  }

  /// Reads from the store what the messages need and memory does not have.
  func prefetch(_ messages: [PreparedMessage]) throws {
    forgetProbes()
    var wanted = LoadRequest()
    for message in messages {
      for delivery in message.deliveries {
        guard let hash = delivery.keyHash else { continue }
        if mayHaveInherited, !delivery.isPrimary {
          wanted.inherited.append(InheritedProbe(key: hash, id: message.identity.id))
        }
        guard let instance = live.instance(key: hash) else {
          if absentKeys.insert(hash).inserted { wanted.keys.append(hash) }
          continue
        }
        if instance.seen.spilled > 0, instance.seen.body(of: message.identity.id) == nil {
          wanted.seen.append(SeenProbe(instance: instance.id, id: message.identity.id))
        }
      }
    }
    guard !wanted.keys.isEmpty || !wanted.seen.isEmpty || !wanted.inherited.isEmpty else { return }
    let loaded = try load(wanted)
    for probe in wanted.seen { probedSeen[probe] = .some(loaded.seen[probe]) }
    for probe in wanted.inherited { probedInherited[probe] = .some(loaded.inherited[probe]) }
  }

  /// Asks the store and takes the instances it names into memory; their keys are absent no more.
  @discardableResult
  func load(_ wanted: LoadRequest) throws -> Loaded {
    let loaded = try store.load(wanted)
    var missing = LoadRequest()
    for hash in wanted.keys {
      guard let id = loaded.keys[hash], live[id] == nil, loaded.instances[id] == nil else { continue }
      missing.instances.append(id)
    }
    let more = missing.instances.isEmpty ? Loaded() : try store.load(missing)
    for hash in wanted.keys {
      guard let id = loaded.keys[hash] else { continue }
      guard let instance = try live[id] ?? (loaded.instances[id] ?? more.instances[id]).map(admit) else {
        throw EngineError.corrupt("key \(hash) leads to instance \(id), which is missing")
      }
      live.link(hash, to: instance)
      absentKeys.remove(hash)
    }
    return loaded
  }

  /// Decodes a stored instance into memory.
  func admit(_ stored: StoredInstance) throws -> LiveInstance {
    let state = try stored.state.map { try Instance(decoding: $0) }
    let instance = try decoded(
      stored, state, try SeenIDs(decoding: stored.seen), foldedSequence: stored.sequence)
    live.add(instance)
    return instance
  }

  /// Who answers to a key hash: in this batch, in memory, or in the store.
  func owner(of hash: Hash128, _ batch: Batch) throws -> LiveInstance? {
    if let owner = batch.owner(of: hash) ?? live.instance(key: hash) { return owner }
    if absentKeys.contains(hash) { return nil }
    var wanted = LoadRequest()
    wanted.keys = [hash]
    absentKeys.insert(hash)
    try load(wanted)
    return live.instance(key: hash)
  }
}
