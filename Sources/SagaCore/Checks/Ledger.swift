/// What an instance may owe at some place: one bit for each way it may have come there.
struct Ledger: OptionSet, Sendable {
  let rawValue: UInt8
  /// Nothing has to be undone.
  static let clean = Ledger(rawValue: 1)
  /// Something done must be undone if the saga fails.
  static let owed = Ledger(rawValue: 2)
  /// The pivot has been passed: there is no way back.
  static let pivoted = Ledger(rawValue: 4)

  var beforePivot: Ledger { subtracting(.pivoted) }

  /// After an effect that can be undone.
  var owing: Ledger { beforePivot.isEmpty ? self : intersection(.pivoted).union(.owed) }
}

/// Follows what is owed through the states and steps of a role, on all ways at once.
struct LedgerFlow {
  let role: CheckedRole
  /// On entering each state.
  private(set) var entries: [Ledger]
  /// Before each step, by where it stands.
  private var beforeStep: [Int: Ledger] = [:]

  init(_ role: CheckedRole) {
    self.role = role
    entries = Array(repeating: [], count: role.states.count)
    var isChanging = true
    while isChanging {
      isChanging = false
      for edge in role.edges where role.isPossible(edge) {
        let arriving = after(edge)
        if entries[edge.target].isSuperset(of: arriving) { continue }
        entries[edge.target].formUnion(arriving)
        isChanging = true
      }
    }
    for index in role.states.indices { _ = pass(role.states[index].steps ?? [], entries[index]) }
  }

  /// Before a step runs; empty where it never does.
  func before(_ step: StepDefinition) -> Ledger { beforeStep[step.position.offset] ?? [] }

  /// When a transition of this cause begins.
  mutating func before(_ edge: StateEdge) -> Ledger {
    guard let source = edge.source else { return .clean }
    let entry = entries[source]
    guard let steps = role.states[source].steps, !entry.isEmpty else { return entry }
    switch edge.cause {
    case .done: return pass(steps, entry)
    // What the steps owe has been undone; past the pivot they do not fail.
    case .failed: return entry.beforePivot
    case .start: return .clean
    case .message, .after:
      var any = entry.union(pass(steps, entry))
      for step in steps.flatMap(\.all) { any.formUnion(before(step)) }
      return any
    }
  }

  /// When the transition has been taken.
  mutating func after(_ edge: StateEdge) -> Ledger {
    let before = self.before(edge)
    if before.isEmpty { return [] }
    // Past the pivot nothing compensates any more.
    if edge.transition.compensate != nil { return before.beforePivot.isEmpty ? [] : .clean }
    return edge.transition.isPivot ? .pivoted : before
  }

  private mutating func pass(_ steps: [StepDefinition], _ ledger: Ledger) -> Ledger {
    var ledger = ledger
    for step in steps {
      if ledger.isEmpty { break }
      ledger = pass(step, ledger)
    }
    return ledger
  }

  private mutating func pass(_ step: StepDefinition, _ ledger: Ledger) -> Ledger {
    beforeStep[step.position.offset, default: []].formUnion(ledger)
    switch step {
    case .set: return ledger
    case .fail: return []
    case .publish(let publish): return publish.undo.isEffective ? ledger.owing : ledger
    case .call(let call):
      if call.isPivot { return .pivoted }
      return call.undo.isEffective ? ledger.owing : ledger
    case .forEach(let loop):
      let once = pass(loop.steps, ledger).union(ledger)
      return pass(loop.steps, once).union(once)
    case .parallel(let branches, _):
      return branches.reduce(ledger) { pass($1, $0) }
    case .choose(let choices, _):
      var result: Ledger = choices.contains { role.constant($0.when) == true } ? [] : ledger
      for index in role.possible(choices) { result.formUnion(pass(choices[index].steps, ledger)) }
      return result
    case .attempt(let steps, let recovery, _):
      let body = pass(steps, ledger)
      return role.outlook(steps).canFail ? body.union(pass(recovery, ledger)) : body
    }
  }
}

extension UndoDefinition? {
  /// Whether there is something to do; `"none"` says that there is not.
  var isEffective: Bool {
    switch self {
    case .call, .publish: true
    case .some(.none), nil: false
    }
  }
}
