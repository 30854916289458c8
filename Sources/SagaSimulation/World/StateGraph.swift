import SagaCore

/// Which states of a role can follow which.
struct StateGraph: Sendable {
  private var followers: [Set<Int>]

  init(_ role: RoleDefinition) {
    let index = Dictionary(
      role.states.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    func targets(_ transitions: [TransitionDefinition]) -> [Int] {
      transitions.compactMap { $0.goto.flatMap { index[$0.value] } }
    }
    let everywhere = targets(role.on.flatMap(\.transitions) + role.after.flatMap(\.transitions))
    var followers = role.states.map { state in
      state.final != nil
        ? Set<Int>()
        : Set(
          everywhere
            + targets(
              state.on.flatMap(\.transitions) + state.after.flatMap(\.transitions)
                + [state.done, state.failed].compactMap { $0 }))
    }
    // Everything that follows what follows.
    for middle in followers.indices {
      for first in followers.indices where followers[first].contains(middle) {
        followers[first].formUnion(followers[middle])
      }
    }
    self.followers = followers
  }

  func isEnteredAgain(_ state: Int) -> Bool { follows(state, state) }

  /// Whether the second can be entered after the first.
  func follows(_ first: Int, _ second: Int) -> Bool { followers[first].contains(second) }

  /// Whether everything in the first comes before everything in the second.
  func isBefore(_ first: Int, _ second: Int) -> Bool { follows(first, second) && !follows(second, first) }
}
