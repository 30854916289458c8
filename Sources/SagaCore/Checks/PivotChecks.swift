/// The point of no return: one on every way, in the open, and nothing behind it that fails or wants undoing.
func checkPivots(_ role: CheckedRole, _ findings: inout Findings) {
  var flow = LedgerFlow(role)
  for (index, state) in role.states.enumerated() {
    for step in state.steps ?? [] {
      checkNesting(step, inside: nil, &findings)
      for step in step.all {
        checkOwnUndo(step, &findings)
        let place = PlaceBehind(flow.before(step), isPassedInside: !flow.insidePivots[index].isEmpty)
        if let place { checkBehind(step, place, &findings) }
      }
    }
    checkLeaving(index, role, flow, &findings)
  }
  for edge in role.edges where edge.transition.isPivot {
    guard let place = PlaceBehind(flow.before(edge), isPassedInside: false) else { continue }
    reportSecond(edge.transition.position, "this transition is a pivot", place, &findings)
  }
}

/// A place that some way leads to on which the pivot has been passed.
private struct PlaceBehind {
  /// A warning where a message that may come or not decides whether the pivot has been passed; nil for the code's own.
  let severity: Diagnostic.Severity?
  /// What else mends it where the pivot may be passed at any time while the steps run.
  let otherMend: String

  /// - Returns: nil where the pivot has not been passed on any way.
  init?(_ ledger: Ledger, isPassedInside: Bool) {
    if ledger.isDisjoint(with: [.pivoted, .perhapsPivoted]) { return nil }
    severity = ledger.contains(.pivoted) ? nil : .warning
    otherMend =
      isPassedInside ? "; or let a step, or a transition with `goto`, be the pivot that is passed while this runs" : ""
  }
}

private func reportSecond(
  _ position: SourcePosition, _ what: String, _ place: PlaceBehind, _ findings: inout Findings
) {
  findings.add(
    .pivotSecond, position, "\(what), and a way leads here on which the pivot has been passed already",
    mend: "there is one point of no return on every way: remove \"pivot\" from one of the two",
    severity: place.severity)
}

/// Ways out of a state beside its `done` and `failed` that would leave the pivot's outcome behind; they wait for it instead.
private func checkLeaving(_ index: Int, _ role: CheckedRole, _ flow: LedgerFlow, _ findings: inout Findings) {
  let steps = (role.states[index].steps ?? []).flatMap(\.all)
  let pivots = steps.filter { !flow.before($0).isEmpty }.compactMap(\.call).filter(\.isPivot)
  guard let pivot = pivots.first else { return }
  for edge in role.edges where edge.source == index && role.isPossible(edge) {
    // One that is a pivot itself is the second.
    guard let goto = edge.transition.goto, edge.transition.compensate == nil, !edge.transition.isPivot else { continue }
    let waiting: String
    switch edge.cause {
    case .message(let type): waiting = "'\(type)'"
    case .after(let entry): waiting = "the time \(entry.delay.text)"
    case .start, .done, .failed: continue
    }
    findings.add(
      .pivotLeft, goto.position,
      "this leaves '\(role.states[index].name)', whose step '\(pivot.name)' is the pivot: while it is under way \(waiting) waits for its outcome",
      mend: "leave by `done` or `failed`, or give it a `compensate`")
  }
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

private func checkOwnUndo(_ step: StepDefinition, _ findings: inout Findings) {
  guard let call = step.call, call.isPivot, call.undo.isEffective else { return }
  findings.add(
    .pivotCompensatable, call.position, "the pivot '\(call.name)' has an `undo`, which never runs",
    mend: "remove the `undo`; if it can be undone, it is no pivot")
}

/// What may not stand behind the pivot.
private func checkBehind(_ step: StepDefinition, _ place: PlaceBehind, _ findings: inout Findings) {
  switch step {
  case .fail(_, let position):
    findings.add(
      .pivotFailure, position, "this fails behind the pivot, where nothing can be undone: the instance would be stuck",
      mend: "decide it before the pivot, or tell somebody with `publish`\(place.otherMend)", severity: place.severity)
  case .publish(let publish) where publish.undo.isEffective:
    findings.add(
      .pivotCompensatable, publish.position, "this `publish` stands behind the pivot, so its `undo` never runs",
      mend: "remove the `undo`, or put the step before the pivot\(place.otherMend)", severity: place.severity)
  case .call(let call):
    if call.isPivot { return reportSecond(call.position, "the step '\(call.name)' is a pivot", place, &findings) }
    if call.undo.isEffective {
      findings.add(
        .pivotCompensatable, call.position, "the step '\(call.name)' stands behind the pivot, so its `undo` never runs",
        mend: "put it before the pivot, or remove the `undo` and let it be retried until it succeeds\(place.otherMend)",
        severity: place.severity)
    }
    for reply in call.replies where reply.fail != nil {
      findings.add(
        .pivotFailure, reply.position,
        "'\(reply.type)' fails the step '\(call.name)' behind the pivot, where nothing can be undone: the instance would be stuck",
        mend:
          "make it `again`, a success that a later step deals with, or put the step before the pivot\(place.otherMend)",
        severity: place.severity)
    }
  case .set, .publish, .forEach, .parallel, .choose, .attempt: break
  }
}
