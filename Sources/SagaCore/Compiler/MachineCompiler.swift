import CEL

/// Turns one role of a definition into a machine: names become indexes, texts become checked programs.
///
/// Both modes come through here; an orchestration differs only in what the decoder made of it.
struct MachineCompiler {
  let definition: Definition
  let role: RoleDefinition
  var model = MachineParts()
  var diagnostics: [Diagnostic] = []
  var stateIndexes: [String: Int] = [:]

  init(definition: Definition, role: RoleDefinition) {
    self.definition = definition
    self.role = role
    for (index, state) in role.states.enumerated() where stateIndexes[state.name] == nil {
      stateIndexes[state.name] = index
    }
  }

  /// Compiles everything; the model is usable only when no error was found.
  mutating func compile() {
    model.dataSchema = definition.data
    if let schema = definition.data { model.initialData = schema.normalise(schema.defaults()) }
    for message in definition.messages { compile(message) }
    model.settle = role.settle.map { delay($0) } ?? model.settle
    model.handling = handling(role.declared)
    for handler in role.start { model.starts[handler.type] = transitions(of: handler) }
    for handler in role.on { model.on[handler.type] = transitions(of: handler) }
    model.after = role.after.map { after($0) }
    for state in role.states { compile(state) }
    findTakers()
    findReachable()
  }

  private mutating func compile(_ message: MessageDeclaration) {
    // The key is found before the version is known: no schema says what the data looks like.
    let spec = ScopeSpec(
      variables: [.now, .event], events: [message.type], dataSchema: message.accepts.isEmpty ? nil : .anything)
    let key: KeyModel? =
      switch message.key {
      case .primary(let source): expression(source, spec).map { .primary($0) }
      case .named(let name, let source): expression(source, spec).map { .named(name, $0) }
      case nil: nil
      }
    let accepts = message.accepts.map { accepted in
      let old = ScopeSpec(variables: [.now, .event], events: [message.type], dataSchema: accepted.schema)
      return AcceptedModel(
        dataschema: accepted.dataschema, schema: accepted.schema, upcast: template(accepted.upcast, old))
    }
    model.messages[message.type] = MessageModel(
      type: message.type, key: key,
      missing: message.missing ?? .park(milliseconds: MachineLimits.parkMilliseconds), schema: message.schema,
      accepts: accepts)
  }

  private mutating func compile(_ state: StateDefinition) {
    var compiled = StateModel(name: state.name, final: state.final)
    for handler in state.on { compiled.on[handler.type] = transitions(of: handler) }
    compiled.after = state.after.map { after($0) }
    compiled.handling = handling(state.declared)
    if let steps = state.steps { compiled.root = sequence(steps, path: state.name, scope: .instance) }
    compiled.done = state.done.map { transition($0, .instance) }
    compiled.failed = state.failed.map { transition($0, .instance) }
    model.states.append(compiled)
  }

  private func handling(_ declared: DeclaredHandling) -> [String: DeclaredOutcome] {
    var result: [String: DeclaredOutcome] = [:]
    for type in declared.deferred { result[type.value] = .deferred }
    for type in declared.ignored { result[type.value] = .ignored }
    for type in declared.rejected { result[type.value] = .rejected }
    return result
  }

  private mutating func transitions(of handler: Handler) -> [Int] {
    let spec = ScopeSpec(variables: ScopeSpec.instance.variables + [.event], events: [handler.type])
    return handler.transitions.map { transition($0, spec) }
  }

  private mutating func after(_ after: AfterDefinition) -> AfterModel {
    AfterModel(
      delay: delay(after.delay), text: after.delay.text,
      transitions: after.transitions.map { transition($0, .instance) })
  }

  mutating func transition(_ definition: TransitionDefinition, _ spec: ScopeSpec) -> Int {
    let when = definition.when.flatMap { expression($0, spec, expecting: .bool) }
    let set = assignments(definition.set, spec)
    let correlate = assignments(definition.correlate, spec)
    let compensate = definition.compensate.flatMap { expression($0, spec, expecting: .string) }
    let publish = publications(definition.publish, spec)
    let goto = definition.goto.flatMap { stateIndexes[$0.value] }
    if let target = definition.goto {
      if goto == nil {
        let names = role.states.map(\.name)
        report(
          "state.unknown", target.position, "no state is named '\(target.value)'",
          mend: nearestName(to: target.value, among: names).map { "did you mean '\($0)'?" }
            ?? "the states are \(names.joined(separator: ", "))")
      }
    }
    model.transitions.append(
      TransitionModel(
        position: definition.position, when: when, set: set, correlate: correlate, compensate: compensate,
        isPivot: definition.isPivot, publish: publish, goto: goto))
    return model.transitions.count - 1
  }

  /// What takes each type: for the message table.
  private mutating func findTakers() {
    for (index, state) in model.states.enumerated() {
      var takes = Set(state.on.keys)
      if let root = state.root { takes.formUnion(model.nodes[root].takes) }
      model.states[index].takes = takes
      for type in takes { model.takers[type, default: TakerModel()].states.append(index) }
    }
    for type in model.starts.keys { model.takers[type, default: TakerModel()].isStart = true }
    for type in model.on.keys { model.takers[type, default: TakerModel()].isRoleWide = true }
    // A type that is only rejected must be routed all the same, to become a dead letter.
    for declared in [role.declared] + role.states.map(\.declared) {
      for type in declared.rejected { model.takers[type.value, default: TakerModel()].states += [] }
    }
    for node in model.nodes {
      for type in node.replyTypes { model.takers[type, default: TakerModel()].isReply = true }
    }
  }

  /// States that can be entered after a state has been left, by any number of transitions.
  private mutating func findReachable() {
    let roleWide = model.on.values.flatMap { $0 } + model.after.flatMap(\.transitions)
    let successors = model.states.map { state -> Set<Int> in
      if state.final != nil { return [] }
      let all =
        roleWide + state.on.values.flatMap { $0 } + state.after.flatMap(\.transitions)
        + [state.done, state.failed].compactMap { $0 }
      return Set(all.compactMap { model.transitions[$0].goto })
    }
    for start in model.states.indices {
      var found: Set<Int> = []
      var pending = Array(successors[start])
      while let next = pending.popLast() {
        if found.insert(next).inserted { pending += successors[next] }
      }
      model.states[start].reachable = found.sorted()
    }
  }

  mutating func report(
    _ code: String, _ position: SourcePosition, _ message: String, mend: String = "",
    severity: Diagnostic.Severity = .error
  ) {
    diagnostics.append(
      Diagnostic(
        severity, code: code, file: definition.file, position: position, message: message, mend: mend))
  }
}

extension NodeModel {
  /// Types that answer this node's call or its undo.
  var replyTypes: [String] {
    guard case .call(let call) = kind else {
      if case .publish(_, let undo) = kind, case .call(let model) = undo?.form { return model.replies.keys.sorted() }
      return []
    }
    var types = Array(call.replies.keys)
    if case .call(let undo) = call.undo?.form { types += undo.replies.keys }
    return types.sorted()
  }
}
