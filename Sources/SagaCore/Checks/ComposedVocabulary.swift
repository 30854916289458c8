/// The message types that go between the roles of a choreography, as indexes.
struct ComposedVocabulary {
  /// Every type that some role takes, in order of their names.
  let types: [String]
  let index: [String: Int]
  /// Roles that take each type as an event.
  let receivers: [[Int]]
  /// Whether a role publishes the type, or sends it as a command.
  let isSent: [Bool]
  /// Types that only come from outside, and that a role takes as an event.
  let external: [Int]
  /// Of these, the types that start a role.
  let externalStarts: [Int]
  /// Whether the type is published where something has failed.
  let tellsFailure: [Bool]

  init(_ roles: [CheckedRole]) {
    let types = distinct(roles.flatMap { $0.takenTypes.map(\.value) }).sorted()
    let index = Dictionary(uniqueKeysWithValues: types.enumerated().map { ($1, $0) })
    let sent = Set(roles.flatMap { $0.sentTypes.map(\.value) })
    let failing = Set(roles.flatMap(\.failureTypes))
    receivers = types.map { type in
      roles.indices.filter {
        roles[$0].takesAsEvent(type) || (sent.contains(type) && roles[$0].model.takers[type] != nil)
      }
    }
    isSent = types.map { sent.contains($0) }
    tellsFailure = types.map { failing.contains($0) }
    let external = types.indices.filter { type in
      !sent.contains(types[type]) && roles.contains { $0.takesAsEvent(types[type]) }
    }
    let starting = external.filter { type in roles.contains { $0.model.starts[types[type]] != nil } }
    self.external = external
    externalStarts = starting
    self.types = types
    self.index = index
  }
}

extension CheckedRole {
  /// Whether `start`, a state or the role handles the type, and not only a step.
  fileprivate func takesAsEvent(_ type: String) -> Bool {
    model.starts[type] != nil || model.on[type] != nil || model.states.contains { $0.on[type] != nil }
  }

  /// Types published by transitions that compensate, that follow a failure, or that end compensated.
  fileprivate var failureTypes: [String] {
    let compensated = Set(states.filter { $0.final == .compensated }.map(\.name))
    var failing = allTransitions.filter { transition in
      transition.compensate != nil || transition.goto.map { compensated.contains($0.value) } ?? false
    }
    failing += states.compactMap(\.failed)
    return failing.flatMap { $0.publish.map(\.name) }
  }
}
