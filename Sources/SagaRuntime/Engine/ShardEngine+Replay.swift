import SagaCore

extension ShardEngine {
  /// Handles a dead letter again and resolves it in the same commit. One that is refused again stays.
  func replay(_ sequence: JournalSequence, _ record: InputRecord, now: Timestamp) throws -> OperatorReply {
    guard let (row, entry) = try deadLetter(sequence) else { return .notFound }
    guard entry.resolution == nil else { return .unchanged }
    if let fault = try handlerNeeded(row) { return .refused(fault) }
    let message = try prepareReplay(row, entry)
    try prefetch([message])
    var reply = OperatorReply.unchanged
    _ = try transact(1, now: now) { _, batch in
      reply = try self.replay(message, entry, record, batch)
      return .stop
    }
    return reply
  }

  /// What a handler of the embedding service refused is not for the sagas: given to them it would count as replayed, and the
  /// handler would never have it.
  private func handlerNeeded(_ row: JournalRow) throws -> MessageFault? {
    guard let fault = try DecidedRecord(decoding: row.decided).fault, HandlerFault.codes.contains(fault.code) else {
      return nil
    }
    return MessageFault(
      code: fault.code,
      message:
        "A participant or consumer of the service refused it, and only the running service can give it to that again.",
      isRetryable: true)
  }

  private func replay(
    _ message: PreparedMessage, _ entry: DeadLetterEntry, _ record: InputRecord, _ batch: Batch
  ) throws -> OperatorReply {
    let operation = batch.nextSequence
    appendOperation(record, .handled, batch)
    let receipt = try decide(message, batch)
    for delivery in receipt.deliveries {
      if case .deadLettered(let code, let text) = delivery.outcome {
        batch.rows[Int(operation - batch.base - 1)].decided = DecidedRecord(.dead).encode()
        return .refused(MessageFault(code: code, message: text))
      }
    }
    if !receipt.onward.isEmpty {
      batch.rows[Int(operation - batch.base - 1)].decided = DecidedRecord(.dead).encode()
      let text = "The value that the message is for belongs to an instance of another shard meanwhile."
      return .refused(MessageFault(code: FaultCode.shard, message: text, isRetryable: true))
    }
    let isForeign = receipt.deliveries.allSatisfy { $0.outcome == .foreign }
    #if SAGA_MUTANTS
      if Mutant.is(.replayNotResolved) { return .replayed(receipt.deliveries) }
    #endif
    if !isForeign { resolve(entry, .replayed, by: operation, batch) }
    return .replayed(receipt.deliveries)
  }

  /// Decides a replay and drops what was decided.
  func tryReplay(_ sequence: JournalSequence, now: Timestamp) throws -> OperatorReply {
    guard let (row, entry) = try deadLetter(sequence) else { return .notFound }
    guard entry.resolution == nil else { return .unchanged }
    if let fault = try handlerNeeded(row) { return .refused(fault) }
    let message = try prepareReplay(row, entry)
    try prefetch([message])
    do {
      _ = try transact(1, now: now) { _, batch in
        throw Tried(reply: try self.replay(message, entry, .deadLetterReplay(sequence, by: "", reason: ""), batch))
      }
    } catch let tried as Tried {
      return tried.reply
    }
    preconditionFailure("a batch that throws was committed")
  }

  /// Thrown to drop a batch whose decision was all that was wanted.
  private struct Tried: Error {
    var reply: OperatorReply
  }

  /// Resolves a dead letter without handling it here.
  func resolve(
    _ sequence: JournalSequence, _ resolution: DeadLetterResolution, _ record: InputRecord, now: Timestamp
  ) throws -> OperatorReply {
    guard let (_, entry) = try deadLetter(sequence) else { return .notFound }
    guard entry.resolution == nil else { return .unchanged }
    _ = try transact(1, now: now) { _, batch in
      let operation = batch.nextSequence
      self.appendOperation(record, .handled, batch)
      self.resolve(entry, resolution, by: operation, batch)
      return .stop
    }
    return .done
  }

  private func resolve(
    _ entry: DeadLetterEntry, _ resolution: DeadLetterResolution, by sequence: JournalSequence, _ batch: Batch
  ) {
    var resolved = entry
    resolved.resolvedSequence = sequence
    resolved.resolution = resolution
    batch.deadLetters.written.append(resolved)
  }

  private func deadLetter(_ sequence: JournalSequence) throws -> (row: JournalRow, entry: DeadLetterEntry)? {
    guard let row = try store.rows([sequence]).first, row.kind == .dead else { return nil }
    guard let fingerprint = try DecidedRecord(decoding: row.decided).fingerprint else { return nil }
    var wanted = LoadRequest()
    wanted.fingerprints = [fingerprint]
    guard let entry = try store.load(wanted).deadLetters[fingerprint], entry.sequence == sequence else { return nil }
    return (row, entry)
  }

  /// The message of a dead letter that was refused before anybody knew whom it is for, and turns out to be for sagas of
  /// other shards.
  ///
  /// - Returns: the message and all of its shards; nil where it can be replayed here.
  func journey(of sequence: JournalSequence) throws -> AddressedMessage? {
    guard let place, let (row, entry) = try deadLetter(sequence), entry.resolution == nil, row.instance == nil,
      try handlerNeeded(row) == nil, let bytes = row.input
    else { return nil }
    let message = prepare(bytes)
    let own = message.deliveries.first { $0.fingerprint(message.identity) == entry.fingerprint }
    if let own, let hash = own.keyHash, !own.isPrimary, let shard = try neighbour(having: hash) {
      return AddressedMessage(message: IncomingMessage(sentOn: bytes, event: message.event), shards: [shard])
    }
    guard message.event != nil, own == nil, message.shards != [place.index] else { return nil }
    return AddressedMessage(message: IncomingMessage(bytes: bytes), shards: message.shards)
  }

  /// The message of a dead letter, for the addressee that refused it only: the others have theirs.
  private func prepareReplay(_ row: JournalRow, _ entry: DeadLetterEntry) throws -> PreparedMessage {
    var message = prepare(row.input ?? [])
    let identity = message.identity
    var chosen = message.deliveries.filter { $0.fingerprint(identity) == entry.fingerprint }
    if chosen.isEmpty, place != nil {
      // An instance of this shard that has recorded the value refused it.
      let sentOn = prepare(row.input ?? [], isSentOn: true)
      chosen = sentOn.deliveries.filter { $0.fingerprint(identity) == entry.fingerprint }
      if !chosen.isEmpty { message = sentOn }
    }
    if chosen.isEmpty, let id = row.instance {
      // A kept message that was refused later: whichever key it came by, it belongs to this instance.
      let batch = Batch(now: clock, base: lastSequence)
      chosen = try message.deliveries.filter { delivery in
        try delivery.keyHash.flatMap { try owner(of: $0, batch) }?.id == id
      }
    }
    return message.replaying(
      PreparedMessage.Replay(fingerprint: entry.fingerprint, instance: row.instance),
      to: chosen.isEmpty ? message.deliveries : chosen)
  }
}
