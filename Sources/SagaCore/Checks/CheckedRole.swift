/// A role as the checks see it: the definition, which knows every place, beside the compiled model.
///
/// `role.states` and `model.states` have the same order, so one index serves both.
struct CheckedRole {
  let definition: Definition
  let role: RoleDefinition
  let model: MachineModel
  let edges: [StateEdge]
  /// Every place that takes a type, in the order of the file.
  let takenTypes: [Located<String>]
  /// For each state, those that can follow it.
  private let following: [Set<Int>]
  /// Compiled expressions by where they stand.
  private let expressions: [Int: Expression]

  init(definition: Definition, role: RoleDefinition, model: MachineModel) {
    self.definition = definition
    self.role = role
    self.model = model
    var found: [Int: Expression] = [:]
    model.forEachExpression { found[$0.position.offset] = $0 }
    expressions = found
    edges = StateEdge.all(of: role)
    takenTypes = role.takenTypes
    following = model.states.map { Set($0.reachable) }
  }

  var isOrchestration: Bool { definition.mode == .orchestration }
  var states: [StateDefinition] { role.states }

  /// How messages call the role: empty for an orchestration.
  var suffix: String { isOrchestration ? "" : " of role '\(role.name)'" }

  func compiled(_ source: ExpressionSource) -> Expression? { expressions[source.position.offset] }

  /// The value of a guard that is the same for every instance; true where there is none.
  func constant(_ source: ExpressionSource?) -> Bool? {
    guard let source else { return true }
    guard case .bool(let value) = compiled(source)?.program.constantValue else { return nil }
    return value
  }

  /// Whether some transition always holds, so that the list leaves nothing out.
  func covers(_ transitions: [TransitionDefinition]) -> Bool { transitions.contains { constant($0.when) == true } }

  /// Whether the second state can follow the first after any number of transitions.
  func leads(from first: Int, to second: Int) -> Bool { following[first].contains(second) }

  /// Whether an instance can come back to the first state by way of the second.
  func inCycle(_ first: Int, _ second: Int) -> Bool { leads(from: first, to: second) && leads(from: second, to: first) }

  /// States that an instance can ever be in.
  var reached: [Int] {
    let starts = Set(edges.filter { $0.source == nil }.map(\.target))
    return states.indices.filter { state in starts.contains { $0 == state || leads(from: $0, to: state) } }
  }
}

/// A way from one state into another.
struct StateEdge {
  enum Cause {
    case start(String)
    case message(String)
    case after(AfterDefinition)
    case done, failed
  }
  /// nil for the start of an instance.
  var source: Int?
  var target: Int
  var cause: Cause
  /// Stands at the role: taken from every open state.
  var isRoleWide = false
  var transition: TransitionDefinition

  static func all(of role: RoleDefinition) -> [StateEdge] {
    var builder = StateEdgeBuilder(role: role)
    builder.build()
    return builder.edges
  }
}

private struct StateEdgeBuilder {
  let role: RoleDefinition
  let index: [String: Int]
  var edges: [StateEdge] = []

  init(role: RoleDefinition) {
    self.role = role
    index = Dictionary(role.states.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  mutating func build() {
    for handler in role.start { add(handler.transitions, from: nil, .start(handler.type)) }
    for (number, state) in role.states.enumerated() where state.final == nil {
      for handler in state.on { add(handler.transitions, from: number, .message(handler.type)) }
      for entry in state.after { add(entry.transitions, from: number, .after(entry)) }
      if let done = state.done { add([done], from: number, .done) }
      if let failed = state.failed { add([failed], from: number, .failed) }
      for handler in role.on { add(handler.transitions, from: number, .message(handler.type), isRoleWide: true) }
      for entry in role.after { add(entry.transitions, from: number, .after(entry), isRoleWide: true) }
    }
  }

  private mutating func add(
    _ transitions: [TransitionDefinition], from source: Int?, _ cause: StateEdge.Cause, isRoleWide: Bool = false
  ) {
    for transition in transitions {
      guard let name = transition.goto?.value, let target = index[name] else { continue }
      edges.append(
        StateEdge(source: source, target: target, cause: cause, isRoleWide: isRoleWide, transition: transition))
    }
  }
}

extension CheckedRole {
  var sentTypes: [Located<String>] { role.publishedTypes + role.commandTypes }
  var publishedTypes: [Located<String>] { role.publishedTypes }
  var correlated: [TemplateMember] { role.correlated }
  var allTransitions: [TransitionDefinition] { role.allTransitions }
}
