/// Steps that are never run, or that can never succeed.
func checkSteps(_ role: CheckedRole, _ findings: inout Findings) {
  for state in role.states {
    guard let steps = state.steps else { continue }
    checkSequence(steps, role, &findings)
    for step in steps.flatMap(\.all) {
      for part in step.parts { checkSequence(part, role, &findings) }
      checkForm(of: step, role, &findings)
    }
  }
}

private func checkSequence(_ steps: [StepDefinition], _ role: CheckedRole, _ findings: inout Findings) {
  for (index, step) in steps.enumerated().dropLast() where !role.outlook(step).canComplete {
    // A call that cannot succeed is said to be so itself.
    if case .call = step { return }
    findings.add(
      .stepUnreachable, steps[index + 1].position,
      "\(steps[index + 1].title) is never reached: \(step.title) before it always fails",
      mend: "remove it, or put what comes before into a branch of `choose`")
    return
  }
}

private func checkForm(of step: StepDefinition, _ role: CheckedRole, _ findings: inout Findings) {
  switch step {
  case .call(let call):
    checkHope(call, "the step '\(call.name)' can never succeed: every reply is a failure", &findings)
    if case .call(let undo) = call.undo {
      checkHope(undo, "the undo of '\(call.name)' can never succeed: every reply is a failure", &findings)
    }
  case .choose(let choices, _):
    let possible = role.possible(choices)
    for (index, choice) in choices.enumerated() where !possible.contains(index) {
      let isFalse = role.constant(choice.when) == false
      findings.add(
        .stepUnreachable, choice.position,
        isFalse
          ? "this branch is never taken: its `when` is always false"
          : "this branch is never taken: one before it always holds",
        mend: "put it before the branch without `when`, or remove it")
    }
  case .attempt(let steps, _, let position):
    guard !role.outlook(steps).canFail else { return }
    findings.add(
      .tryUseless, position, "nothing in this `try` can fail, so its `catch` never runs",
      mend: "write its steps without `try`")
  case .set, .fail, .publish, .forEach, .parallel: break
  }
}

private func checkHope(_ call: CallDefinition, _ message: String, _ findings: inout Findings) {
  if call.replies.isEmpty || call.replies.contains(where: { $0.fail == nil && $0.again == nil }) { return }
  findings.add(.stepHopeless, call.position, message, mend: "add the reply that says it has been done")
}
