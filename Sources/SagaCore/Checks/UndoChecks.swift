/// Effects before the pivot that nothing undoes.
func checkUndos(_ role: CheckedRole, _ findings: inout Findings) {
  let flow = LedgerFlow(role)
  for state in role.states {
    guard let steps = state.steps else { continue }
    let target = role.states.first { $0.name == state.done?.goto?.value }
    checkUndos(of: steps, canFailLater: target.map { $0.final == nil } ?? true, role: role, flow: flow, &findings)
  }
}

/// - Parameter canFailLater: whether the instance can still be compensated when these steps are done.
private func checkUndos(
  of steps: [StepDefinition], canFailLater: Bool, role: CheckedRole, flow: LedgerFlow, _ findings: inout Findings
) {
  for (index, step) in steps.enumerated() {
    // Whatever waits can be cancelled, by the definition or by an operator.
    let rest = role.outlook(Array(steps[(index + 1)...]))
    let canFailLater = canFailLater || rest.canFail || rest.canWait
    let isBeforePivot = !flow.before(step).beforePivot.isEmpty
    switch step {
    case .publish(let publish):
      if publish.undo == nil, isBeforePivot, canFailLater { reportPublish(publish, &findings) }
    case .call(let call):
      checkCall(call, isBeforePivot: isBeforePivot, canFailLater: canFailLater, &findings)
    case .set, .fail: break
    case .forEach, .parallel, .choose, .attempt:
      let whole = role.outlook(step)
      var inside = canFailLater
      // What runs beside, or in the next round, can fail when this has been done.
      switch step {
      case .forEach, .parallel: inside = inside || whole.canFail || whole.canWait
      default: break
      }
      for part in step.parts { checkUndos(of: part, canFailLater: inside, role: role, flow: flow, &findings) }
    }
  }
}

private func reportPublish(_ publish: PublishDefinition, _ findings: inout Findings) {
  let types = quoted(publish.messages.map(\.name))
  findings.add(
    .publishUndo, publish.position,
    "\(types) \(publish.messages.count == 1 ? "goes" : "go") out before the pivot, and nothing takes it back if the saga fails later",
    mend:
      "add \"undo\": { \"publish\": … }, say that nothing is needed with \"undo\": \"none\", or put the step behind the pivot"
  )
}

private func checkCall(_ call: CallDefinition, isBeforePivot: Bool, canFailLater: Bool, _ findings: inout Findings) {
  if case .call(let undo) = call.undo, undo.replies.isEmpty {
    findings.add(
      .undoUnconfirmed, undo.position, "nothing confirms the undo of '\(call.name)': it is sent and taken for done",
      mend: "add the reply that says it has been undone under `reply`")
  }
  guard let command = call.command, call.undo == nil, !call.isPivot, isBeforePivot else { return }
  // An awaited call can end unknown and fail the saga by itself.
  guard canFailLater || !call.replies.isEmpty else { return }
  findings.add(
    .undoMissing, call.position,
    "nothing undoes '\(command.type.value)' when its outcome stays unknown or a later step fails",
    mend: "add `undo`, say that nothing is needed with \"undo\": \"none\", or make it the pivot")
}

/// Ends that say that all has been undone while something is owed.
func checkEnds(_ role: CheckedRole, _ findings: inout Findings) {
  var flow = LedgerFlow(role)
  var reported: Set<Int> = []
  for edge in role.edges where role.states[edge.target].final == .compensated && role.isPossible(edge) {
    guard flow.after(edge).contains(.owed), let goto = edge.transition.goto else { continue }
    guard reported.insert(goto.position.offset).inserted else { continue }
    let source = edge.source.map { " from '\(role.states[$0].name)'" } ?? ""
    findings.add(
      .finalOwed, goto.position,
      "this enters '\(goto.value)' (compensated)\(source) while something is owed: it would never be undone",
      mend: "add \"compensate\": a reason, which undoes what is owed first")
  }
}
