extension Decider {
  /// Turns the open part of a step tree into what it owes, in the tree's own shape.
  ///
  /// - Parameter settling: calls in flight are awaited (compensation); otherwise they are unknown at once (`goto`).
  mutating func collect(_ frame: Frame, settling: Bool) -> [Owed] {
    switch frame {
    case .ready: return []
    case .sequence(_, _, let child, let owed): return owed + collect(child, settling: settling)
    case .call(let call): return collect(call, settling: settling)
    case .forEach(let node, _, _, let active, let owed):
      var limit = 1
      if case .forEach(_, let concurrency, _) = model.nodes[node].kind { limit = concurrency }
      return concurrent(owed, active.map(\.frame), limit: limit, settling: settling)
    case .parallel(_, let branches, let owed):
      return concurrent(owed, branches.compactMap { $0 }, limit: branches.count, settling: settling)
    case .choose(_, _, let child), .attempt(_, let child), .catching(_, let child, _):
      return collect(child, settling: settling)
    case .recovering(_, let tree, _): return settling ? [tree] : abandon(tree).map { [$0] } ?? []
    case .finished(let owed, _): return owed
    }
  }

  /// A `goto` leaves a `try` that is being undone: undos that are out go on beside the instance, answers that were still
  /// awaited are unknown at once, the rest stays owed.
  private mutating func abandon(_ owed: Owed) -> Owed? {
    switch owed {
    case .undo(var undo):
      switch undo.phase {
      case .owed: break
      case .stuck: undo.phase = .owed
      case .settling(let call):
        disarm(call.number)
        undo.phase = .owed
      case .undoing:
        instance.repairs.append(undo)
        return nil
      }
      return .undo(undo)
    case .sequence(let items):
      let left = items.compactMap { abandon($0) }
      return left.isEmpty ? nil : .sequence(left)
    case .concurrent(let items, let limit):
      let left = items.compactMap { abandon($0) }
      return left.isEmpty ? nil : .concurrent(left, limit: limit)
    }
  }

  private mutating func concurrent(_ owed: [Owed], _ frames: [Frame], limit: Int, settling: Bool) -> [Owed] {
    var all = owed
    for frame in frames {
      let more = collect(frame, settling: settling)
      if !more.isEmpty { all.append(.sequence(more)) }
    }
    return all.isEmpty ? [] : [.concurrent(all, limit: limit)]
  }

  private mutating func collect(_ call: Call, settling: Bool) -> [Owed] {
    guard case .call(let model) = self.model.nodes[call.node].kind else {
      disarm(call.number)
      // Whether anything is owed for it nobody can say. It is, until somebody can: its undo will be stuck and say why.
      return instance.isPivoted ? [] : [.undo(owedUndo(call, event: nil, isUnknown: true, phase: .owed))]
    }
    guard model.undo != nil else {
      disarm(call.number)
      return []
    }
    #if SAGA_MUTANTS
      let settling = settling && !Mutant.is(.settleSkipped)
    #endif
    switch call.phase {
    case .answered(let event): return owes(call, model, event: event)
    case .failed(_, let isUnknown):
      return isUnknown ? owesUnknown(call, model) : owesUnsettled(call, model)
    case .repeating:
      disarm(call.number)
      return owesUnsettled(call, model)
    case .waiting where settling && !instance.isPivoted:
      return owesUnsettled(call, model) + [.undo(settle(call))]
    case .waiting, .backingOff, .settling, .stuck:
      #if SAGA_MUTANTS
        if Mutant.is(.gotoForgetsOpenCalls), !settling { return [] }
      #endif
      disarm(call.number)
      return owesUnknown(call, model)
    }
  }

  /// A call in flight when compensation begins: no further attempt, awaited at most `settle`.
  private mutating func settle(_ call: Call) -> OwedUndo {
    var call = call
    call.phase = .settling
    let limit = settleMilliseconds()
    let left = instance.timers.first { $0.name == .call(call.number) }.map {
      max(0, $0.due.milliseconds - now.milliseconds)
    }
    arm(.call(call.number), milliseconds: min(limit, left ?? limit))
    return owedUndo(call, event: nil, isUnknown: true, phase: .settling(call))
  }

  /// Compensation does not wait for an operator over how long to wait: the default serves, and the history says so.
  private mutating func settleMilliseconds() -> Int64 {
    do throws(MessageFault) {
      return try milliseconds(model.settle, Scope())
    } catch {
      facts.append(.noted(text: "`settle` is \(MachineLimits.settleMilliseconds) ms instead: \(error.message)"))
      return MachineLimits.settleMilliseconds
    }
  }

  /// Undoes what can be undone now.
  ///
  /// - Parameter failure: what the `try` around it deals with; nil in the compensation of the whole instance.
  /// - Returns: what is left; nil when all is undone.
  mutating func undo(_ owed: Owed, failure: Failure?) -> Owed? {
    switch owed {
    case .undo(let undo): return work(undo, failure: failure).map { .undo($0) }
    case .sequence(var items):
      #if SAGA_MUTANTS
        if Mutant.is(.undoOrderReversed) {
          while let first = items.first {
            if let rest = undo(first, failure: failure) { return .sequence([rest] + items.dropFirst()) }
            items.removeFirst()
          }
          return nil
        }
      #endif
      while let last = items.last {
        if let rest = undo(last, failure: failure) {
          items[items.count - 1] = rest
          return .sequence(items)
        }
        items.removeLast()
      }
      return nil
    case .concurrent(let items, let limit):
      // Those under way first: one that ends makes room for the next.
      var rest: [Owed?] = items
      var underWay = 0
      let started = items.map(\.isStarted)
      for index in items.indices where started[index] {
        rest[index] = undo(items[index], failure: failure)
        if rest[index]?.isStarted ?? false { underWay += 1 }
      }
      for index in items.indices.reversed() where !started[index] {
        if underWay >= limit { break }
        rest[index] = undo(items[index], failure: failure)
        if rest[index]?.isStarted ?? false { underWay += 1 }
      }
      let left = rest.compactMap { $0 }
      return left.isEmpty ? nil : .concurrent(left, limit: limit)
    }
  }

  /// Moves one owed undo on as far as it goes.
  private mutating func work(_ undo: OwedUndo, failure: Failure?) -> OwedUndo? {
    switch undo.phase {
    case .settling, .stuck: return undo
    case .owed: return begin(undo, failure: failure)
    case .undoing(let call):
      guard case .answered = call.phase else { return undo }
      disarm(call.number)
      facts.append(.undone(step: label(call)))
      return nil
    }
  }

  private mutating func begin(_ undo: OwedUndo, failure: Failure?) -> OwedUndo? {
    let before = mark
    do throws(MessageFault) {
      let left = try start(undo, failure: failure)
      if undo.isUnknown { rememberUnknown(undo) }
      return left
    } catch {
      takeBack(to: before)
      var stuck = undo
      stuck.phase = .stuck(error.message)
      return stuck
    }
  }

  private mutating func start(_ undo: OwedUndo, failure: Failure?) throws(MessageFault) -> OwedUndo? {
    guard let form = model.undo(of: undo.node)?.form else { throw misfit(undo.node, "an effect with an undo") }
    let step = label(node: undo.node, indexes: undo.indexes)
    switch form {
    case .publish(let publications):
      let scope = Scope(event: undo.event, item: undo.item, index: undo.indexes.last, failure: failure)
      try publish(publications, scope: scope)
      facts.append(.undone(step: step))
      return nil
    case .call(let model):
      let key = idempotencyKey(
        step: self.model.nodes[undo.node].name + "/undo", indexes: undo.indexes, visit: undo.visit,
        round: undo.round << 16 | undo.repetition)
      var call = Call(
        number: instance.nextCall, node: undo.node, indexes: undo.indexes, item: undo.item, visit: undo.visit,
        round: undo.round, attempt: 1, idempotencyKey: key, unsettled: [], hasTimedOut: false, phase: .waiting)
      #if SAGA_MUTANTS
        if Mutant.is(.undoKeyEqualsActionKey) { call.idempotencyKey = undo.actionKey }
      #endif
      instance.nextCall += 1
      try send(model, &call, undoing: undo, failure: failure)
      if model.replies.isEmpty {
        facts.append(.undone(step: step))
        return nil
      }
      var next = undo
      next.phase = .undoing(call)
      return next
    }
  }

  /// The oldest is forgotten past the limit, and that is said.
  private mutating func rememberUnknown(_ undo: OwedUndo) {
    var record = undo
    record.phase = .owed
    instance.abandoned.append(record)
    if instance.abandoned.count > MachineLimits.maximumAbandoned {
      instance.abandoned.removeFirst()
      facts.append(
        .noted(text: "more than \(MachineLimits.maximumAbandoned) calls of unknown outcome (maximumAbandoned)"))
    }
  }

  /// Works off undos that are owed once more.
  mutating func runRepairs() {
    if instance.repairs.isEmpty { return }
    let repairs = instance.repairs
    instance.repairs = []
    for repair in repairs {
      if let left = work(repair, failure: nil) { instance.repairs.append(left) }
    }
  }
}

extension MachineModel {
  func undo(of node: Int) -> UndoModel? {
    switch parts.nodes[node].kind {
    case .call(let call): call.undo
    case .publish(_, let undo): undo
    default: nil
    }
  }

  /// The call behind an open call: the step's own, or its undo's.
  func call(of node: Int, isUndo: Bool) -> CallModel? {
    guard case .call(let call) = parts.nodes[node].kind else {
      if isUndo, case .call(let undo) = self.undo(of: node)?.form { return undo }
      return nil
    }
    if !isUndo { return call }
    if case .call(let undo) = call.undo?.form { return undo }
    return nil
  }
}
