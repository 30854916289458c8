import SagaCore

/// A row of an instance before it has its place in the journal.
struct RowDraft {
  var kind: RowKind
  var outcome: DecidedRecord.Outcome
  var input: [UInt8]?
  var inputSequence: JournalSequence?
  /// Of the message that the instance remembers from now on.
  var identity: MessageIdentity?
  var fault: MessageFault?
  var fingerprint: Hash128?
  var facts: [Fact] = []
  var outgoing: [OutgoingMessage] = []
  /// The machine under which the instance goes on from this row.
  var movesTo: MachineID?

  init(kind: RowKind, outcome: DecidedRecord.Outcome, input: [UInt8]? = nil) {
    self.kind = kind
    self.outcome = outcome
    self.input = input
  }
}

extension ShardEngine {
  /// Writes a row of an instance: its next revision, after which it is `state`.
  ///
  /// - Parameter state: nil for an instance whose state was pruned, or that no machine fits: what is stored stays as it is.
  func append(_ draft: RowDraft, to instance: LiveInstance, _ state: Instance?, at now: Timestamp, _ batch: Batch) {
    let sequence = batch.nextSequence
    let previous = instance.pending ?? instance.committed
    let revision = state?.revision ?? (previous?.revision ?? 0) + 1
    precondition(revision == (previous?.revision ?? 0) + 1, "a row skips a revision of instance \(instance.id)")
    let encoded = state?.encode() ?? previous?.encoded ?? []
    var record = DecidedRecord(draft.outcome)
    record.identity = draft.identity
    record.machine = previous == nil ? instance.machine.id : draft.movesTo
    record.fault = draft.fault
    record.fingerprint = draft.fingerprint
    record.facts = draft.facts.isEmpty ? [] : Fact.encode(draft.facts)
    if state != nil { record.state = StateChange(from: previous?.encoded ?? [], to: encoded, revision: revision) }
    #if SAGA_MUTANTS
      if Mutant.is(.patchAgainstOldBase), state != nil, let base = instance.committed?.encoded {
        record.state = StateChange(from: base, to: encoded, revision: revision)
      }
    #endif
    batch.rows.append(
      JournalRow(
        sequence: sequence, at: now, kind: draft.kind, slot: instance.slot, instance: instance.id, revision: revision,
        previousSequence: previous?.sequence, inputSequence: draft.inputSequence, input: draft.input,
        decided: record.encode(), outgoing: send(draft.outgoing, from: instance, sequence, batch)))
    #if SAGA_MUTANTS
      if Mutant.is(.outboxBesideCommit) { batch.rows[batch.rows.count - 1].outgoing = nil }
    #endif
    if observer != nil { batch.observed.append(ObservedRow(draft, of: instance, state, at: sequence)) }
    batch.touch(instance)
    let version = LiveInstance.Version(
      instance: state, encoded: encoded, sequence: sequence, revision: revision, absorbedAt: state == nil ? now : nil)
    instance.decide(version)
    if let identity = draft.identity { instance.seen.append(identity) }
    // A firing consumed the entry of its wake, even if the next timer is due at the same time.
    if let wakeAt = version.wakeAt, draft.kind == .timer || wakeAt != previous?.wakeAt {
      timers.push(Wake(at: wakeAt, instance: instance.id))
    }
  }

  /// Encodes a row's messages and keeps them for their lanes.
  private func send(
    _ messages: [OutgoingMessage], from instance: LiveInstance, _ sequence: JournalSequence, _ batch: Batch
  ) -> [UInt8]? {
    if messages.isEmpty { return nil }
    var encoder = OutgoingRecord.Encoder(count: messages.count)
    for effect in messages.indices {
      let message = messages[effect]
      let chosen = lanes(of: message, from: sequence)
      let bytes = message.event.encode()
      let ordering = instance.ordering(of: message.orderingKey)
      let record = OutgoingRecord(
        kind: message.kind, destination: message.destination, lanes: [], ordering: ordering, event: bytes)
      if chosen.isEmpty {
        encoder.append(record, lanes: CollectionOfOne(noLane))
      } else {
        encoder.append(record, lanes: chosen.lazy.map(\.id))
      }
      let sent = Lane.Message(
        orderingKey: message.orderingKey, id: message.event.id, type: message.event.type, kind: message.kind,
        destination: message.destination, instance: instance.id, bytes: bytes)
      let entry = Lane.Entry(
        position: OutgoingPosition(sequence: sequence, effect: Int64(effect)), ordering: ordering, message: sent)
      for lane in chosen { batch.outgoing.append((lane, entry)) }
    }
    return encoder.bytes
  }

  /// The lanes a message leaves by; the local one besides where a loaded machine takes its type.
  func lanes(of message: OutgoingMessage, from sequence: JournalSequence) -> [Lane] {
    var chosen: [Lane] = []
    // Not at the row itself: what is being decided may be dropped, and the row that comes in its place be an earlier one.
    let first = min(sequence, lastSequence + 1)
    for name in configuration.lanes(message) {
      let lane = lanes.lane(named: name, from: first)
      if !chosen.contains(where: { $0 === lane }) { chosen.append(lane) }
    }
    if machines.takes(message.event.type) {
      let lane = lanes.lane(named: localLane, from: first)
      if !chosen.contains(where: { $0 === lane }) { chosen.append(lane) }
    }
    return chosen
  }
}

/// Stands in a row for "by no lane"; an empty list would leave the choice to the engine.
let noLane: LaneID = 0
