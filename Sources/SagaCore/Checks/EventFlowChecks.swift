/// Events between the roles of a choreography that nobody publishes or nobody takes.
func checkEventFlow(of roles: [CheckedRole], in definition: Definition, _ findings: inout Findings) {
  guard roles.count > 1 else { return }
  let published = roles.flatMap { $0.publishedTypes.map(\.value) }
  let starting = roles.flatMap { $0.role.start.map(\.type) }
  let taken = Set(roles.flatMap { $0.takenTypes.map(\.value) })
  let orphans = distinct(published.filter { !taken.contains($0) })
  let known = Set(published)
  var misspelt: Set<String> = []
  var explained = Set(starting)
  for role in roles {
    let handlers = role.role.start + role.role.on + role.states.flatMap(\.on)
    for handler in handlers where !known.contains(handler.type) {
      guard let nearest = nearestName(to: handler.type, among: orphans) else { continue }
      misspelt.insert(nearest)
      explained.insert(handler.type)
      findings.add(
        .eventUnpublished, handler.position,
        "no role publishes '\(handler.type)', and no role takes the '\(nearest)' that one publishes",
        mend: "did you mean '\(nearest)'?")
    }
    for state in role.states { checkAwaited(by: state, role, known: known.union(explained), &findings) }
  }
  for role in roles {
    for type in role.publishedTypes where !taken.contains(type.value) && !misspelt.contains(type.value) {
      // Most are notifications for others. What says how it finds an instance is meant for one.
      guard let message = definition.message(type.value), message.isMeantForInstance else { continue }
      findings.add(
        .eventUnhandled, type.position, "no role takes '\(type.value)', and `messages` says how it finds its instance",
        mend:
          "handle it in the role it is meant for, or remove `missing` and the further key if it is only for others to know"
      )
    }
  }
}

/// A state whose only ways on are messages that no role publishes depends on somebody outside.
private func checkAwaited(
  by state: StateDefinition, _ role: CheckedRole, known: Set<String>, _ findings: inout Findings
) {
  guard state.steps == nil else { return }
  let exits = state.on.filter { handler in handler.transitions.contains { $0.goto != nil && $0.compensate == nil } }
  guard let first = exits.first, exits.allSatisfy({ !known.contains($0.type) }) else { return }
  findings.add(
    .eventUnpublished, first.position,
    "'\(state.name)'\(role.suffix) goes on only with \(quoted(exits.map(\.type), joined: " or ")), which no role publishes",
    mend: "let a role publish it; if it comes from outside the saga, wait for it in a `step` with a `timeout`")
}

extension MessageDeclaration {
  /// Whether the declaration says more than a notification needs; a primary `key` alone is often kept for completeness.
  fileprivate var isMeantForInstance: Bool {
    if case .named = key { return true }
    return missing != nil
  }
}
