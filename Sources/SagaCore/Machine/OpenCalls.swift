/// Where an open call stands: what its reply means depends on it.
package enum CallRole {
  case action
  /// In flight when compensation began.
  case settling
  case undo
}

/// A call that waits for something, as found in an instance.
package struct OpenCall {
  package var call: Call
  package var role: CallRole
  /// The owed undo around a settling or undoing call.
  var owed: OwedUndo?
  /// The failure that the `try` around it deals with.
  var failure: Failure?
}

extension Instance {
  /// Every open call, in the order of the step tree: the block, then compensation, then repairs.
  package var openCalls: [OpenCall] {
    var found: [OpenCall] = []
    block?.visitCalls { found.append($0) }
    unwinding?.tree.visitUndos { $0.visitCall { found.append($0) } }
    for repair in repairs { repair.visitCall { found.append($0) } }
    return found
  }

  func call(numbered number: Int64) -> Call? { openCalls.first { $0.call.number == number }?.call }

  /// Replaces the call with this number wherever it stands.
  mutating func replace(_ call: Call) {
    block = block?.replacing(call)
    unwinding?.tree.updateUndos { $0.replace(call) }
    for index in repairs.indices { repairs[index].replace(call) }
  }

  /// Replaces the owed undo of an action wherever it stands; nil removes it.
  mutating func replaceUndo(actionKey: Hash128, _ change: (OwedUndo) -> OwedUndo?) {
    block = block?.replacingUndo(actionKey, change)
    if let tree = unwinding?.tree { unwinding?.tree = tree.replacing(actionKey, change) ?? .sequence([]) }
    owed = owed.compactMap { $0.replacing(actionKey, change) }
  }

  /// How many undos earlier visits owe.
  var owedCount: Int {
    var count = 0
    for entry in owed { entry.visitUndos { _ in count += 1 } }
    return count
  }

  /// Every owed undo, under way or not.
  package var allOwed: [OwedUndo] {
    var found: [OwedUndo] = []
    for entry in owed { entry.visitUndos { found.append($0) } }
    block?.visitOwed { $0.visitUndos { found.append($0) } }
    unwinding?.tree.visitUndos { found.append($0) }
    return found
  }
}

extension OwedUndo {
  var openCall: Call? {
    switch phase {
    case .settling(let call), .undoing(let call): call
    case .owed, .stuck: nil
    }
  }

  func visitCall(_ visit: (OpenCall) -> Void) {
    switch phase {
    case .settling(let call): visit(OpenCall(call: call, role: .settling, owed: self))
    case .undoing(let call): visit(OpenCall(call: call, role: .undo, owed: self))
    case .owed, .stuck: break
    }
  }

  mutating func replace(_ call: Call) {
    switch phase {
    case .settling(let old) where old.number == call.number: phase = .settling(call)
    case .undoing(let old) where old.number == call.number: phase = .undoing(call)
    default: break
    }
  }
}

extension Owed {
  func visitUndos(_ visit: (OwedUndo) -> Void) {
    switch self {
    case .undo(let undo): visit(undo)
    case .sequence(let items), .concurrent(let items, _): for item in items { item.visitUndos(visit) }
    }
  }

  mutating func updateUndos(_ update: (inout OwedUndo) -> Void) {
    switch self {
    case .undo(var undo):
      update(&undo)
      self = .undo(undo)
    case .sequence(var items):
      for index in items.indices { items[index].updateUndos(update) }
      self = .sequence(items)
    case .concurrent(var items, let limit):
      for index in items.indices { items[index].updateUndos(update) }
      self = .concurrent(items, limit: limit)
    }
  }

  func replacing(_ actionKey: Hash128, _ change: (OwedUndo) -> OwedUndo?) -> Owed? {
    switch self {
    case .undo(let undo): return undo.actionKey == actionKey ? change(undo).map { .undo($0) } : self
    case .sequence(let items):
      let left = items.compactMap { $0.replacing(actionKey, change) }
      return left.isEmpty ? nil : .sequence(left)
    case .concurrent(let items, let limit):
      let left = items.compactMap { $0.replacing(actionKey, change) }
      return left.isEmpty ? nil : .concurrent(left, limit: limit)
    }
  }

  /// Whether some action in here is still awaited.
  var isSettling: Bool {
    var result = false
    visitUndos { if case .settling = $0.phase { result = true } }
    return result
  }

  /// Whether an undo in here is under way or stuck: it counts against a limit.
  var isStarted: Bool {
    var result = false
    visitUndos { undo in
      switch undo.phase {
      case .undoing, .stuck: result = true
      case .owed, .settling: break
      }
    }
    return result
  }

  var isEmpty: Bool {
    var result = true
    visitUndos { _ in result = false }
    return result
  }
}

extension Frame {
  /// - Parameter failure: what the innermost `catch` around the frame deals with.
  func visitCalls(failure: Failure? = nil, _ visit: (OpenCall) -> Void) {
    switch self {
    case .ready, .finished: break
    case .call(let call): visit(OpenCall(call: call, role: .action, owed: nil, failure: failure))
    case .sequence(_, _, let child, _), .choose(_, _, let child), .attempt(_, let child):
      child.visitCalls(failure: failure, visit)
    case .catching(_, let child, let own): child.visitCalls(failure: own ?? failure, visit)
    case .forEach(_, _, _, let active, _): for entry in active { entry.frame.visitCalls(failure: failure, visit) }
    case .parallel(_, let branches, _): for branch in branches { branch?.visitCalls(failure: failure, visit) }
    case .recovering(_, let tree, let own):
      tree.visitUndos { undo in
        undo.visitCall { open in
          var open = open
          open.failure = own ?? failure
          visit(open)
        }
      }
    }
  }

  /// Everything owed by what is already done in here.
  func visitOwed(_ visit: (Owed) -> Void) {
    switch self {
    case .ready, .call: break
    case .sequence(_, _, let child, let owed):
      owed.forEach(visit)
      child.visitOwed(visit)
    case .forEach(_, _, _, let active, let owed):
      owed.forEach(visit)
      for entry in active { entry.frame.visitOwed(visit) }
    case .parallel(_, let branches, let owed):
      owed.forEach(visit)
      for branch in branches { branch?.visitOwed(visit) }
    case .choose(_, _, let child), .attempt(_, let child), .catching(_, let child, _): child.visitOwed(visit)
    case .recovering(_, let tree, _): visit(tree)
    case .finished(let owed, _): owed.forEach(visit)
    }
  }

  /// The same frame with its leaves (`ready` and `call`) and everything owed passed through a change.
  func mapped(leaf: (Frame) -> Frame, owed change: (Owed) -> Owed?) -> Frame {
    func list(_ owed: [Owed]) -> [Owed] { owed.compactMap(change) }
    switch self {
    case .ready, .call: return leaf(self)
    case .sequence(let node, let position, let child, let owed):
      return .sequence(
        node: node, position: position, child: child.mapped(leaf: leaf, owed: change), owed: list(owed))
    case .forEach(let node, let items, let next, let active, let owed):
      let frames = active.map { IndexedFrame(index: $0.index, frame: $0.frame.mapped(leaf: leaf, owed: change)) }
      return .forEach(node: node, items: items, next: next, active: frames, owed: list(owed))
    case .parallel(let node, let branches, let owed):
      return .parallel(
        node: node, branches: branches.map { $0?.mapped(leaf: leaf, owed: change) }, owed: list(owed))
    case .choose(let node, let branch, let child):
      return .choose(node: node, branch: branch, child: child.mapped(leaf: leaf, owed: change))
    case .attempt(let node, let child): return .attempt(node: node, child: child.mapped(leaf: leaf, owed: change))
    case .catching(let node, let child, let failure):
      return .catching(node: node, child: child.mapped(leaf: leaf, owed: change), failure: failure)
    case .recovering(let node, let tree, let failure):
      return .recovering(node: node, tree: change(tree) ?? .sequence([]), failure: failure)
    case .finished(let owed, let problem): return .finished(owed: list(owed), problem: problem)
    }
  }

  func replacing(_ call: Call) -> Frame {
    mapped(
      leaf: { leaf in
        if case .call(let old) = leaf, old.number == call.number { .call(call) } else { leaf }
      },
      owed: { owed in
        var owed = owed
        owed.updateUndos { $0.replace(call) }
        return owed
      })
  }

  func replacingUndo(_ actionKey: Hash128, _ change: (OwedUndo) -> OwedUndo?) -> Frame {
    mapped(leaf: { $0 }, owed: { $0.replacing(actionKey, change) })
  }
}
