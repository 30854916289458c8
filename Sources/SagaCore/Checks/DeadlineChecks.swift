/// Times that do not fit one another.
func checkDeadlines(_ role: CheckedRole, _ findings: inout Findings) {
  let deadlines = role.role.after.filter { role.alwaysLeaves($0) }
  for state in role.states {
    if let steps = state.steps {
      let worst = WorstCase(steps).milliseconds
      for deadline in deadlines + state.after.filter({ role.alwaysLeaves($0) }) {
        guard let limit = deadline.delay.literal, worst > limit else { continue }
        findings.add(
          .deadlineShort, deadline.delay.position,
          "\(role.isOrchestration ? "the steps" : "the steps of '\(state.name)'") can take \(durationText(worst)) with all attempts and pauses, and this ends them after \(durationText(limit))",
          mend: "lengthen this, or shorten `timeout`, `attempts` and `maxDelay` of the steps")
      }
    }
    checkTimers(of: state, deadlines, role, &findings)
  }
}

private func checkTimers(
  of state: StateDefinition, _ deadlines: [AfterDefinition], _ role: CheckedRole, _ findings: inout Findings
) {
  let hasPivot = role.role.calls.contains(where: \.isPivot) || role.allTransitions.contains(where: \.isPivot)
  for (index, entry) in state.after.enumerated() {
    guard let milliseconds = entry.delay.literal else { continue }
    let earlier = state.after.enumerated().first { other, first in
      guard other != index, role.alwaysLeaves(first), let time = first.delay.literal else { return false }
      if hasPivot, first.transitions.contains(where: { $0.compensate != nil }) { return false }
      return time < milliseconds || time == milliseconds && other < index
    }?.element
    // Behind the pivot a deadline does not end anything.
    let deadline = hasPivot ? nil : deadlines.first { ($0.delay.literal ?? .max) <= milliseconds }
    guard let first = earlier ?? deadline else { continue }
    findings.add(
      .timerUnreachable, entry.delay.position,
      "\(entry.delay.text) never passes in '\(state.name)': \(earlier == nil ? "the role's" : "its") `after` of \(first.delay.text) comes first and leaves it",
      mend: "shorten this one, or remove it")
  }
}

extension CheckedRole {
  /// Whether a timer always ends the state it fires in.
  func alwaysLeaves(_ entry: AfterDefinition) -> Bool {
    covers(entry.transitions) && entry.transitions.allSatisfy { $0.goto != nil || $0.compensate != nil }
  }
}
