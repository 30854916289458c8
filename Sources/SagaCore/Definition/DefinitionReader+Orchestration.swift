/// An orchestration as the one role that it is short for.
extension DefinitionReader {
  mutating func orchestration(_ fields: SourceFields) -> RoleDefinition {
    beginRole()
    let end = Located(Definition.compensatedState, at: fields["compensated"]?.position ?? fields.position)
    let compensated = outcome(fields["compensated"], goto: end)
    let completed = outcome(
      fields["completed"],
      goto: Located(Definition.completedState, at: fields["completed"]?.position ?? fields.position))

    var role = RoleDefinition(name: "", position: fields["saga"]?.value.position ?? fields.position)
    let start = required("start", in: fields, of: .orchestration)
    checkStart(start)
    role.start = handlers(start, .orchestrationStart).map { handler in
      mapping(handler.transitions, of: handler) { $0.goto = Located(Definition.workingState, at: $0.position) }
    }
    role.on = handlers(fields["on"], .orchestrationHandler).map { handler in
      mapping(handler.transitions, of: handler) { $0.leave(for: compensated) }
    }
    role.after = timers(fields["after"], .orchestrationHandler).map { entry in
      var entry = entry
      for index in entry.transitions.indices { entry.transitions[index].leave(for: compensated) }
      return entry
    }
    role.settle = delay(fields["settle"])
    role.declared = declaredHandling(fields)
    role.states = states(fields["steps"], fallback: fields.position, completed: completed, compensated: compensated)
    return role
  }

  private mutating func states(
    _ steps: SourceMember?, fallback: SourcePosition, completed: TransitionDefinition, compensated: TransitionDefinition
  ) -> [StateDefinition] {
    var working = StateDefinition(name: Definition.workingState, position: steps?.position ?? fallback)
    working.steps = steps.map { self.steps($0.value, what: "`steps`", mayBeEmpty: false) } ?? []
    working.done = completed
    working.failed = compensated
    var completedState = StateDefinition(name: Definition.completedState, position: completed.position)
    completedState.final = .completed
    var compensatedState = StateDefinition(name: Definition.compensatedState, position: compensated.position)
    compensatedState.final = .compensated
    return [working, completedState, compensatedState]
  }

  private mutating func outcome(_ member: SourceMember?, goto: Located<String>) -> TransitionDefinition {
    var transition = TransitionDefinition(position: goto.position)
    transition.goto = goto
    if let member, let fields = fields(member.value, .outcome) { transition.publish = publications(fields["publish"]) }
    return transition
  }

  private func mapping(
    _ transitions: [TransitionDefinition], of handler: Handler, _ change: (inout TransitionDefinition) -> Void
  ) -> Handler {
    var handler = handler
    for index in handler.transitions.indices { change(&handler.transitions[index]) }
    return handler
  }
}

extension TransitionDefinition {
  /// Ends an orchestration if the transition compensates. A payload of its own takes the place of the general one of its type.
  fileprivate mutating func leave(for compensated: TransitionDefinition) {
    guard compensate != nil else { return }
    goto = Located(Definition.compensatedState, at: position)
    publish += compensated.publish.filter { general in !publish.contains { $0.name == general.name } }
  }
}
