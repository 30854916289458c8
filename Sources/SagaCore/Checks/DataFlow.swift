/// Which fields of the data are there, on every way, when something is evaluated.
struct DataFlow {
  let role: CheckedRole
  /// Present when an instance is created.
  let initial: Set<String>
  /// Required by the schema, which is checked after every `set`.
  let required: Set<String>
  /// On entering each state; nil where nothing enters.
  private(set) var entries: [Set<String>?]
  /// Set somewhere in the role.
  let anywhere: Set<String>

  init(_ role: CheckedRole) {
    self.role = role
    var initial: Set<String> = []
    for (name, _) in role.model.initialData.objectValue ?? JSONObject() { initial.insert(name) }
    self.initial = initial
    required = Set(role.model.dataSchema.map { $0.nodes[$0.root].required } ?? [])
    entries = Array(repeating: nil, count: role.states.count)
    var sets = role.allTransitions.flatMap(\.set) + role.role.calls.flatMap { $0.replies.flatMap(\.set) }
    for case .set(let members, _) in role.states.flatMap({ ($0.steps ?? []).flatMap(\.all) }) { sets += members }
    anywhere = Set(sets.map(\.name))
    var isChanging = true
    while isChanging {
      isChanging = false
      for edge in role.edges where role.isPossible(edge) {
        guard let arriving = after(edge) else { continue }
        let known = entries[edge.target]
        let meeting = known.map { $0.intersection(arriving) } ?? arriving
        if meeting == known { continue }
        entries[edge.target] = meeting
        isChanging = true
      }
    }
  }

  /// Present when the cause of a transition comes.
  func before(_ edge: StateEdge) -> Set<String>? {
    guard let source = edge.source else { return initial }
    guard let entry = entries[source] else { return nil }
    guard case .done = edge.cause, let steps = role.states[source].steps else { return entry }
    return pass(steps, entry)
  }

  private func after(_ edge: StateEdge) -> Set<String>? {
    before(edge).map { $0.union(required).union(edge.transition.set.map(\.name)) }
  }

  /// Present when the role's own timers are armed: after what the first message has set.
  var started: Set<String> {
    let starts = role.edges.filter { $0.source == nil && role.isPossible($0) }
    return starts.isEmpty ? initial : meet(starts.compactMap { after($0) })
  }

  /// Present whenever the role's own timers and messages come.
  var always: Set<String> {
    var result: Set<String>?
    for (index, entry) in entries.enumerated() where role.states[index].final == nil {
      guard let entry else { continue }
      result = result.map { $0.intersection(entry) } ?? entry
    }
    return result ?? initial
  }

  func pass(_ steps: [StepDefinition], _ facts: Set<String>) -> Set<String> {
    steps.reduce(facts) { pass($1, $0) }
  }

  func pass(_ step: StepDefinition, _ facts: Set<String>) -> Set<String> {
    switch step {
    case .set(let members, _): return facts.union(members.map(\.name))
    case .publish, .fail, .forEach: return facts
    case .call(let call):
      let successes = call.replies.filter { $0.fail == nil && $0.again == nil }
      return facts.union(meet(successes.map { Set($0.set.map(\.name)) }))
    case .parallel(let branches, _): return branches.reduce(facts) { $0.union(pass($1, facts)) }
    case .choose(let choices, _):
      var ends = role.possible(choices).filter { role.outlook(choices[$0].steps).canComplete }
        .map { pass(choices[$0].steps, facts) }
      if !choices.contains(where: { role.constant($0.when) == true }) { ends.append(facts) }
      return facts.union(meet(ends))
    case .attempt(let steps, let recovery, _):
      var ends = [pass(steps, facts)]
      if role.outlook(steps).canFail, role.outlook(recovery).canComplete { ends.append(pass(recovery, facts)) }
      return facts.union(meet(ends))
    }
  }

  private func meet(_ sets: [Set<String>]) -> Set<String> {
    guard let first = sets.first else { return [] }
    return sets.dropFirst().reduce(first) { $0.intersection($1) }
  }
}
