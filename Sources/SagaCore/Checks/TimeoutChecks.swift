/// Waits that nothing but a message ends.
func checkTimeouts(_ role: CheckedRole, _ findings: inout Findings) {
  if !role.role.after.isEmpty { return }
  for index in role.reached {
    let state = role.states[index]
    guard state.final == nil, state.after.isEmpty else { continue }
    if let steps = state.steps {
      for call in steps.flatMap(\.all).compactMap(\.call) where call.waitsForEver {
        findings.add(
          .stepNoTimeout, call.position,
          "the step '\(call.name)' waits for \(quoted(call.replies.map(\.type), joined: " or ")), and nothing ends the wait when none comes",
          mend: "give it a `timeout`, or give \(role.isOrchestration ? "the saga" : "the state or the role") an `after`"
        )
      }
    } else if role.edges.contains(where: { $0.source == index }) {
      findings.add(
        .stateNoTimeout, state.position,
        "only a message ends the state '\(state.name)'\(role.suffix): an instance waits for ever when none comes",
        mend: "give the state or the role an `after`")
    }
  }
}

extension CallDefinition {
  /// A call without `timeout` has a default; a wait has none.
  var waitsForEver: Bool { command == nil && timeout == nil && !replies.isEmpty }
}

/// `'A', 'B' or 'C'`, each name once, in the order given.
func quoted(_ names: [String], joined conjunction: String = " and ") -> String {
  var distinct: [String] = []
  for name in names where !distinct.contains(name) { distinct.append(name) }
  let texts = distinct.map { "'\($0)'" }
  guard let last = texts.last, texts.count > 1 else { return texts.first ?? "nothing" }
  return texts.dropLast().joined(separator: ", ") + conjunction + last
}
