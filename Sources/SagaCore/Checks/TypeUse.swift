extension RoleDefinition {
  /// Every place that takes a type, in the order of the file.
  package var takenTypes: [Located<String>] {
    var found = (start + on + states.flatMap(\.on)).map { Located($0.type, at: $0.position) }
    for call in calls {
      found += call.replies.map { Located($0.type, at: $0.position) }
      if case .call(let undo) = call.undo { found += undo.replies.map { Located($0.type, at: $0.position) } }
    }
    for case .publish(let step) in states.flatMap({ ($0.steps ?? []).flatMap(\.all) }) {
      if case .call(let undo) = step.undo { found += undo.replies.map { Located($0.type, at: $0.position) } }
    }
    return found.sorted { $0.position < $1.position }
  }

  package var publishedTypes: [Located<String>] {
    var members = allTransitions.flatMap(\.publish)
    for step in states.flatMap({ ($0.steps ?? []).flatMap(\.all) }) {
      switch step {
      case .publish(let publish):
        members += publish.messages
        if case .publish(let undone, _) = publish.undo { members += undone }
      case .call(let call):
        if case .publish(let undone, _) = call.undo { members += undone }
      default: break
      }
    }
    return members.map { Located($0.name, at: $0.position) }.sorted { $0.position < $1.position }
  }

  package var commandTypes: [Located<String>] {
    var commands = calls.compactMap(\.command)
    for call in calls {
      if case .call(let undo) = call.undo, let command = undo.command { commands.append(command) }
    }
    for case .publish(let step) in states.flatMap({ ($0.steps ?? []).flatMap(\.all) }) {
      if case .call(let undo) = step.undo, let command = undo.command { commands.append(command) }
    }
    return commands.map(\.type)
  }

  /// Every `correlate`.
  var correlated: [TemplateMember] {
    var members = allTransitions.flatMap(\.correlate)
    for call in calls { members += call.replies.flatMap(\.correlate) }
    return members
  }

  /// Every transition, in the order of the file as far as its parts have one.
  var allTransitions: [TransitionDefinition] {
    var found = (start + on).flatMap(\.transitions) + after.flatMap(\.transitions)
    for state in states {
      found += state.on.flatMap(\.transitions) + state.after.flatMap(\.transitions)
      found += [state.done, state.failed].compactMap { $0 }
    }
    return found
  }
}

/// Each name once, in the order given.
package func distinct(_ names: [String]) -> [String] {
  var seen: Set<String> = []
  return names.filter { seen.insert($0).inserted }
}
