import SagaCore

extension ShardEngine {
  func hasDeadLetters(_ batch: Batch) -> Bool {
    deadLetters.count > 0 || !deadLetters.isComplete || !batch.fingerprints.isEmpty
  }

  /// Whether a delivery was refused before, so that its coming again adds nothing.
  func isDeadLettered(_ fingerprint: Hash128, _ batch: Batch) throws -> Bool {
    if batch.fingerprints.contains(fingerprint) { return true }
    if let known = deadLetters.contains(fingerprint) { return known }
    var wanted = LoadRequest()
    wanted.fingerprints = [fingerprint]
    return try store.load(wanted).deadLetters[fingerprint] != nil
  }

  /// Bytes that are no message, or too many.
  func decideUndecodable(_ message: PreparedMessage, _ batch: Batch) throws -> Receipt {
    let fingerprint = DeadLetterIndex.fingerprint(bytes: message.bytes)
    let outcome = try refuse(message, faultOfUndecodable(message), fingerprint, batch)
    return Receipt(deliveries: [DeliveryReceipt(machine: nil, key: nil, outcome: outcome)])
  }

  private func faultOfUndecodable(_ message: PreparedMessage) -> MessageFault {
    message.fault ?? MessageFault(code: MessageFault.undecodable, message: "The message is empty.")
  }

  /// A parked message whose time is up and that cannot be read any more: a limit that it kept when it came has been
  /// lowered since.
  ///
  /// - Parameters:
  ///   - record: what was decided when it came, which names the delivery as the message itself would.
  ///   - key: what it was parked under.
  ///   - router: the machine that it was addressed to, where it is still loaded.
  func refuseUnreadable(
    _ message: PreparedMessage, _ record: DecidedRecord, key: Hash128, router: LoadedMachine?, _ batch: Batch
  ) throws {
    var fingerprint = DeadLetterIndex.fingerprint(bytes: message.bytes)
    if let addressee = router?.machine.identity, let identity = record.identity {
      fingerprint = DeadLetterIndex.fingerprint(
        saga: addressee.saga, role: addressee.role, key: key, identity: identity)
    }
    _ = try refuse(message.bytes, faultOfUndecodable(message), fingerprint, machine: router, batch)
  }

  /// A message that no key leads anywhere: foreign, unless it demands an answer or is one.
  func decideUnaddressed(_ message: PreparedMessage, _ event: CloudEvent, _ batch: Batch) throws -> Receipt {
    // Its addressees are in other shards.
    if let place, !message.shards.isEmpty, !message.shards.contains(place.index) { return Receipt(deliveries: []) }
    let kind = event.messagekind
    var outcome = Outcome.foreign
    if kind == "command" || kind == "reply", machines.routes(for: event.type).isEmpty {
      let text = "No loaded definition takes the \(kind ?? "") \(event.type)."
      let fingerprint = DeadLetterIndex.fingerprint(saga: "", role: "", key: nil, identity: message.identity)
      let fault = MessageFault(code: FaultCode.unexpected, message: text, isRetryable: true)
      outcome = try refuse(message, fault, fingerprint, batch)
    } else {
      batch.foreignCount += 1
    }
    return Receipt(deliveries: [DeliveryReceipt(machine: nil, key: nil, outcome: outcome)])
  }

  private func refuse(
    _ message: PreparedMessage, _ fault: MessageFault, _ fingerprint: Hash128, _ batch: Batch
  ) throws -> Outcome {
    // What is replayed has a dead letter, perhaps of a time when the message could still be read or routed. A second
    // one under another fingerprint would make the replay of either a duplicate, which resolves it and handles nothing.
    let fingerprint = message.replay?.fingerprint ?? fingerprint
    if message.replay == nil, try isDeadLettered(fingerprint, batch) { return .duplicate }
    return try refuse(message.bytes, fault, fingerprint, machine: nil, batch)
  }

  /// Puts a message that belongs to no instance into the dead letters. One that is there already, because it is being
  /// replayed, stays as it is.
  func refuse(
    _ bytes: [UInt8], _ fault: MessageFault, _ fingerprint: Hash128, machine: LoadedMachine?, _ batch: Batch
  ) throws -> Outcome {
    let outcome = Outcome.deadLettered(code: fault.code, message: fault.message)
    if try isDeadLettered(fingerprint, batch), try reopen(fingerprint, batch) { return outcome }
    var record = DecidedRecord(.dead)
    record.fault = fault
    record.fingerprint = fingerprint
    if let machine {
      record.machine = machine.id
      batch.use(machine)
    }
    let sequence = batch.nextSequence
    batch.rows.append(
      JournalRow(
        sequence: sequence, at: batch.now, kind: .dead, slot: Slot(value: 0), input: cut(bytes),
        decided: record.encode()))
    if observer != nil {
      batch.observed.append(ObservedRow(refused: bytes, fault, machine: machine?.machine.identity, at: sequence))
    }
    bury(sequence, fingerprint, batch)
    return outcome
  }

  /// Puts a message into the dead letters of its instance's history; the instance stays as it was.
  func refuse(
    _ inbound: Inbound, _ fault: MessageFault, at instance: LiveInstance, _ batch: Batch
  ) throws -> Outcome {
    let fingerprint = inbound.fingerprint(at: instance)
    let outcome = Outcome.deadLettered(code: fault.code, message: fault.message)
    if try isDeadLettered(fingerprint, batch), try reopen(fingerprint, batch) { return outcome }
    guard var state = instance.current.instance else {
      return try refuse(inbound.bytes, fault, fingerprint, machine: instance.machine, batch)
    }
    let now = logicalTime(batch.now, after: state)
    state.revision += 1
    state.updatedAt = max(state.updatedAt, now)
    var draft = RowDraft(kind: .dead, outcome: .dead, input: cut(inbound.bytes))
    draft.facts = [.refused(state: instance.machine.machine.stateName(of: state))]
    draft.fault = fault
    draft.fingerprint = fingerprint
    append(draft, to: instance, state, at: now, batch)
    bury(batch.nextSequence - 1, fingerprint, batch)
    return outcome
  }

  /// A kept message that its instance refuses after all. Where it was refused before and a replay had it kept again,
  /// the dead letter of that time is open again.
  func refuseKept(
    _ kept: DeferredMessage, _ event: CloudEvent, _ fault: MessageFault, _ candidate: Instance,
    at instance: LiveInstance, _ now: Timestamp, _ batch: Batch
  ) throws {
    let bytes = try bytes(of: kept.sequence, batch) ?? event.encode()
    let identity = MessageIdentity(event)
    var builder = HashBuilder()
    builder.append(instance.uid)
    builder.append(kept.id)
    builder.append(Int64(bitPattern: identity.body))
    let fingerprint = builder.finalize()
    var state = candidate
    state.revision += 1
    state.updatedAt = max(state.updatedAt, now)
    var draft = RowDraft(kind: .dead, outcome: .dead, input: bytes)
    draft.facts = [.refused(state: instance.machine.machine.stateName(of: state))]
    draft.fault = fault
    draft.fingerprint = fingerprint
    append(draft, to: instance, state, at: now, batch)
    if try isDeadLettered(fingerprint, batch), try reopen(fingerprint, batch) { return }
    bury(batch.nextSequence - 1, fingerprint, batch)
  }

  /// What the store refuses even alone.
  func refuseAlone(_ message: PreparedMessage, _ constraint: String, _ batch: Batch) throws -> Receipt {
    let text = "The store refuses what the message leads to: \(constraint)."
    let fault = MessageFault(code: FaultCode.storeRefused, message: text, isRetryable: true)
    var receipts: [DeliveryReceipt] = []
    for delivery in message.deliveries {
      let fingerprint = delivery.fingerprint(message.identity)
      let outcome = try refuse(message.bytes, fault, fingerprint, machine: delivery.router, batch)
      receipts.append(
        DeliveryReceipt(machine: delivery.router.machine.identity, key: delivery.key, outcome: outcome))
    }
    guard receipts.isEmpty else { return Receipt(deliveries: receipts) }
    let outcome = try refuse(message, fault, DeadLetterIndex.fingerprint(bytes: message.bytes), batch)
    return Receipt(deliveries: [DeliveryReceipt(machine: nil, key: nil, outcome: outcome)])
  }

  /// A replay resolved a dead letter and its message waited once more, in vain: the dead letter is open again, since
  /// nothing else tells of the message.
  ///
  /// - Returns: false where there is no dead letter any more: a sweep took it while memory kept the fingerprint, and
  ///   the message needs a new one.
  private func reopen(_ fingerprint: Hash128, _ batch: Batch) throws -> Bool {
    if batch.fingerprints.contains(fingerprint) { return true }
    var wanted = LoadRequest()
    wanted.fingerprints = [fingerprint]
    guard var entry = try store.load(wanted).deadLetters[fingerprint] else { return false }
    guard entry.resolution == .replayed else { return true }
    entry.resolution = nil
    entry.resolvedSequence = nil
    batch.deadLetters.written.append(entry)
    return true
  }

  private func bury(_ sequence: JournalSequence, _ fingerprint: Hash128, _ batch: Batch) {
    guard batch.addFingerprint(fingerprint) else { return }
    batch.deadLetters.written.append(DeadLetterEntry(sequence: sequence, fingerprint: fingerprint))
  }

  private func cut(_ bytes: [UInt8]) -> [UInt8] {
    let limit = configuration.maximumDeadLetterBytes
    return bytes.count <= limit ? bytes : Array(bytes.prefix(limit))
  }
}
