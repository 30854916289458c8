import SagaCore

extension ShardEngine {
  /// Messages parked under a key hash, oldest first, as this batch sees them.
  func parked(under hash: Hash128, _ batch: Batch) throws -> [ParkedMessage] {
    guard mayHaveParked || !batch.parked.written.isEmpty else { return [] }
    var wanted = LoadRequest()
    wanted.parkedByKey = [hash]
    let stored = mayHaveParked ? try store.load(wanted).parked[hash] ?? [] : []
    let left = batch.parked.removed.isEmpty ? stored : stored.filter { !batch.parked.removed.contains($0) }
    return left + batch.parked.written.filter { $0.key == hash }
  }

  /// Keeps a message that found no instance until one comes or its time is up.
  func park(
    _ inbound: Inbound, _ delivery: PreparedDelivery, _ hash: Hash128, for milliseconds: Int64, _ batch: Batch
  ) throws -> Outcome {
    let known = try parked(under: hash, batch)
    if let earlier = known.first(where: { $0.id == inbound.identity.id }) {
      return try comparison(inbound, with: earlier, delivery, batch)
    }
    guard known.count < configuration.maximumParkedPerKey else {
      let text =
        "\(known.count) messages already wait for an instance with the key \(delivery.key ?? "") (maximumParkedPerKey)."
      let fault = MessageFault(code: FaultCode.parked, message: text, isRetryable: true)
      return try refuse(inbound.bytes, fault, inbound.fingerprint, machine: delivery.router, batch)
    }
    var record = DecidedRecord(.parked)
    record.identity = inbound.identity
    record.machine = delivery.router.id
    batch.use(delivery.router)
    let sequence = batch.nextSequence
    batch.rows.append(
      JournalRow(
        sequence: sequence, at: batch.now, kind: .parked, slot: Slot(key: delivery.key ?? ""), input: inbound.bytes,
        decided: record.encode()))
    batch.park(
      ParkedMessage(
        key: hash, id: inbound.identity.id, sequence: sequence,
        expiresAt: batch.now.advanced(byMilliseconds: milliseconds)))
    return .parked
  }

  /// A message whose id is parked already: the same again, or a contradiction.
  func comparison(
    _ inbound: Inbound, with earlier: ParkedMessage, _ delivery: PreparedDelivery, _ batch: Batch
  ) throws -> Outcome {
    guard let row = try batch.row(earlier.sequence) ?? store.rows([earlier.sequence]).first else {
      throw EngineError.corrupt("row \(earlier.sequence), which parks a message, is missing")
    }
    if try DecidedRecord(decoding: row.decided).identity?.body == inbound.identity.body { return .duplicate }
    let text = "The id \(inbound.event.id) of \(inbound.event.source) is parked with another body."
    let fault = MessageFault(code: FaultCode.conflict, message: text)
    return try refuse(inbound.bytes, fault, inbound.fingerprint, machine: delivery.router, batch)
  }

  /// Offers messages parked under a key to its instance until one makes a transition.
  ///
  /// - Returns: whether the limit allowed it; if not, there is more to do.
  func offerParked(
    under hash: Hash128, to instance: LiveInstance, _ cascade: inout Cascade, _ batch: Batch
  ) throws -> Bool {
    for parked in try parked(under: hash, batch) {
      guard cascade.left > 0 else { return false }
      cascade.left -= 1
      guard let bytes = try bytes(of: parked.sequence, batch) else {
        throw EngineError.corrupt("row \(parked.sequence), which parks a message, is missing")
      }
      let event: CloudEvent
      do throws(MessageFault) { event = try CloudEvent.decodeStored(bytes) } catch {
        throw EngineError.corrupt("the message of row \(parked.sequence) cannot be read: \(error)")
      }
      let identity = MessageIdentity(event)
      let inbound = Inbound(
        bytes: bytes, event: event, identity: identity, kind: .reoffer, machine: instance.machine.machine, key: hash)
      batch.unpark(parked)
      _ = try receive(inbound, at: instance, &cascade, batch)
      if cascade.isTransition { return true }
    }
    return true
  }

  /// A message is parked durably.
  func noteParked(_ parked: ParkedMessage) {
    mayHaveParked = true
    nextExpiry = min(nextExpiry ?? parked.expiresAt, parked.expiresAt)
  }
}
