/// Lists of alternatives that leave something out, or of which some are never tried.
func checkGuards(_ role: CheckedRole, _ findings: inout Findings) {
  for handler in role.role.start {
    checkUnreachable(handler.transitions, role, &findings)
    checkStartCovers(handler, role, &findings)
  }
  for handler in role.role.on {
    checkUnreachable(handler.transitions, role, &findings)
    checkCovers(handler, role, &findings)
  }
  for entry in role.role.after { checkTimer(entry, role, &findings) }
  for state in role.states {
    for handler in state.on {
      checkUnreachable(handler.transitions, role, &findings)
      if role.role.on.contains(where: { $0.type == handler.type && role.covers($0.transitions) }) { continue }
      if state.declared.names(handler.type) { continue }
      checkCovers(handler, role, &findings)
    }
    for entry in state.after { checkTimer(entry, role, &findings) }
  }
  for call in role.role.calls {
    checkReplies(call, role, &findings)
    if case .call(let undo) = call.undo { checkReplies(undo, role, &findings) }
  }
}

private func checkUnreachable(_ transitions: [TransitionDefinition], _ role: CheckedRole, _ findings: inout Findings) {
  var isSettled = false
  for transition in transitions {
    if isSettled {
      findings.add(
        .transitionUnreachable, transition.position, "this transition is never tried: one before it always holds",
        mend: "put it before the one without `when`, or remove it")
    } else if role.constant(transition.when) == false {
      findings.add(
        .transitionUnreachable, transition.when?.position ?? transition.position,
        "this transition is never taken: its `when` is always false", mend: "mend the `when`, or remove the transition")
    }
    isSettled = isSettled || role.constant(transition.when) == true
  }
}

private func checkCovers(_ handler: Handler, _ role: CheckedRole, _ findings: inout Findings) {
  guard let last = handler.transitions.last, !role.covers(handler.transitions) else { return }
  if role.role.declared.names(handler.type) { return }
  findings.add(
    .guardUncovered, last.when?.position ?? last.position,
    "when no `when` for '\(handler.type)' holds, the message counts as not named here: it is kept for a later state or is late",
    mend: "end the list with {} to acknowledge it without effect")
}

private func checkStartCovers(_ handler: Handler, _ role: CheckedRole, _ findings: inout Findings) {
  guard let last = handler.transitions.last, !role.covers(handler.transitions) else { return }
  // What becomes of the others has been said.
  guard role.definition.message(handler.type)?.missing == nil else { return }
  findings.add(
    .guardUncovered, last.when?.position ?? last.position,
    "a '\(handler.type)' for which no `when` holds starts no instance\(role.suffix), and is a dead letter after a day",
    mend: "say in `messages` what becomes of it (\"missing\": \"ignore\"), or add a transition without `when`")
}

private func checkTimer(_ entry: AfterDefinition, _ role: CheckedRole, _ findings: inout Findings) {
  checkUnreachable(entry.transitions, role, &findings)
  guard let last = entry.transitions.last, !role.covers(entry.transitions) else { return }
  guard entry.transitions.contains(where: { $0.goto != nil || $0.compensate != nil }) else { return }
  findings.add(
    .guardUncovered, last.when?.position ?? last.position,
    "the time \(entry.delay.text) comes once; when no `when` holds then, nothing happens and it does not come again",
    mend: "end the list with a transition without `when`, or with {} if nothing shall happen")
}

private func checkReplies(_ call: CallDefinition, _ role: CheckedRole, _ findings: inout Findings) {
  var types: [String] = []
  for reply in call.replies where !types.contains(reply.type) { types.append(reply.type) }
  for type in types {
    let outcomes = call.replies.filter { $0.type == type }
    if let first = outcomes.firstIndex(where: { role.constant($0.when) == true }), first + 1 < outcomes.count {
      findings.add(
        .transitionUnreachable, outcomes[first + 1].position,
        "this outcome of '\(type)' is never tried: one before it always holds",
        mend: "put it before the one without `when`, or remove it")
    }
    guard let last = outcomes.last, !outcomes.contains(where: { role.constant($0.when) == true }) else { continue }
    findings.add(
      .guardUncovered, last.when?.position ?? last.position,
      "when no `when` for '\(type)' holds, the reply counts for nothing and the step '\(call.name)' waits on",
      mend: "end the list with an outcome without `when`")
  }
}

extension DeclaredHandling {
  func names(_ type: String) -> Bool { (deferred + ignored + rejected).contains { $0.value == type } }
}
