extension Instance {
  /// What an operator has to look at; nil when nothing is stuck.
  func problem(_ model: MachineModel) -> (step: String, reason: String)? {
    if let entryProblem { return (model.states[state].name, entryProblem) }
    if let problem = unwinding?.problem { return ("compensated", problem) }
    if case .finished(_, .some(let problem)) = block { return ("done", problem) }
    if let found = block?.problem(model) { return found }
    // The first one counts.
    var found: (node: Int, reason: String)?
    visitOwed { undo in
      if found == nil, case .stuck(let reason) = undo.phase { found = (undo.node, reason) }
    }
    for undo in repairs {
      if found == nil, case .stuck(let reason) = undo.phase { found = (undo.node, reason) }
    }
    if found == nil {
      visitCalls { call, _, _, _ in
        if found == nil, case .stuck(let reason) = call.phase { found = (call.node, reason) }
      }
    }
    return found.map { (model.nodes[$0.node].name, $0.reason) }
  }

  /// Whether compensation has anything to wait for or to undo.
  func hasSomethingToUndo(_ model: MachineModel) -> Bool {
    if isPivoted { return false }
    if !allOwed.isEmpty { return true }
    return openCalls.contains { open in
      guard open.role == .action, case .call(let call) = model.nodes[open.call.node].kind else { return true }
      return call.undo != nil
    }
  }
}

extension Frame {
  func problem(_ model: MachineModel) -> (step: String, reason: String)? {
    switch self {
    case .ready(let node, .some(let problem)): return (model.nodes[node].name, problem)
    case .ready, .call, .finished, .recovering: return nil
    case .sequence(_, _, let child, _), .choose(_, _, let child), .attempt(_, let child), .catching(_, let child, _):
      return child.problem(model)
    case .forEach(_, _, _, let active, _): return active.lazy.compactMap { $0.frame.problem(model) }.first
    case .parallel(_, let branches, _): return branches.lazy.compactMap { $0?.problem(model) }.first
    }
  }
}
