/// Transitions, and the maps from types and delays to them.
extension DefinitionReader {
  /// Where a transition stands, which decides what it may have.
  enum TransitionPlace {
    case start, handler
    /// A state's `done` or `failed`, tried without alternatives.
    case outcome
    case orchestrationStart, orchestrationHandler

    var shape: DefinitionShape {
      var shape = DefinitionShape.transition
      switch self {
      case .start: shape.misplace("compensate", "Nothing is owed yet. Go to a state that handles it.")
      case .handler: break
      case .outcome:
        shape.misplace("when", "There is no other way out of `do`; decide with `choose` or in the next state.")
      case .orchestrationStart:
        shape.misplace("compensate", "Nothing is owed yet. Begin `steps` with a `fail` inside `choose`.")
        shape.misplace("goto", "An orchestration goes through its `steps` by itself.")
      case .orchestrationHandler:
        shape.misplace("goto", "An orchestration has no states to go to; `compensate` ends it.")
      }
      return shape
    }
  }

  /// `start` or `on`: type → transition or list of them.
  mutating func handlers(_ member: SourceMember?, _ place: TransitionPlace) -> [Handler] {
    guard let member, let members = members(member.value, what: "`\(member.name)`") else { return [] }
    return members.compactMap { handler in
      guard checkType(handler.name, handler.position) else { return nil }
      let transitions = transitions(handler, place)
      return Handler(type: handler.name, position: handler.position, transitions: transitions)
    }
  }

  /// `after`: delay → transition or list of them.
  mutating func timers(_ member: SourceMember?, _ place: TransitionPlace) -> [AfterDefinition] {
    guard let member, let members = members(member.value, what: "`after`") else { return [] }
    return members.compactMap { entry in
      let transitions = transitions(entry, place)
      guard let delay = delay(entry.name, quotedAt: entry.position, what: "The time of `after`") else { return nil }
      return AfterDefinition(delay: delay, transitions: transitions)
    }
  }

  private mutating func transitions(_ member: SourceMember, _ place: TransitionPlace) -> [TransitionDefinition] {
    guard case .array = member.value.json else { return transition(member.value, place).map { [$0] } ?? [] }
    if member.value.elements.isEmpty {
      report(
        .valueEmpty, member.value.position, "The list of transitions is empty.",
        mend: "Write {} for acknowledging without effect.")
    }
    let limit = DefinitionLimits.maximumAlternatives
    let count = member.value.elements.count
    checkCount(count, limit, named: "maximumAlternatives", what: "transitions for one cause", member.position)
    return member.value.elements.prefix(limit).compactMap { transition($0, place) }
  }

  mutating func transition(_ node: SourceNode, _ place: TransitionPlace) -> TransitionDefinition? {
    guard let fields = fields(node, place.shape) else { return nil }
    var transition = TransitionDefinition(position: node.position)
    transition.when = expression(fields["when"])
    transition.set = assignments(fields["set"])
    transition.correlate = correlations(fields["correlate"])
    transition.compensate = expression(fields["compensate"])
    transition.isPivot = boolean(fields["pivot"])
    transition.publish = publications(fields["publish"])
    transition.goto = fields["goto"].flatMap { name($0.value, what: "`goto`") }
    if let pivot = fields["pivot"], transition.isPivot, fields["compensate"] != nil {
      report(
        .fieldUseless, pivot.position,
        "A pivot discards what is owed, and `compensate` undoes it: the transition has both.",
        mend: "Keep one of them.")
    }
    checkGoto(fields, place)
    return transition
  }

  private mutating func checkGoto(_ fields: SourceFields, _ place: TransitionPlace) {
    if fields["goto"] != nil { return }
    switch place {
    case .start:
      report(
        .transitionGoto, fields.position, "The transition starts the role and has no `goto`.",
        mend: "Name the state in which an instance begins.")
    case .handler, .outcome:
      guard let compensate = fields["compensate"] else { return }
      report(
        .transitionGoto, compensate.position, "The transition compensates and has no `goto`.",
        mend: "Name the state that follows when everything is undone, such as one with \"final\": \"compensated\".")
    case .orchestrationStart, .orchestrationHandler: break
    }
  }
}

extension DefinitionShape {
  /// Takes a field away; `mend` says what to do instead.
  mutating func misplace(_ field: String, _ mend: String) {
    self = DefinitionShape(
      title: title, fields: fields.filter { $0 != field }, misplaced: misplaced.merging([field: mend]) { $1 })
  }
}
