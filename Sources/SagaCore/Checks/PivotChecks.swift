/// The point of no return: one on every way, in the open, and nothing behind it that fails or wants undoing.
func checkPivots(_ role: CheckedRole, _ findings: inout Findings) {
  var flow = LedgerFlow(role)
  for state in role.states {
    for step in state.steps ?? [] {
      checkNesting(step, inside: nil, &findings)
      for step in step.all { checkBehind(step, flow.before(step), &findings) }
    }
  }
  for edge in role.edges where edge.transition.isPivot && flow.before(edge).contains(.pivoted) {
    reportSecond(edge.transition.position, "this transition is a pivot", &findings)
  }
}

private func reportSecond(_ position: SourcePosition, _ what: String, _ findings: inout Findings) {
  findings.add(
    .pivotSecond, position, "\(what), and a way leads here on which the pivot has been passed already",
    mend: "there is one point of no return on every way: remove \"pivot\" from one of the two")
}

private func checkNesting(_ step: StepDefinition, inside form: String?, _ findings: inout Findings) {
  if let form, let call = step.call, call.isPivot {
    findings.add(
      .pivotNested, call.position, "the pivot '\(call.name)' stands inside `\(form)`",
      mend: "put it behind, as a step of its own: what runs beside it could still have to be undone")
  }
  var form = form
  switch step {
  case .parallel: form = "parallel"
  case .forEach: form = "forEach"
  case .attempt: form = "try"
  case .call, .set, .fail, .publish, .choose: break
  }
  for part in step.parts { for step in part { checkNesting(step, inside: form, &findings) } }
}

/// What may not stand behind the pivot.
private func checkBehind(_ step: StepDefinition, _ ledger: Ledger, _ findings: inout Findings) {
  if let call = step.call, call.isPivot, call.undo.isEffective {
    findings.add(
      .pivotCompensatable, call.position, "the pivot '\(call.name)' has an `undo`, which never runs",
      mend: "remove the `undo`; if it can be undone, it is no pivot")
  }
  guard ledger.contains(.pivoted) else { return }
  switch step {
  case .fail(_, let position):
    findings.add(
      .pivotFailure, position, "this fails behind the pivot, where nothing can be undone: the instance would be stuck",
      mend: "decide it before the pivot, or tell somebody with `publish`")
  case .publish(let publish) where publish.undo.isEffective:
    findings.add(
      .pivotCompensatable, publish.position, "this `publish` stands behind the pivot, so its `undo` never runs",
      mend: "remove the `undo`, or put the step before the pivot")
  case .call(let call):
    if call.isPivot { return reportSecond(call.position, "the step '\(call.name)' is a pivot", &findings) }
    if call.undo.isEffective {
      findings.add(
        .pivotCompensatable, call.position, "the step '\(call.name)' stands behind the pivot, so its `undo` never runs",
        mend: "put it before the pivot, or remove the `undo` and let it be retried until it succeeds")
    }
    for reply in call.replies where reply.fail != nil {
      findings.add(
        .pivotFailure, reply.position,
        "'\(reply.type)' fails the step '\(call.name)' behind the pivot, where nothing can be undone: the instance would be stuck",
        mend: "make it `again`, a success that a later step deals with, or put the step before the pivot")
    }
  case .set, .publish, .forEach, .parallel, .choose, .attempt: break
  }
}
