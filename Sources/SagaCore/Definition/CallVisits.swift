extension RoleDefinition {
  /// Every call in the role's steps, undo calls after the call they undo.
  package func visitCalls(_ visit: (_ call: CallDefinition, _ isUndo: Bool) -> Void) {
    for state in states { for step in state.steps ?? [] { step.visitCalls(visit) } }
  }
}

extension StepDefinition {
  /// Every call in the step, undo calls after the call they undo.
  package func visitCalls(_ visit: (_ call: CallDefinition, _ isUndo: Bool) -> Void) {
    switch self {
    case .call(let call):
      visit(call, false)
      if case .call(let undo)? = call.undo { visit(undo, true) }
    case .publish(let publish): if case .call(let undo)? = publish.undo { visit(undo, true) }
    case .set, .fail: break
    case .forEach(let loop): for step in loop.steps { step.visitCalls(visit) }
    case .parallel(let branches, _): for branch in branches { for step in branch { step.visitCalls(visit) } }
    case .choose(let choices, _): for choice in choices { for step in choice.steps { step.visitCalls(visit) } }
    case .attempt(let steps, let recovery, _): for step in steps + recovery { step.visitCalls(visit) }
    }
  }
}
