/// `roles` and their states.
extension DefinitionReader {
  mutating func roles(_ member: SourceMember?) -> [RoleDefinition] {
    guard let member, let members = members(member.value, what: "`roles`", mayBeEmpty: false) else { return [] }
    let limit = DefinitionLimits.maximumRoles
    checkCount(members.count, limit, named: "maximumRoles", what: "roles", member.position)
    return members.prefix(limit).compactMap { role($0) }
  }

  private mutating func role(_ member: SourceMember) -> RoleDefinition? {
    let isNamed = checkName(member.name, member.position, what: "The role")
    guard let fields = fields(member.value, .role) else { return nil }
    beginRole()
    var role = RoleDefinition(name: member.name, position: member.position)
    role.description = description(fields)
    let start = required("start", in: fields, of: .role)
    checkStart(start)
    role.start = handlers(start, .start)
    role.on = handlers(fields["on"], .handler)
    role.after = timers(fields["after"], .handler)
    role.settle = delay(fields["settle"])
    role.declared = declaredHandling(fields)
    if let states = required("states", in: fields, of: .role) { role.states = self.states(states) }
    return isNamed ? role : nil
  }

  mutating func beginRole() {
    stepPositions = [:]
    stepCount = 0
  }

  mutating func checkStart(_ start: SourceMember?) {
    guard let start, case .object = start.value.json, start.value.members.isEmpty else { return }
    report(
      .valueEmpty, start.value.position, "`start` names no message.", mend: "Name the type that creates an instance.")
  }

  mutating func declaredHandling(_ fields: SourceFields) -> DeclaredHandling {
    var seen: [String: String] = [:]
    var declared = DeclaredHandling()
    declared.deferred = types(fields["defer"], seen: &seen)
    declared.ignored = types(fields["ignore"], seen: &seen)
    declared.rejected = types(fields["reject"], seen: &seen)
    return declared
  }

  private mutating func types(_ member: SourceMember?, seen: inout [String: String]) -> [Located<String>] {
    guard let member, let elements = elements(member.value, what: "`\(member.name)`", mayBeEmpty: true) else {
      return []
    }
    var types: [Located<String>] = []
    for element in elements {
      guard let type = type(element, what: "An entry of `\(member.name)`") else { continue }
      if let list = seen.updateValue(member.name, forKey: type.value) {
        let code = list == member.name ? DecodingCode.nameDuplicate : .handlingConflict
        let places = list == member.name ? "twice under `\(list)`" : "under `\(list)` and `\(member.name)`"
        report(code, type.position, "\(JSON.string(type.value)) stands \(places).", mend: "Keep one of the two.")
        continue
      }
      types.append(type)
    }
    return types
  }

  private mutating func states(_ member: SourceMember) -> [StateDefinition] {
    guard let members = members(member.value, what: "`states`", mayBeEmpty: false) else { return [] }
    let limit = DefinitionLimits.maximumStates
    checkCount(members.count, limit, named: "maximumStates", what: "states", member.position)
    return members.prefix(limit).compactMap { state($0) }
  }

  private mutating func state(_ member: SourceMember) -> StateDefinition? {
    let isNamed = checkName(member.name, member.position, what: "The state")
    guard let fields = fields(member.value, .state) else { return nil }
    var state = StateDefinition(name: member.name, position: member.position)
    state.description = description(fields)
    state.on = handlers(fields["on"], .handler)
    state.after = timers(fields["after"], .handler)
    state.declared = declaredHandling(fields)
    if let steps = fields["do"] { state.steps = self.steps(steps.value, what: "`do`", mayBeEmpty: false) }
    state.done = fields["done"].flatMap { transition($0.value, .outcome) }
    state.failed = fields["failed"].flatMap { transition($0.value, .outcome) }
    state.final = fields["final"].flatMap { final($0.value) }
    checkDo(fields)
    checkFinal(fields, named: member.name)
    return isNamed ? state : nil
  }

  private mutating func final(_ node: SourceNode) -> StateDefinition.Final? {
    guard let text = text(node, what: "`final`") else { return nil }
    if let final = StateDefinition.Final(rawValue: text) { return final }
    let nearest = nearestName(to: text, among: StateDefinition.Final.allCases.map(\.rawValue))
    report(
      .stateFinal, node.position, "`final` is \(JSON.string(text)).",
      mend: nearest.map { "Did you mean \"\($0)\"?" } ?? "Write \"completed\" or \"compensated\".")
    return nil
  }

  private mutating func checkDo(_ fields: SourceFields) {
    for name in ["done", "failed"] {
      if let block = fields["do"], fields[name] == nil {
        report(
          .stateIncomplete, block.position, "The state has `do` and no `\(name)`.",
          mend: "Say what follows when its steps are \(name).")
      }
      if let outcome = fields[name], fields["do"] == nil {
        report(
          .stateIncomplete, outcome.position, "The state has `\(name)` and no `do`.",
          mend: "Add the steps under `do`, or handle a message under `on`.")
      }
    }
  }

  private mutating func checkFinal(_ fields: SourceFields, named name: String) {
    guard fields["final"] != nil else { return }
    for member in fields.node.members where !["final", "description"].contains(member.name) {
      guard DefinitionShape.state.fields.contains(member.name) else { continue }
      report(
        .stateFinal, member.position, "The state \"\(name)\" is final and has `\(member.name)`.",
        mend: "Remove it, or move it to a state before the end.")
    }
  }
}
