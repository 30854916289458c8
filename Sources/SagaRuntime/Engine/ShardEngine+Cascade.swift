import SagaCore

/// What one input sets off at its instance: kept messages are offered again, parked ones for new keys are claimed.
struct Cascade {
  /// Rows that may still be written before other work gets its turn.
  var left: Int
  /// Key hashes that the instance has newly got, whose parked messages are to be offered.
  var keys: [Hash128] = []
  /// Whether the input changed what the instance takes.
  var isTransition = false

  init(limit: Int) { left = limit }
}

extension ShardEngine {
  /// Offers what waits for an instance: after every transition its kept messages, oldest first, and then what was
  /// parked for its new keys. Past the limit the instance is busy and goes on before anything else.
  func run(_ cascade: inout Cascade, of instance: LiveInstance, _ batch: Batch) throws {
    while cascade.isTransition || !cascade.keys.isEmpty {
      guard let state = instance.current.instance, !state.isPaused || state.status.isFinal else { return }
      if cascade.isTransition {
        cascade.isTransition = false
        guard try offerKept(of: instance, &cascade, batch) else { return batch.busy.append(instance) }
      }
      guard let key = cascade.keys.first, !cascade.isTransition else { continue }
      guard try offerParked(under: key, to: instance, &cascade, batch) else { return batch.busy.append(instance) }
      if !cascade.isTransition { cascade.keys.removeFirst() }
    }
  }

  /// Continues the cascades of busy instances until none is left, so that no newer message overtakes a kept one.
  ///
  /// It ends: an instance keeps at most `maximumDeferred` messages and every row takes one away.
  func finishCascades(now: Timestamp) throws {
    while let instance = busy.first {
      _ = try transact(1, now: now) { _, batch in
        var cascade = Cascade(limit: self.configuration.cascadeLimit)
        cascade.isTransition = true
        cascade.keys = self.keys(of: instance)
        try self.run(&cascade, of: instance, batch)
        batch.onCommit.append {
          instance.isBusy = false
          self.busy.removeFirst()
          guard let again = batch.busy.first else { return }
          again.isBusy = true
          self.busy.insert(again, at: 0)
        }
        return .stop
      }
    }
  }

  /// Every key that messages may have been parked under for an instance.
  func keys(of instance: LiveInstance) -> [Hash128] {
    guard mayHaveParked, let state = instance.current.instance else { return [] }
    let machine = instance.machine.machine
    return [machine.keyHash(primary: instance.key)] + state.correlations.map { machine.keyHash($0) }
  }

  /// Offers kept messages until one makes a transition.
  ///
  /// - Returns: whether the limit allowed it; if not, there is more to do.
  private func offerKept(of instance: LiveInstance, _ cascade: inout Cascade, _ batch: Batch) throws -> Bool {
    var index = 0
    while let state = instance.current.instance, index < state.deferred.count {
      if state.isPaused, !state.status.isFinal { return true }
      let kept = state.deferred[index]
      guard let event = try event(of: kept, at: instance, batch) else {
        throw EngineError.corrupt("row \(kept.sequence), which keeps a message, is missing")
      }
      var candidate = state
      candidate.deferred.remove(at: index)
      let context = context(of: instance, state, at: batch.now)
      let decision = instance.machine.machine.advance(candidate, .message(event), context: context)
      if decision.outcome == .deferred {
        index += 1
        continue
      }
      #if SAGA_MUTANTS
        if Mutant.is(.cascadeCutShort), cascade.left <= 0 { return true }
      #endif
      guard cascade.left > 0 else { return false }
      cascade.left -= 1
      try writeReoffer(kept, event, decision, candidate, at: instance, context.now, &cascade, batch)
      if cascade.isTransition {
        index = 0
        cascade.isTransition = false
      }
    }
    return true
  }

  private func writeReoffer(
    _ kept: DeferredMessage, _ event: CloudEvent, _ decision: Decision, _ candidate: Instance,
    at instance: LiveInstance, _ now: Timestamp, _ cascade: inout Cascade, _ batch: Batch
  ) throws {
    var draft = RowDraft(kind: .reoffer, outcome: .handled)
    draft.inputSequence = kept.sequence
    draft.facts = decision.facts
    draft.outgoing = decision.outgoing
    let sequence = kept.sequence
    batch.onCommit.append { instance.deferredEvents[sequence] = nil }
    switch decision.outcome {
    case .handled:
      if let fault = try claim(decision.claims, for: instance, &cascade, batch)?.fault {
        return try refuseKept(kept, event, fault, candidate, at: instance, now, batch)
      }
      append(draft, to: instance, decision.instance, at: now, batch)
      cascade.isTransition = true
    case .late:
      draft.outcome = .late
      append(draft, to: instance, decision.instance, at: now, batch)
    case .foreign, .stale, .deferred:
      // Nothing takes the type any more: the message has waited in vain.
      var state = candidate
      state.revision += 1
      state.updatedAt = max(state.updatedAt, now)
      draft.outcome = .late
      draft.facts = [.late(type: event.type)]
      append(draft, to: instance, state, at: now, batch)
    case .refused(let fault): try refuseKept(kept, event, fault, candidate, at: instance, now, batch)
    }
  }

  private func event(of kept: DeferredMessage, at instance: LiveInstance, _ batch: Batch) throws -> CloudEvent? {
    if let known = instance.deferredEvents[kept.sequence] { return known }
    guard let bytes = try bytes(of: kept.sequence, batch) else { return nil }
    do throws(MessageFault) {
      let event = try instance.machine.machine.normalise(try CloudEvent.decodeStored(bytes))
      instance.deferredEvents[kept.sequence] = event
      return event
    } catch {
      throw EngineError.corrupt("the message of row \(kept.sequence) cannot be read: \(error)")
    }
  }

  /// The input of a row, of this batch or stored.
  func bytes(of sequence: JournalSequence, _ batch: Batch) throws -> [UInt8]? {
    if let row = batch.row(sequence) { return row.input }
    return try store.rows([sequence]).first?.input
  }
}
