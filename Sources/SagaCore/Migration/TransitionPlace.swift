/// Where a transition stands in a role: how the same transition is found in another version.
struct TransitionPlace: Sendable, Hashable, CustomStringConvertible {
  enum Trigger: Sendable, Hashable {
    case start(String)
    case on(String)
    case after(Int)
    case done, failed
  }
  /// The state that has it; nil for the role itself.
  var state: String?
  var trigger: Trigger
  /// Among the transitions of the same trigger.
  var index: Int

  func renamed(_ name: (String) -> String) -> TransitionPlace {
    var copy = self
    copy.state = state.map(name)
    return copy
  }

  var description: String {
    let what =
      switch trigger {
      case .start(let type): "start \(type)"
      case .on(let type): "on \(type)"
      case .after(let index): "after \(index + 1)"
      case .done: "done"
      case .failed: "failed"
      }
    return (state.map { "\($0) " } ?? "") + what + (index == 0 ? "" : " (\(index + 1))")
  }
}

extension MachineModel {
  /// Where a transition stands.
  func place(of transition: Int) -> TransitionPlace? {
    placedTransitions.first { $0.index == transition }?.place
  }

  /// The transition that stands somewhere; nil where there is none.
  func transition(at place: TransitionPlace) -> Int? {
    placedTransitions.first { $0.place == place }?.index
  }

  /// The `after` of a state, or of the role itself.
  func timers(of state: String?) -> [AfterModel] {
    guard let state else { return parts.after }
    return parts.states.first { $0.name == state }?.after ?? []
  }

  private var placedTransitions: [(place: TransitionPlace, index: Int)] {
    var found: [(place: TransitionPlace, index: Int)] = []
    func add(_ transitions: [Int], _ state: String?, _ trigger: TransitionPlace.Trigger) {
      for (order, index) in transitions.enumerated() {
        found.append((TransitionPlace(state: state, trigger: trigger, index: order), index))
      }
    }
    for type in parts.starts.keys.sorted() { add(parts.starts[type] ?? [], nil, .start(type)) }
    for type in parts.on.keys.sorted() { add(parts.on[type] ?? [], nil, .on(type)) }
    for (index, entry) in parts.after.enumerated() { add(entry.transitions, nil, .after(index)) }
    for state in parts.states {
      for type in state.on.keys.sorted() { add(state.on[type] ?? [], state.name, .on(type)) }
      for (index, entry) in state.after.enumerated() { add(entry.transitions, state.name, .after(index)) }
      if let done = state.done { add([done], state.name, .done) }
      if let failed = state.failed { add([failed], state.name, .failed) }
    }
    return found
  }
}
