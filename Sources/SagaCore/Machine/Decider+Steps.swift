/// Where in the `forEach` nesting a step runs.
struct Place {
  var indexes: [Int] = []
  var item: JSON?
  /// What the innermost `catch` around it deals with.
  var failure: Failure?
  var scope: Scope { Scope(event: nil, item: item, index: indexes.last, failure: failure) }
}

/// What became of a frame.
enum Progress {
  case running(Frame)
  case completed([Owed])
  /// The frame has failed; what it owes, in order.
  case failed(Failure, [Owed])
}

extension Decider {
  mutating func run(_ frame: Frame, place: Place) -> Progress {
    stepsLeft -= 1
    if stepsLeft <= 0 { return .running(frame) }
    switch frame {
    case .ready(let node, nil): return start(node, place: place)
    case .ready: return .running(frame)
    case .sequence(let node, let position, let child, let owed):
      return runSequence(node: node, position: position, child: child, owed: owed, place: place)
    case .call(let call): return run(call, frame)
    case .forEach(let node, let items, let next, let active, let owed):
      return runLoop(node: node, items: items, next: next, active: active, owed: owed, place: place)
    case .parallel(let node, let branches, let owed):
      return runParallel(node: node, branches: branches, owed: owed, place: place)
    case .choose(let node, let branch, let child):
      let progress = run(child, place: place)
      if case .running(let frame) = progress { return .running(.choose(node: node, branch: branch, child: frame)) }
      return progress
    case .attempt(let node, let child): return runAttempt(node: node, child: child, place: place)
    case .recovering(let node, let tree, let failure):
      return recover(node: node, tree: tree, failure: failure, place: place)
    case .catching(let node, let child, let failure):
      return runCatch(node: node, child: child, failure: failure, place: place)
    case .finished(let owed, nil): return .completed(owed)
    case .finished: return .running(frame)
    }
  }

  /// Enters a node; a fault leaves it `ready` with the problem. `enter` throws before it changes more than the mark holds.
  private mutating func start(_ node: Int, place: Place) -> Progress {
    let before = mark
    do throws(MessageFault) {
      return try enter(node: node, place: place)
    } catch {
      takeBack(to: before)
      return .running(.ready(node: node, problem: error.message))
    }
  }

  private mutating func enter(node index: Int, place: Place) throws(MessageFault) -> Progress {
    let node = model.nodes[index]
    switch node.kind {
    case .sequence(let children):
      guard let first = children.first else { return .completed([]) }
      return run(.sequence(node: index, position: 0, child: .ready(node: first, problem: nil), owed: []), place: place)
    case .call(let model):
      return try begin(model, node: index, place: place)
    case .set(let assignments):
      try assign(assignments, correlate: [], scope: place.scope)
      return .completed([])
    case .fail(let expression):
      let reason = try text(expression, place.scope)
      if instance.isPivoted {
        throw machine.fault("pivot.failure", "a step failed after the pivot: \(reason)")
      }
      facts.append(.stepFailed(step: node.name, kind: .business, reason: reason))
      return .failed(Failure(reason: reason, step: node.name, kind: .business, time: now), [])
    case .publish(let publications, let undo):
      try publish(publications, scope: place.scope)
      guard undo != nil, !instance.isPivoted else { return .completed([]) }
      let key = idempotencyKey(step: node.name, indexes: place.indexes, visit: instance.visit, round: 0)
      return .completed([
        .undo(
          OwedUndo(
            node: index, indexes: place.indexes, item: place.item, visit: instance.visit, round: 0, actionKey: key,
            event: nil, isUnknown: false, repetition: 0, phase: .owed))
      ])
    case .forEach(let list, _, _):
      let items = try items(of: list, place.scope)
      for item in items { try hold(item) }
      return run(.forEach(node: index, items: items, next: 0, active: [], owed: []), place: place)
    case .parallel(let branches):
      return run(
        .parallel(node: index, branches: branches.map { .ready(node: $0, problem: nil) }, owed: []), place: place)
    case .choose(let choices):
      for (number, choice) in choices.enumerated() where try holds(choice.when, place.scope) {
        #if SAGA_MUTANTS
          if Mutant.is(.lastBranchTaken), number + 1 < choices.count, try holds(choices.last?.when, place.scope) {
            continue
          }
        #endif
        facts.append(.chose(step: node.name, branch: Int64(number)))
        return run(.choose(node: index, branch: number, child: .ready(node: choice.body, problem: nil)), place: place)
      }
      return .completed([])
    case .attempt(let body, _):
      return run(.attempt(node: index, child: .ready(node: body, problem: nil)), place: place)
    }
  }

  /// What a `forEach` goes over.
  private func items(of list: Expression, _ scope: Scope) throws(MessageFault) -> [JSON] {
    let values = values(scope)
    if let path = list.path, case .array(let items)? = values.json(path.variable, path.fields) {
      try checkCount(items.count, of: list)
      return items
    }
    guard case .list(let elements) = try machine.evaluate(list, values) else {
      throw machine.fault("expression.type", "forEach \(list.quoted) did not give a list")
    }
    try checkCount(elements.count, of: list)
    var items: [JSON] = []
    for element in elements { items.append(try machine.json(element, from: list)) }
    return items
  }

  private func checkCount(_ count: Int, of list: Expression) throws(MessageFault) {
    guard count <= MachineLimits.maximumForEachItems else {
      throw machine.fault(
        "limit.forEach",
        "forEach \(list.quoted) gave \(count) elements, more than \(MachineLimits.maximumForEachItems)")
    }
  }

  private mutating func runSequence(node: Int, position: Int, child: Frame, owed: [Owed], place: Place) -> Progress {
    guard case .sequence(let children) = model.nodes[node].kind else {
      return misfit(.sequence(node: node, position: position, child: child, owed: owed), node, "a sequence")
    }
    var position = position
    var child = child
    var owed = owed
    while true {
      switch run(child, place: place) {
      case .running(let frame):
        return .running(.sequence(node: node, position: position, child: frame, owed: owed))
      case .failed(let failure, let more):
        #if SAGA_MUTANTS
          if Mutant.is(.earlierStepsOweNothing) { return .failed(failure, more) }
        #endif
        return .failed(failure, owed + more)
      case .completed(let more):
        // A pivot passed in here discards what came before it.
        owed = instance.isPivoted ? [] : owed + more
        position += 1
        if position >= children.count { return .completed(owed) }
        child = .ready(node: children[position], problem: nil)
      }
    }
  }

  private mutating func runLoop(
    node: Int, items: [JSON], next: Int, active: [IndexedFrame], owed: [Owed], place: Place
  ) -> Progress {
    guard case .forEach(_, let concurrency, let body) = model.nodes[node].kind else {
      return misfit(
        .forEach(node: node, items: items, next: next, active: active, owed: owed), node, "a `forEach`")
    }
    var next = next
    var owed = owed
    var running: [IndexedFrame] = []
    var waiting = active
    while true {
      for (position, entry) in waiting.enumerated() {
        let inner = Place(indexes: place.indexes + [entry.index], item: items[entry.index], failure: place.failure)
        switch run(entry.frame, place: inner) {
        case .running(let frame): running.append(IndexedFrame(index: entry.index, frame: frame))
        case .completed(let more): if !more.isEmpty { owed.append(.sequence(more)) }
        case .failed(let failure, let more):
          let others = (running + waiting.dropFirst(position + 1)).map {
            Owed.sequence(collect($0.frame, settling: true))
          }
          return .failed(failure, [.concurrent(owed + others + [.sequence(more)], limit: concurrency)])
        }
      }
      waiting = []
      if running.count >= concurrency || next >= items.count { break }
      waiting.append(IndexedFrame(index: next, frame: .ready(node: body, problem: nil)))
      next += 1
    }
    if running.isEmpty {
      release(items)
      return .completed(owed.isEmpty ? [] : [.concurrent(owed, limit: concurrency)])
    }
    return .running(.forEach(node: node, items: items, next: next, active: running, owed: owed))
  }

  private mutating func runParallel(node: Int, branches: [Frame?], owed: [Owed], place: Place) -> Progress {
    var branches = branches
    var owed = owed
    for index in branches.indices {
      guard let branch = branches[index] else { continue }
      switch run(branch, place: place) {
      case .running(let frame): branches[index] = frame
      case .completed(let more):
        branches[index] = nil
        if !more.isEmpty { owed.append(.sequence(more)) }
      case .failed(let failure, let more):
        branches[index] = nil
        #if SAGA_MUTANTS
          if Mutant.is(.otherBranchesOweNothing) { return .failed(failure, more) }
        #endif
        let others = branches.compactMap { $0 }.map { Owed.sequence(collect($0, settling: true)) }
        return .failed(failure, [.concurrent(owed + others + [.sequence(more)], limit: branches.count)])
      }
    }
    if branches.allSatisfy({ $0 == nil }) {
      return .completed(owed.isEmpty ? [] : [.concurrent(owed, limit: branches.count)])
    }
    return .running(.parallel(node: node, branches: branches, owed: owed))
  }

  private mutating func runAttempt(node: Int, child: Frame, place: Place) -> Progress {
    switch run(child, place: place) {
    case .running(let frame): return .running(.attempt(node: node, child: frame))
    case .completed(let owed):
      #if SAGA_MUTANTS
        if Mutant.is(.tryOwesNothing) { return .completed([]) }
      #endif
      return .completed(owed)
    case .failed(let failure, let owed):
      return recover(node: node, tree: .sequence(owed), failure: failure, place: place)
    }
  }

  /// What the `try` owes is undone, then its `catch` runs.
  private mutating func recover(node: Int, tree: Owed, failure: Failure?, place: Place) -> Progress {
    guard case .attempt(_, let recovery) = model.nodes[node].kind else {
      return misfit(.recovering(node: node, tree: tree, failure: failure), node, "a `try`")
    }
    if tree.isSettling { return .running(.recovering(node: node, tree: tree, failure: failure)) }
    if let rest = undo(tree, failure: failure) {
      return .running(.recovering(node: node, tree: rest, failure: failure))
    }
    facts.append(.caught(step: model.nodes[node].name))
    return runCatch(node: node, child: .ready(node: recovery, problem: nil), failure: failure, place: place)
  }

  /// The failure belongs to this `catch` alone: others may run beside it, and a later failure is a first one again.
  private mutating func runCatch(node: Int, child: Frame, failure: Failure?, place: Place) -> Progress {
    var inner = place
    if let failure { inner.failure = failure }
    let progress = run(child, place: inner)
    if case .running(let frame) = progress { return .running(.catching(node: node, child: frame, failure: failure)) }
    return progress
  }
}
