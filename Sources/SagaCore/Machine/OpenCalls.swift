/// Where an open call stands: what its reply means depends on it.
enum CallRole {
  case action
  /// In flight when compensation began.
  case settling
  case undo
}

/// A call that waits for something, as found in an instance.
struct OpenCall {
  var call: Call
  var role: CallRole
  /// The failure that the `try` around it deals with.
  var failure: Failure?
  private let around: Around?

  /// Apart, because most calls have none and a tuple of both would be moved about all the time.
  private final class Around: Sendable {
    let owed: OwedUndo
    init(_ owed: OwedUndo) { self.owed = owed }
  }

  init(call: Call, role: CallRole, owed: OwedUndo? = nil, failure: Failure? = nil) {
    self.call = call
    self.role = role
    self.failure = failure
    around = owed.map { Around($0) }
  }

  /// The owed undo around a settling or undoing call.
  var owed: OwedUndo? { around?.owed }
}

/// Is shown a call, where it stands, the owed undo around it, and the failure that the `try` around it deals with.
typealias CallVisitor = (Call, CallRole, OwedUndo?, Failure?) -> Void

extension Instance {
  /// Every open call, in the order of the step tree: the block, then compensation, then repairs.
  var openCalls: [OpenCall] { openCalls { _, _ in true } }

  /// Those of the open calls that are wanted. The others are not even put together.
  func openCalls(where isWanted: (Call, CallRole) -> Bool) -> [OpenCall] {
    var found: [OpenCall] = []
    visitCalls { call, role, owed, failure in
      if isWanted(call, role) { found.append(OpenCall(call: call, role: role, owed: owed, failure: failure)) }
    }
    return found
  }

  func visitCalls(_ visit: CallVisitor) {
    block?.visitCalls(visit)
    unwinding?.tree.visitUndos { $0.visitCall(visit) }
    for repair in repairs { repair.visitCall(visit) }
  }

  func call(numbered number: Int64) -> Call? { openCalls.first { $0.call.number == number }?.call }

  /// Replaces the call with this number wherever it stands.
  mutating func replace(_ call: Call) {
    if let changed = block?.replacing(call) {
      block = changed
    } else if let changed = unwinding?.tree.replacing(call) {
      unwinding?.tree = changed
    } else {
      for index in repairs.indices {
        if let changed = repairs[index].replacing(call) { repairs[index] = changed }
      }
    }
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
  var allOwed: [OwedUndo] {
    var found: [OwedUndo] = []
    visitOwed { found.append($0) }
    return found
  }

  func visitOwed(_ visit: (OwedUndo) -> Void) {
    for entry in owed { entry.visitUndos(visit) }
    block?.visitOwed { $0.visitUndos(visit) }
    unwinding?.tree.visitUndos(visit)
  }
}

extension OwedUndo {
  var openCall: Call? {
    switch phase {
    case .settling(let call), .undoing(let call): call
    case .owed, .stuck: nil
    }
  }

  func visitCall(_ visit: CallVisitor) {
    switch phase {
    case .settling(let call): visit(call, .settling, self, nil)
    case .undoing(let call): visit(call, .undo, self, nil)
    case .owed, .stuck: break
    }
  }

  /// With the call of this number replaced; nil when it is not here.
  func replacing(_ call: Call) -> OwedUndo? {
    var changed = self
    switch phase {
    case .settling(let old) where old.number == call.number: changed.phase = .settling(call)
    case .undoing(let old) where old.number == call.number: changed.phase = .undoing(call)
    default: return nil
    }
    return changed
  }
}

extension Owed {
  func visitUndos(_ visit: (OwedUndo) -> Void) {
    switch self {
    case .undo(let undo): visit(undo)
    case .sequence(let items), .concurrent(let items, _): for item in items { item.visitUndos(visit) }
    }
  }

  /// With the call of this number replaced; nil when it is not here.
  func replacing(_ call: Call) -> Owed? {
    switch self {
    case .undo(let undo): undo.replacing(call).map { .undo($0) }
    case .sequence(let items): items.replacing(call).map { .sequence($0) }
    case .concurrent(let items, let limit): items.replacing(call).map { .concurrent($0, limit: limit) }
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
  func visitCalls(failure: Failure? = nil, _ visit: CallVisitor) {
    switch self {
    case .ready, .finished: break
    case .call(let call): visit(call, .action, nil, failure)
    case .sequence(_, _, let child, _), .choose(_, _, let child), .attempt(_, let child):
      child.visitCalls(failure: failure, visit)
    case .catching(_, let child, let own): child.visitCalls(failure: own ?? failure, visit)
    case .forEach(_, _, _, let active, _): for entry in active { entry.frame.visitCalls(failure: failure, visit) }
    case .parallel(_, let branches, _): for branch in branches { branch?.visitCalls(failure: failure, visit) }
    case .recovering(_, let tree, let own):
      tree.visitUndos { undo in
        undo.visitCall { call, role, owed, _ in visit(call, role, owed, own ?? failure) }
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

  /// With the call of this number replaced; nil when it is not here. Only what is around the call is made anew.
  func replacing(_ call: Call) -> Frame? {
    switch self {
    case .ready: return nil
    case .call(let old): return old.number == call.number ? .call(call) : nil
    case .sequence(let node, let position, let child, let owed):
      if let changed = child.replacing(call) {
        return .sequence(node: node, position: position, child: changed, owed: owed)
      }
      return owed.replacing(call).map { .sequence(node: node, position: position, child: child, owed: $0) }
    case .forEach(let node, let items, let next, var active, let owed):
      for index in active.indices {
        guard let changed = active[index].frame.replacing(call) else { continue }
        active[index].frame = changed
        return .forEach(node: node, items: items, next: next, active: active, owed: owed)
      }
      return owed.replacing(call).map {
        .forEach(node: node, items: items, next: next, active: active, owed: $0)
      }
    case .parallel(let node, var branches, let owed):
      for index in branches.indices {
        guard let changed = branches[index]?.replacing(call) else { continue }
        branches[index] = changed
        return .parallel(node: node, branches: branches, owed: owed)
      }
      return owed.replacing(call).map { .parallel(node: node, branches: branches, owed: $0) }
    case .choose(let node, let branch, let child):
      return child.replacing(call).map { .choose(node: node, branch: branch, child: $0) }
    case .attempt(let node, let child): return child.replacing(call).map { .attempt(node: node, child: $0) }
    case .catching(let node, let child, let failure):
      return child.replacing(call).map { .catching(node: node, child: $0, failure: failure) }
    case .recovering(let node, let tree, let failure):
      return tree.replacing(call).map { .recovering(node: node, tree: $0, failure: failure) }
    case .finished(let owed, let problem): return owed.replacing(call).map { .finished(owed: $0, problem: problem) }
    }
  }

  func replacingUndo(_ actionKey: Hash128, _ change: (OwedUndo) -> OwedUndo?) -> Frame {
    mapped(leaf: { $0 }, owed: { $0.replacing(actionKey, change) })
  }
}

extension [Owed] {
  /// With the call of this number replaced; nil when it is not here.
  fileprivate func replacing(_ call: Call) -> [Owed]? {
    for index in indices {
      guard let changed = self[index].replacing(call) else { continue }
      var copy = self
      copy[index] = changed
      return copy
    }
    return nil
  }
}
