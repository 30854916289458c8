/// Messages in states that go round: which are early, which late, and which may be taken twice.
func checkHandling(_ role: CheckedRole, _ findings: inout Findings) {
  let awaited = role.states.map { Set($0.awaitedTypes) }
  let types = distinct(role.states.flatMap(\.awaitedTypes))
  let takers = types.map { type in role.states.indices.filter { awaited[$0].contains(type) } }
  for index in role.reached where role.states[index].final == nil {
    checkAmbiguity(of: Array(zip(types, takers)), in: index, role, &findings)
    checkRepetition(in: index, role, &findings)
  }
  for (index, state) in role.states.enumerated() { checkDeclared(state.declared, in: index, role, &findings) }
  checkDeclared(role.role.declared, in: nil, role, &findings)
}

/// - Parameter types: with the states that wait for each.
private func checkAmbiguity(
  of types: [(String, takers: [Int])], in index: Int, _ role: CheckedRole, _ findings: inout Findings
) {
  let state = role.states[index]
  var ambiguous: [String] = []
  var taker = ""
  for (type, takers) in types {
    guard let other = takers.first(where: { role.inCycle(index, $0) }) else { continue }
    if (state.on + role.role.on).contains(where: { $0.type == type }) { continue }
    if state.declared.names(type) || role.role.declared.names(type) { continue }
    // A wait in here takes it; while another step of the same round waits, it may be the last round's or the next one's.
    if takers.contains(index), state.waitingSteps <= 1 { continue }
    if ambiguous.isEmpty { taker = role.states[other].name }
    ambiguous.append(type)
  }
  guard let first = ambiguous.first else { return }
  let shown = ambiguous.count > 5 ? Array(ambiguous.prefix(4)) : ambiguous
  let more = ambiguous.count - shown.count
  let names = quoted(shown, joined: more > 0 ? ", " : " or ") + (more > 0 ? " or one of \(more) more" : "")
  findings.add(
    .messageAmbiguous, state.position,
    "in '\(state.name)'\(role.suffix) nobody can tell whether \(names) is late or early: '\(taker)', which takes '\(first)', was left and can be entered again",
    mend: "list each under `defer` (early), `ignore` (late) or `reject`, in the state or in the role")
}

/// A message that leads round can be taken again when a copy or an older one comes late.
private func checkRepetition(in index: Int, _ role: CheckedRole, _ findings: inout Findings) {
  for handler in role.states[index].on where !handler.transitions.contains(where: { $0.when != nil }) {
    let goesRound = role.edges.contains { edge in
      guard edge.source == index, !edge.isRoleWide, case .message(handler.type) = edge.cause else { return false }
      return role.leads(from: edge.target, to: index)
    }
    guard goesRound else { continue }
    findings.add(
      .messageUnguarded, handler.position,
      "'\(handler.type)' leads back to '\(role.states[index].name)' in the end, and no `when` tells an old one from a new one",
      mend:
        "compare a sequence number or `event.time` with what the data remember, such as \"when\": \"event.data.round == data.round\""
    )
  }
}

private func checkDeclared(
  _ declared: DeclaredHandling, in index: Int?, _ role: CheckedRole, _ findings: inout Findings
) {
  let isEmpty = declared.deferred.isEmpty && declared.ignored.isEmpty && declared.rejected.isEmpty
  if isEmpty { return }
  let taken = Set(role.takenTypes.map(\.value))
  for type in declared.deferred + declared.ignored where !taken.contains(type.value) {
    findings.add(
      .handlingUseless, type.position,
      "nothing\(role.suffix.isEmpty ? "" : " in role '\(role.role.name)'") takes '\(type.value)', so it is foreign in any case",
      mend: nearestName(to: type.value, among: distinct(role.takenTypes.map(\.value))).map { "did you mean '\($0)'?" }
        ?? "remove it")
  }
  guard let index else { return }
  let state = role.states[index]
  for type in declared.deferred + declared.ignored + declared.rejected {
    guard let handler = state.on.first(where: { $0.type == type.value }), role.covers(handler.transitions) else {
      continue
    }
    findings.add(
      .handlingUseless, type.position, "'\(state.name)' always handles '\(type.value)' itself",
      mend: "remove it from one of the two")
  }
  for type in declared.deferred where taken.contains(type.value) {
    let takers = role.states.indices.filter { role.states[$0].awaitedTypes.contains(type.value) }
    let isTaken = takers.contains { $0 == index || role.leads(from: index, to: $0) }
    if isTaken || role.role.on.contains(where: { $0.type == type.value }) { continue }
    findings.add(
      .handlingUseless, type.position,
      "nothing that can follow '\(state.name)' takes '\(type.value)': it would be kept until the end",
      mend: "list it under `ignore`, or let a later state handle it")
  }
}

extension StateDefinition {
  /// Types that the state waits for. Replies to its calls are found by their correlation and are not among them.
  var awaitedTypes: [String] { on.map(\.type) + waits.flatMap(\.replies).map(\.type) }

  /// Steps without a command.
  var waits: [CallDefinition] { (steps ?? []).flatMap(\.all).compactMap(\.call).filter { $0.command == nil } }

  /// How many steps wait for something.
  var waitingSteps: Int { (steps ?? []).flatMap(\.all).compactMap(\.call).count { !$0.replies.isEmpty } }
}
