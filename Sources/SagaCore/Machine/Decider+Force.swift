extension Decider {
  /// Leaves the current state for another, as a `goto` would. What would lose an effect, or leave it for ever, is refused
  /// unless the operator says so.
  mutating func force(_ operation: Operation) throws(MessageFault) {
    guard let name = operation.state, let target = model.states.firstIndex(where: { $0.name == name }) else {
      let names = model.states.map(\.name).joined(separator: ", ")
      throw machine.fault("operation.state", "there is no state '\(operation.state ?? "")'; the states are \(names)")
    }
    for risk in risks(ofForcing: target) {
      guard operation.isUnsafe else { throw machine.fault(risk.code, "\(risk.message); \(risk.instead)") }
      facts.append(.noted(text: "although \(risk.message)"))
    }
    if let unwinding = instance.unwinding {
      // Undos that are out are waited for beside whatever the instance does now; the others are given up.
      var kept: [OwedUndo] = []
      unwinding.tree.visitUndos { if case .undoing = $0.phase { kept.append($0) } }
      instance.repairs += kept
      instance.unwinding = nil
    }
    dropPending(because: "an operator has forced the instance") { _, _ in true }
    instance.entryProblem = nil
    instance.status = .running
    leaveState()
    instance.timers.removeAll { timer in
      guard case .role = timer.name else { return false }
      return timer.isFaulty
    }
    enter(target)
  }

  private struct Risk {
    var code: String
    /// What would be lost, as a sentence that goes on.
    var message: String
    var instead: String
  }

  private static let unsafely = "or force it unsafely"

  /// What the definition promises and the move would break.
  private func risks(ofForcing target: Int) -> [Risk] {
    var risks: [Risk] = []
    let (state, name) = (model.states[instance.state], model.states[target].name)
    if instance.unwinding != nil {
      let steps = names(of: instance.allOwed)
      if !steps.isEmpty {
        risks.append(
          Risk(
            code: "force.compensating", message: "\(steps) would not be undone any more",
            instead: "wait for the compensation, or retry, skip or resolve where it is stuck, \(Decider.unsafely)"))
      }
    }
    if target != instance.state, !state.reachable.contains(target) {
      risks.append(
        Risk(
          code: "force.unreachable", message: "no way leads from \(state.name) to \(name) in the definition",
          instead: "choose one of \(reachableNames(from: state)), \(Decider.unsafely)"))
    }
    if target == instance.state, hasBegun, !state.reachable.contains(target) {
      risks.append(
        Risk(
          code: "force.again", message: "the steps of \(name) would begin again, and what they have done be done twice",
          instead: "retry or skip what it waits for, \(Decider.unsafely)"))
    }
    let final = model.states[target].final
    let open = instance.openCalls.filter { $0.role == .action && isCommand($0.call.node) }.map { label($0.call) }
    // Before the pivot an open call stays owed in the next state; the pivot's own outcome, and what comes after it, nobody would ask for.
    if !open.isEmpty, final != nil || instance.isPivoted || isPivotOpen {
      risks.append(
        Risk(
          code: "force.in-flight", message: "the outcome of \(open.joined(separator: ", ")) is not known yet",
          instead: "wait for it, \(Decider.unsafely)"))
    }
    if final == .compensated, instance.unwinding == nil {
      let steps = names(of: instance.allOwed)
      if instance.isPivoted {
        risks.append(
          Risk(
            code: "force.pivot", message: "the saga has passed its pivot, and what it has done stays done",
            instead: "lead it to a state that completes it, \(Decider.unsafely)"))
      } else if !steps.isEmpty {
        risks.append(
          Risk(
            code: "force.owed", message: "\(steps) would never be undone",
            instead: "cancel undoes it, \(Decider.unsafely)"))
      }
    }
    return risks
  }

  /// Whether a step of the state has been reached.
  private var hasBegun: Bool {
    switch instance.block {
    case nil, .ready: false
    default: true
    }
  }

  private func isCommand(_ node: Int) -> Bool {
    if case .call(let call) = model.nodes[node].kind { call.command != nil } else { false }
  }

  private func names(of undos: [OwedUndo]) -> String {
    undos.map { label(node: $0.node, indexes: $0.indexes) }.joined(separator: ", ")
  }

  private func reachableNames(from state: StateModel) -> String {
    let names = state.reachable.map { model.states[$0].name }
    return names.isEmpty ? "none" : names.joined(separator: ", ")
  }
}
