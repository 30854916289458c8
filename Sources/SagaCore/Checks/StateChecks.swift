/// States that nothing enters, that nothing leaves, or from which no end can be reached.
func checkStates(_ role: CheckedRole, _ findings: inout Findings) {
  let reached = role.reached
  for (index, state) in role.states.enumerated() where !reached.contains(index) {
    if role.isOrchestration { continue }
    if state.final != nil {
      findings.add(
        .finalUnreachable, state.position, "nothing ever enters the final state '\(state.name)'\(role.suffix)",
        mend: "let a transition go there, or remove the state")
    } else {
      findings.add(
        .stateUnreachable, state.position, "nothing ever enters the state '\(state.name)'\(role.suffix)",
        mend: "let a transition that can be taken go there, or remove the state")
    }
  }
  let open = reached.filter { role.states[$0].final == nil }
  let deadEnds = open.filter { state in !role.edges.contains { $0.source == state && role.isPossible($0) } }
  for state in deadEnds {
    findings.add(
      .stateDeadEnd, role.states[state].position,
      "the state '\(role.states[state].name)'\(role.suffix) has no way out: an instance stays there for ever",
      mend: "give it an `on` or `after` with `goto`, or make it \"final\"")
  }
  let endless = open.filter { state in
    !deadEnds.contains(state)
      && !role.states.indices.contains {
        role.leads(from: state, to: $0) && (role.states[$0].final != nil || deadEnds.contains($0))
      }
  }
  if let first = endless.first {
    let names = endless.map { "'\(role.states[$0].name)'" }.joined(separator: ", ")
    findings.add(
      .stateEndless, role.states[first].position,
      "no final state can be reached from \(names)\(role.suffix): an instance never ends and is never pruned",
      mend: "let one of them lead to a state with \"final\"")
  }
}

extension CheckedRole {
  /// Whether an edge can be taken at all.
  func isPossible(_ edge: StateEdge) -> Bool {
    if constant(edge.transition.when) == false { return false }
    guard let source = edge.source, let steps = states[source].steps else { return true }
    switch edge.cause {
    case .done: return outlook(steps).canComplete
    case .failed: return outlook(steps).canFail
    case .start, .message, .after: return true
    }
  }
}
