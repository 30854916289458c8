/// Message types that are taken and cannot find their instance.
func checkDeclarations(_ role: CheckedRole, _ findings: inout Findings) {
  for taken in role.takenTypes { checkDeclared(taken, role, &findings) }
  for handler in role.role.start {
    guard case .named(let name, let key) = role.definition.message(handler.type)?.key else { continue }
    findings.add(
      .keyOfStart, key.position,
      "'\(handler.type)' starts an instance\(role.suffix), and is found by the further key '\(name)', which no instance has yet",
      mend: "give it the primary key: a string")
  }
  for type in distinct(role.takenTypes.map(\.value)) {
    guard case .named(let name, let key) = role.definition.message(type)?.key else { continue }
    if role.role.start.contains(where: { $0.type == type }) || role.correlated.contains(where: { $0.name == name }) {
      continue
    }
    findings.add(
      .keyNeverCorrelated, key.position,
      "'\(type)' is found by '\(name)', and nothing\(role.suffix.isEmpty ? "" : " in role '\(role.role.name)'") records a '\(name)'",
      mend: "record it with \"correlate\": { \"\(name)\": … } when it becomes known, or give the type the primary key")
  }
}

private func checkDeclared(_ taken: Located<String>, _ role: CheckedRole, _ findings: inout Findings) {
  guard let message = role.definition.message(taken.value) else {
    let nearest = nearestName(to: taken.value, among: role.definition.messages.map(\.type))
    findings.add(
      .messageUndeclared, taken.position,
      "'\(taken.value)' is taken here and not declared under `messages`, so it cannot find its instance",
      mend: nearest.map { "did you mean '\($0)'?" }
        ?? "add \"\(taken.value)\": { \"key\": … } to `messages`")
    return
  }
  if message.key != nil { return }
  findings.add(
    .messageKeyless, message.position,
    "'\(taken.value)' is taken\(role.suffix.isEmpty ? "" : " by role '\(role.role.name)'") and has no `key`, so it cannot find its instance",
    mend: "add \"key\": an expression over `event` that gives the key of the instance")
}

/// Declarations and recordings that nothing uses.
func checkMessages(of roles: [CheckedRole], in definition: Definition, _ findings: inout Findings) {
  var used: Set<String> = []
  var keys: Set<String> = []
  for role in roles {
    used.formUnion(role.takenTypes.map(\.value))
    used.formUnion(role.sentTypes.map(\.value))
    for list in [role.role.declared] + role.states.map(\.declared) {
      used.formUnion((list.deferred + list.ignored + list.rejected).map(\.value))
    }
  }
  for message in definition.messages {
    if case .named(let name, _) = message.key { keys.insert(name) }
    if !used.contains(message.type) {
      findings.add(
        .messageUnused, message.position, "'\(message.type)' is declared, and nothing takes or sends it",
        mend: "remove the declaration, or mend the name where it is meant")
    }
    checkRetention(message, &findings)
  }
  for correlation in roles.flatMap(\.correlated) where !keys.contains(correlation.name) {
    findings.add(
      .correlateUnused, correlation.position, "'\(correlation.name)' is recorded, and no message is found by it",
      mend: "use it in a `key` of `messages`, or remove it")
  }
}

/// A message that waits longer than ids are remembered can be taken twice.
private func checkRetention(_ message: MessageDeclaration, _ findings: inout Findings) {
  guard case .park(let milliseconds) = message.missing, milliseconds > CheckLimits.forgetMilliseconds else { return }
  let memory = durationText(CheckLimits.forgetMilliseconds)
  let forgets = "pruning forgets the ids of messages \(memory) after an instance has ended unless told otherwise"
  let options = "`forgetMilliseconds` of the service's RetentionPolicy, `--forget-after` of `saga prune`"
  findings.add(
    .retentionShort, message.position,
    "'\(message.type)' is parked for \(durationText(milliseconds)), and \(forgets): a copy that comes later is taken for a new message",
    mend: "shorten `missing`, or let pruning remember for longer: \(options)")
}
