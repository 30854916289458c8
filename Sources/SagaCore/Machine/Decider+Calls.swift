extension Decider {
  /// Opens a named step: sends its command, if it has one, and waits for a reply, if it takes one.
  mutating func begin(_ call: CallModel, node: Int, place: Place) throws(MessageFault) -> Progress {
    if let item = place.item, !call.replies.isEmpty || call.undo != nil { try hold(item) }
    let step = model.nodes[node].name
    let visit = instance.visit
    var open = Call(
      number: instance.nextCall, node: node, indexes: place.indexes, item: place.item, visit: visit, round: 0,
      attempt: 1, idempotencyKey: idempotencyKey(step: step, indexes: place.indexes, visit: visit, round: 0),
      unsettled: [], hasTimedOut: false, phase: .waiting)
    instance.nextCall += 1
    try send(call, &open, undoing: nil, failure: place.failure)
    if !call.replies.isEmpty { return .running(.call(open)) }
    disarm(open.number)
    if call.isPivot { passPivot(step: step) }
    return .completed(owes(open, call, event: nil))
  }

  /// Sends one attempt and arms its timeout. Whatever can fail comes first: on a fault nothing has happened.
  ///
  /// - Parameters:
  ///   - undoing: set for undos.
  ///   - failure: what the `try` around the step deals with.
  mutating func send(_ call: CallModel, _ open: inout Call, undoing: OwedUndo?, failure: Failure?) throws(MessageFault)
  {
    let step = label(open)
    let scope = Scope(event: undoing?.event, item: open.item, index: open.indexes.last, failure: failure)
    var timeout: Int64?
    if let delay = call.timeout, !call.replies.isEmpty { timeout = try milliseconds(delay, scope) }
    if let command = call.command {
      let data = try payload(command.with, type: command.type, scope: scope)
      try reserve(effects: 1)
      let key = open.idempotencyKey.hex
      // Slot and idempotency key, so that a reply routes itself.
      let attributes = CallAttributes(
        correlation: open.idempotencyKey.hex(after: slot), idempotencyKey: key, undoes: undoing?.actionKey.hex,
        attempt: open.attempt, expiry: timeout.map { now.advanced(byMilliseconds: $0) })
      emit(.command, type: command.type, data: data, destination: command.destination, call: attributes)
      facts.append(
        undoing == nil
          ? .called(step: step, attempt: open.attempt, type: command.type)
          : .undoing(step: step, attempt: open.attempt, type: command.type))
    } else {
      facts.append(.waiting(step: step))
    }
    open.phase = .waiting
    #if SAGA_MUTANTS
      if Mutant.is(.timeoutsHalved) { timeout = timeout.map { $0 / 2 } }
      if Mutant.is(.timeoutsDoubled) { timeout = timeout.map { $0 * 2 } }
    #endif
    if let timeout { arm(.call(open.number), milliseconds: timeout) }
  }

  /// Leaves or keeps a call's frame according to its phase.
  ///
  /// - Parameter frame: the call's own.
  mutating func run(_ call: Call, _ frame: Frame) -> Progress {
    guard case .call(let model) = self.model.nodes[call.node].kind else { return misfit(frame, call.node, "a call") }
    switch call.phase {
    case .waiting, .backingOff, .repeating, .settling, .stuck:
      return .running(frame)
    case .answered(let event):
      disarm(call.number)
      if model.isPivot {
        passPivot(step: label(call))
        dropPending(because: "the pivot has succeeded") { $0.compensates($1) }
      }
      return .completed(owes(call, model, event: event))
    case .failed(let failure, let isUnknown):
      disarm(call.number)
      return .failed(failure, isUnknown ? owesUnknown(call, model) : owesUnsettled(call, model))
    }
  }

  /// What a completed call owes.
  func owes(_ call: Call, _ model: CallModel, event: CloudEvent?) -> [Owed] {
    guard let undo = model.undo, !instance.isPivoted else { return [] }
    // Skipped by an operator: nobody knows what the participant did, and there is no reply to read from.
    if event?.type == Decider.skippedType { return owesUnknown(call, model) }
    return owesUnsettled(call, model)
      + [.undo(owedUndo(call, event: undo.usesEvent ? event : nil, isUnknown: false, phase: .owed))]
  }

  /// What earlier visits owe whose unanswered attempts may yet act, each under its own key.
  func owesUnsettled(_ call: Call, _ model: CallModel) -> [Owed] {
    guard model.undo != nil, !instance.isPivoted else { return [] }
    return call.unsettled.map { visit in
      var undo = owedUndo(call, event: nil, isUnknown: true, phase: .owed)
      undo.round = visit.round
      undo.actionKey = visit.key
      return .undo(undo)
    }
  }

  /// What a call owes that may have had an effect.
  func owesUnknown(_ call: Call, _ model: CallModel) -> [Owed] {
    guard model.undo != nil, !instance.isPivoted else { return [] }
    return owesUnsettled(call, model) + [.undo(owedUndo(call, event: nil, isUnknown: true, phase: .owed))]
  }

  func owedUndo(_ call: Call, event: CloudEvent?, isUnknown: Bool, phase: OwedUndo.Phase) -> OwedUndo {
    OwedUndo(
      node: call.node, indexes: call.indexes, item: call.item, visit: call.visit, round: call.round,
      actionKey: call.idempotencyKey, event: event, isUnknown: isUnknown, repetition: 0, phase: phase)
  }

  /// The step's name with its `forEach` positions.
  func label(_ call: Call) -> String { label(node: call.node, indexes: call.indexes) }

  func label(node: Int, indexes: [Int]) -> String {
    var label = model.nodes[node].name
    for index in indexes {
      // Not interpolated: that reserves memory even for texts that need none.
      label += "["
      label += String(index)
      label += "]"
    }
    return label
  }

  /// What happens to a call whose current attempt got no answer.
  ///
  /// - Parameter isPermanent: no further attempt is made.
  /// - Returns: the call in its next phase; its frame is left by `runToRest` when it has failed.
  mutating func attemptFailed(
    _ open: OpenCall, _ model: CallModel, reason: String, isPermanent: Bool = false
  ) -> Call {
    let isUndo = open.role == .undo
    var call = open.call
    call.hasTimedOut = true
    #if SAGA_MUTANTS
      if Mutant.is(.retryWithoutLimit), !isUndo { call.attempt = 0 }
    #endif
    let step = label(call)
    #if SAGA_MUTANTS
      if Mutant.is(.pivotGivenUp), model.isPivot, call.attempt >= model.retry.attempts {
        disarm(call.number)
        call.phase = .failed(Failure(reason: reason, step: step, kind: .unknown, time: now), isUnknown: false)
        return call
      }
    #endif
    // Past the pivot, and at the pivot, there is no way back: sent until answered.
    let isEndless = model.command != nil && !isUndo && (model.isPivot || instance.isPivoted)
    if model.command != nil, !isPermanent, isEndless || call.attempt < model.retry.attempts {
      let delay: Int64
      do throws(MessageFault) {
        delay = try backoff(model.retry, open)
      } catch {
        // The instance's own doing: it waits for an operator rather than for a delay that nobody asked for.
        disarm(call.number)
        call.phase = .stuck(error.message)
        return call
      }
      facts.append(.retrying(step: step, attempt: call.attempt + 1, delayMilliseconds: delay))
      call.phase = .backingOff
      arm(.call(call.number), milliseconds: delay)
      return call
    }
    disarm(call.number)
    if isUndo {
      call.phase = .stuck("\(reason) after \(call.attempt) attempts to undo")
    } else if instance.isPivoted || model.isPivot {
      call.phase = .stuck("\(reason) after the pivot")
    } else {
      let failure = Failure(reason: reason, step: step, kind: .unknown, time: now)
      facts.append(.stepFailed(step: step, kind: .unknown, reason: reason))
      // A wait sent nothing; only with an undo does it matter whether the other side acted.
      call.phase = .failed(failure, isUnknown: true)
      #if SAGA_MUTANTS
        if Mutant.is(.unknownTakenForRefused) { call.phase = .failed(failure, isUnknown: false) }
      #endif
    }
    return call
  }

  /// Delay before the next attempt: exponential, bounded, with jitter that is a hash, so that every run agrees.
  func backoff(_ retry: RetryModel, _ open: OpenCall) throws(MessageFault) -> Int64 {
    let call = open.call
    let scope = Scope(
      event: open.role == .undo ? open.owed?.event : nil, item: call.item, index: call.indexes.last,
      failure: open.failure)
    let base = try milliseconds(retry.delay, scope)
    let limit = try milliseconds(retry.maxDelay, scope)
    var delay = Double(base)
    var attempt: Int64 = 1
    while attempt < call.attempt, delay < Double(limit) {
      delay *= retry.factor
      attempt += 1
    }
    delay = Swift.min(delay, Double(limit))
    if retry.jitter > 0 {
      var builder = HashBuilder()
      builder.append(bytesOf: call.idempotencyKey)
      builder.append(call.attempt)
      let share = Double(builder.finalize().high >> 11) / Double(1 << 53)
      delay *= 1 + retry.jitter * (2 * share - 1)
    }
    #if SAGA_MUTANTS
      if Mutant.is(.backoffFarTooLong) { delay *= 1_000_000 }
      if Mutant.is(.backoffWithoutFactor) { delay = Swift.min(Double(base), Double(limit)) }
    #endif
    return Swift.max(0, Int64(delay))
  }

  /// Sends the next attempt of a call whose backoff or repetition delay is over. A fault makes it stuck.
  mutating func resend(_ call: Call, _ model: CallModel, of open: OpenCall) -> Call {
    var next = call
    if case .repeating = call.phase {
      next.attempt = 1
    } else {
      next.attempt += 1
      #if SAGA_MUTANTS
        if Mutant.is(.keyIncludesAttempt), open.role == .action {
          next.idempotencyKey = idempotencyKey(
            step: self.model.nodes[call.node].name, indexes: call.indexes, visit: call.visit, round: next.attempt << 40)
        }
      #endif
    }
    do throws(MessageFault) {
      try send(model, &next, undoing: open.role == .undo ? open.owed : nil, failure: open.failure)
      return next
    } catch {
      var stuck = call
      stuck.phase = .stuck(error.message)
      disarm(call.number)
      return stuck
    }
  }
}
