/// What an instance may owe at some place: one bit for each way it may have come there.
struct Ledger: OptionSet, Sendable {
  let rawValue: UInt8
  /// Nothing has to be undone.
  static let clean = Ledger(rawValue: 1)
  /// Something done must be undone if the saga fails.
  static let owed = Ledger(rawValue: 2)
  /// The pivot has been passed: there is no way back.
  static let pivoted = Ledger(rawValue: 4)
  /// The pivot may have been passed by a transition that stays in its state: whether its message came, nobody can tell from here.
  static let perhapsPivoted = Ledger(rawValue: 8)

  private static let behindPivot: Ledger = [.pivoted, .perhapsPivoted]

  var beforePivot: Ledger { subtracting(Ledger.behindPivot) }

  /// After an effect that can be undone.
  var owing: Ledger { beforePivot.isEmpty ? self : intersection(Ledger.behindPivot).union(.owed) }
}

/// Follows what is owed through the states and steps of a role, on all ways at once.
struct LedgerFlow {
  let role: CheckedRole
  /// On entering each state.
  private(set) var entries: [Ledger]
  /// What transitions without `goto` may pass while the instance is in each state.
  let insidePivots: [Ledger]
  /// Of the state whose steps are followed just now.
  private var whileWaiting: Ledger = []
  /// Before each step, by where it stands.
  private var beforeStep: [Int: Ledger] = [:]

  init(_ role: CheckedRole) {
    self.role = role
    entries = Array(repeating: [], count: role.states.count)
    insidePivots = role.states.map { role.insidePivots(of: $0) }
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
    for index in role.states.indices { _ = passSteps(of: index) }
  }

  /// Before a step runs; empty where it never does.
  func before(_ step: StepDefinition) -> Ledger { beforeStep[step.position.offset] ?? [] }

  /// When a transition of this cause begins.
  mutating func before(_ edge: StateEdge) -> Ledger {
    guard let source = edge.source else { return .clean }
    let entry = entries[source]
    if entry.isEmpty { return entry }
    switch edge.cause {
    case .done: return passSteps(of: source)
    // What the steps owe has been undone; past the pivot they do not fail.
    case .failed: return entry.beforePivot
    case .start: return .clean
    case .message, .after:
      var any = entry.union(insidePivots[source]).union(passSteps(of: source))
      for step in (role.states[source].steps ?? []).flatMap(\.all) { any.formUnion(before(step)) }
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

  /// Through the steps of a state, from what it is entered with; what it is entered with where it has none.
  private mutating func passSteps(of state: Int) -> Ledger {
    whileWaiting = insidePivots[state]
    return pass(role.states[state].steps ?? [], entries[state])
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
    var ledger = ledger
    // While a step waits, a message or a timer may pass the pivot beside it.
    if let call = step.call, !call.replies.isEmpty { ledger.formUnion(whileWaiting) }
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

extension CheckedRole {
  /// Whether transitions that do not leave a state may pass the pivot in it.
  fileprivate func insidePivots(of state: StateDefinition) -> Ledger {
    if state.final != nil { return [] }
    let shadowed = state.on.filter { covers($0.transitions) }.map(\.type)
    let handlers = state.on + role.on.filter { !shadowed.contains($0.type) }
    let lists = handlers.map(\.transitions) + (state.after + role.after).map(\.transitions)
    return lists.contains(where: passesPivotInside) ? .perhapsPivoted : []
  }

  private func passesPivotInside(_ transitions: [TransitionDefinition]) -> Bool {
    for transition in transitions {
      let guardValue = constant(transition.when)
      if transition.isPivot, transition.goto == nil, guardValue != false { return true }
      if guardValue == true { break }
    }
    return false
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
