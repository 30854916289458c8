extension Decider {
  /// The message table, row by row: handled, deferred, late, foreign, rejected.
  mutating func receive(_ event: CloudEvent) throws(MessageFault) -> Outcome {
    guard let taker = model.takers[event.type] else {
      if event.messagekind == "command" || event.messagekind == "reply" {
        throw machine.fault(
          "message.rejected", "nothing takes a \(event.messagekind ?? "message") of type \(event.type)")
      }
      return .foreign
    }
    if taker.isOnlyRejected, declared(event.type) != .rejected { return .foreign }
    if instance.isPaused, !instance.status.isFinal { return try keep(event) }
    if taker.isReply, let outcome = try receiveReply(event) { return outcome }
    #if SAGA_MUTANTS
      if Mutant.is(.finalStateHandles), instance.status.isFinal { return try receiveEvent(event) }
    #endif
    if instance.status.isFinal { return late(event) }
    switch instance.unwinding?.then {
    case .transition, .end:
      if isCancel(event) {
        facts.append(.noted(text: "\(event.type) has no effect: already compensating"))
        return late(event)
      }
    case .failed, .close, nil: break
    }
    if instance.status != .running { return try keep(event) }
    return try receiveEvent(event)
  }

  /// Replies: by correlation, or to the one open call that takes the type.
  ///
  /// - Returns: nil when the message is no reply to anything known and may be an ordinary event.
  private mutating func receiveReply(_ event: CloudEvent) throws(MessageFault) -> Outcome? {
    // The model by itself: a closure that refers to the decider would need a copy of the instance.
    let model = model
    let takers = instance.openCalls { call, role in
      call.isOpen(as: role) && model.call(of: call.node, isUndo: role == .undo)?.replies[event.type] != nil
    }
    #if SAGA_MUTANTS
      if Mutant.is(.correlationIgnored), let first = takers.first { return try answer(first, with: event) }
    #endif
    guard let correlation = event.correlationid else { return try answerOnly(takers, with: event) }
    if let key = ownKey(correlation) {
      if let call = takers.first(where: { $0.call.idempotencyKey == key }) { return try answer(call, with: event) }
      if let outcome = try receiveLate(event, key: key) { return outcome }
      // A call that is stuck before its answer came: `retry` sends the command under the same key, and finds the answer here.
      if isAwaitedByStuckCall(event, key: key) { return try keep(event) }
      // A type that answers no command is no reply to one: its correlation is between others that share the key.
      if model.answersCommand(event.type) { return lateReply(event, key: key) }
    }
    // A wait has sent nothing that could be answered with a correlation of its own.
    return try answerOnly(takers.filter { $0.isWait(model) }, with: event)
  }

  private func isAwaitedByStuckCall(_ event: CloudEvent, key: Hash128) -> Bool {
    instance.openCalls.contains { open in
      guard open.role == .action, open.call.idempotencyKey == key, open.call.hasTimedOut, case .stuck = open.call.phase
      else { return false }
      return model.call(of: open.call.node, isUndo: false)?.replies[event.type] != nil
    }
  }

  private mutating func answerOnly(_ takers: [OpenCall], with event: CloudEvent) throws(MessageFault) -> Outcome? {
    if takers.isEmpty { return nil }
    guard takers.count == 1 else {
      throw machine.fault(
        "ambiguous-reply",
        "\(takers.count) open calls take \(event.type) and it has no correlationid; send the command's correlationid back"
      )
    }
    return try answer(takers[0], with: event)
  }

  /// A second answer to a call is late; one of another type contradicts the first, and somebody must hear of it.
  private mutating func lateReply(_ event: CloudEvent, key: Hash128) -> Outcome {
    let first = instance.answered.last { $0.key == key.high }
    if let first, first.type != event.type {
      alert(
        "saga.contradiction", step: "", reason: "\(event.type) contradicts the \(first.type) that answered the call")
    }
    return late(event)
  }

  /// The oldest answers are forgotten past the limit: a contradiction that late is only late.
  private mutating func remember(_ key: Hash128, answeredBy event: CloudEvent) {
    instance.answered.append(AnsweredCall(key: key.high, type: event.type))
    if instance.answered.count > MachineLimits.maximumAnswered { instance.answered.removeFirst() }
  }

  /// The idempotency key in a correlation that may be ours: those begin with this key's slot and have a fixed length.
  private func ownKey(_ correlation: String) -> Hash128? {
    guard correlation.utf8.count == 35 else { return nil }
    let slot = slot
    return correlation.withBytes { text in
      for index in 0..<3 where text[index] != slot.digit(index) { return nil }
      return Hash128(hexDigits: text[3...])
    }
  }

  /// Applies a reply to its call.
  private mutating func answer(_ open: OpenCall, with event: CloudEvent) throws(MessageFault) -> Outcome? {
    let scope = Scope(
      event: event, item: open.call.item, index: open.call.indexes.last, failure: open.failure)
    guard let candidates = model.replies(to: open, type: event.type) else { return nil }
    var chosen: ReplyModel?
    for candidate in candidates where try holds(candidate.when, scope) {
      chosen = candidate
      #if SAGA_MUTANTS
        if Mutant.is(.lastReplyTaken) { continue }
      #endif
      break
    }
    guard let reply = chosen, let call = model.call(of: open.call.node, isUndo: open.role == .undo) else { return nil }
    let step = label(open.call)
    let keepsEvent = open.role != .undo && !instance.isPivoted && call.undo?.usesEvent ?? false
    if keepsEvent { try hold(event) }
    try assign(reply.set, correlate: reply.correlate, scope: scope)
    if let again = reply.again {
      try answerAgain(open, call, delay: try milliseconds(again, scope))
      return .handled
    }
    remember(open.call.idempotencyKey, answeredBy: event)
    if let fail = reply.fail {
      answerFailed(open, call, reason: try text(fail, scope), event: event)
      return .handled
    }
    facts.append(.replied(step: step, type: event.type))
    switch open.role {
    case .action, .undo:
      // An undo may have to wait until other calls have settled; its own time is over.
      disarm(open.call.number)
      var answered = open.call
      answered.phase = .answered(event)
      instance.replace(answered)
    case .settling:
      disarm(open.call.number)
      instance.replaceUndo(actionKey: open.call.idempotencyKey) { undo in
        var settled = undo
        settled.phase = .owed
        settled.isUnknown = false
        settled.event = keepsEvent ? event : nil
        return settled
      }
    }
    return .handled
  }

  private mutating func answerFailed(_ open: OpenCall, _ model: CallModel, reason: String, event: CloudEvent) {
    let step = label(open.call)
    let failure = Failure(reason: reason, step: step, kind: .business, time: now)
    facts.append(.replied(step: step, type: event.type))
    facts.append(.stepFailed(step: step, kind: .business, reason: reason))
    disarm(open.call.number)
    var call = open.call
    switch open.role {
    case .action:
      if instance.isPivoted, !model.isPivot {
        call.phase = .stuck("refused after the pivot: \(Decider.shortened(reason))")
        // The refusal is the answer to whatever was sent under the key; `isRefused` tells it from silence by that.
        call.hasTimedOut = false
      } else {
        // The pivot is sent until answered: its last word counts.
        call.phase = .failed(failure, isUnknown: call.hasTimedOut && !model.isPivot)
        #if SAGA_MUTANTS
          if Mutant.is(.refusedTakenForUnknown) { call.phase = .failed(failure, isUnknown: true) }
        #endif
      }
      instance.replace(call)
      if model.isPivot { pivotHasFailed() }
    case .undo:
      call.phase = .stuck("the undo was refused: \(Decider.shortened(reason))")
      call.hasTimedOut = false
      instance.replace(call)
    case .settling:
      let isUnknown = call.hasTimedOut
      instance.replaceUndo(actionKey: call.idempotencyKey) { undo in
        var settled = undo
        settled.phase = .owed
        return isUnknown ? settled : nil
      }
    }
  }

  /// "Neither": the call is repeated later as a new visit.
  private mutating func answerAgain(_ open: OpenCall, _ model: CallModel, delay: Int64) throws(MessageFault) {
    var call = open.call
    let step = label(call)
    if open.role == .settling {
      answerNotDone(open)
      return
    }
    call.round += 1
    let isEndless = open.role == .action && (model.isPivot || instance.isPivoted)
    if call.round >= model.retry.attempts, !isEndless {
      disarm(call.number)
      let reason = "asked to be called again \(call.round) times"
      if open.role == .undo {
        call.phase = .stuck(reason)
      } else {
        facts.append(.stepFailed(step: step, kind: .business, reason: reason))
        call.phase = .failed(
          Failure(reason: reason, step: step, kind: .business, time: now), isUnknown: call.hasTimedOut)
      }
      instance.replace(call)
      return
    }
    facts.append(.again(step: step, visit: call.round, delayMilliseconds: delay))
    if call.hasTimedOut, open.role == .action {
      call.unsettled.append(UnsettledVisit(round: open.call.round, key: call.idempotencyKey))
    }
    call.hasTimedOut = false
    let path = self.model.nodes[call.node].name + (open.role == .undo ? "/undo" : "")
    call.idempotencyKey = idempotencyKey(step: path, indexes: call.indexes, visit: call.visit, round: call.round)
    call.phase = .repeating
    arm(.call(call.number), milliseconds: delay)
    instance.replace(call)
  }

  private mutating func answerNotDone(_ open: OpenCall) {
    disarm(open.call.number)
    let isUnknown = open.call.hasTimedOut
    instance.replaceUndo(actionKey: open.call.idempotencyKey) { undo in
      var settled = undo
      settled.phase = .owed
      return isUnknown ? settled : nil
    }
  }

  /// A reply to a call of unknown outcome: a success supplies `event`, or owes the undo once more.
  private mutating func receiveLate(_ event: CloudEvent, key: Hash128) throws(MessageFault) -> Outcome? {
    if let undo = instance.allOwed.first(where: { $0.isUnknown && $0.actionKey == key }), !undo.isOut {
      guard try isSuccess(event, of: undo) else { return late(event) }
      let keepsEvent = model.undo(of: undo.node)?.usesEvent ?? false
      if keepsEvent { try hold(event) }
      instance.replaceUndo(actionKey: undo.actionKey) { known in
        var known = known
        known.isUnknown = false
        known.event = keepsEvent ? event : nil
        // One that could not be computed without the reply is tried again with it.
        known.phase = .owed
        return known
      }
      remember(key, answeredBy: event)
      facts.append(.replied(step: label(node: undo.node, indexes: undo.indexes), type: event.type))
      return .handled
    }
    #if SAGA_MUTANTS
      if Mutant.is(.lateSuccessIgnored) { return nil }
    #endif
    guard let index = instance.abandoned.firstIndex(where: { $0.actionKey == key }),
      try isSuccess(event, of: instance.abandoned[index])
    else { return nil }
    if model.undo(of: instance.abandoned[index].node)?.usesEvent ?? false { try hold(event) }
    remember(key, answeredBy: event)
    #if SAGA_MUTANTS
      if Mutant.is(.lateSuccessOwedEveryTime) {
        oweOnceMore(instance.abandoned[index], event: event)
        instance.abandoned[index].repetition += 1
        return .handled
      }
    #endif
    oweOnceMore(instance.abandoned.remove(at: index), event: event)
    return .handled
  }

  private func isSuccess(_ event: CloudEvent, of undo: OwedUndo) throws(MessageFault) -> Bool {
    guard let call = model.call(of: undo.node, isUndo: false), let candidates = call.replies[event.type] else {
      return false
    }
    let scope = Scope(event: event, item: undo.item, index: undo.indexes.last)
    for candidate in candidates where try holds(candidate.when, scope) {
      return candidate.fail == nil && candidate.again == nil
    }
    return false
  }

  /// The undo went out without knowing that the action had happened: again, under a new key, in any status.
  private mutating func oweOnceMore(_ undo: OwedUndo, event: CloudEvent) {
    let step = label(node: undo.node, indexes: undo.indexes)
    facts.append(.replied(step: step, type: event.type))
    alert(
      "saga.late-success", step: step, reason: "\(event.type) arrived after the undo had gone out; it goes out again")
    var repeated = undo
    repeated.isUnknown = false
    repeated.repetition += 1
    repeated.event = (model.undo(of: undo.node)?.usesEvent ?? false) ? event : nil
    repeated.phase = .owed
    guard instance.status.isFinal else {
      instance.repairs.append(repeated)
      return
    }
    instance.unwinding = Unwinding(tree: .undo(repeated), then: .close(instance.status), problem: nil)
    instance.status = .compensating
    instance.closedAt = nil
  }
}

extension Call {
  /// Whether an answer can still change something.
  fileprivate func isOpen(as role: CallRole) -> Bool {
    switch phase {
    case .waiting, .backingOff, .settling: true
    case .stuck: role == .undo
    case .repeating, .answered, .failed: false
    }
  }
}

extension OpenCall {
  /// Whether it waits for a message without having asked for one.
  func isWait(_ model: MachineModel) -> Bool {
    model.call(of: call.node, isUndo: role == .undo).map { $0.command == nil } ?? false
  }
}

extension OwedUndo {
  /// Whether the undo has been sent, or the action's own answer is still awaited.
  fileprivate var isOut: Bool {
    switch phase {
    case .owed, .stuck: false
    case .settling, .undoing: true
    }
  }
}

extension MachineModel {
  /// Whether some call of the role, or the undo of one, is answered with the type.
  func answersCommand(_ type: String) -> Bool {
    parts.nodes.indices.contains { node in
      [false, true].contains { isUndo in
        guard let call = call(of: node, isUndo: isUndo), call.command != nil else { return false }
        return call.replies[type] != nil
      }
    }
  }

  func replies(to open: OpenCall, type: String) -> [ReplyModel]? {
    call(of: open.call.node, isUndo: open.role == .undo)?.replies[type]
  }
}
