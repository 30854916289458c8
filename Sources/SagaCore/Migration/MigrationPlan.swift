import CEL

/// How the instances of one version of a role become those of another: which state, step, timer and transition is which.
///
/// Nothing here is guessed where a wrong guess would lose an effect: what has no counterpart is an obstacle for the instances
/// that need it. The idea that a running process may move exactly when its course so far could have been taken under the new
/// definition is the compliance criterion of Rinderle, Reichert and Dadam, "Correctness criteria for dynamic changes in workflow
/// systems" (2004).
public struct MigrationPlan: Sendable {
  /// The version that instances move from.
  public let old: Machine
  /// The version that they move to.
  public let new: Machine
  let mapping: RoleMapping
  let states: [StateTarget?]
  let steps: StepTargets
  let set: [Assignment]
  let correlate: [Assignment]

  struct StateTarget: Sendable {
    var index: Int
    var isEntered: Bool
  }

  /// `StepPairing`'s outcome, by old and by new node.
  struct StepTargets: Sendable {
    var target: [Int?]
    var source: [Int?]
  }

  /// Plans the move between two versions of a role.
  ///
  /// - Throws: `MigrationMappingError` where the mapping names what neither version has, or where an expression of it is wrong.
  public init(from old: Machine, to new: Machine, mapping: MigrationMapping = .none) throws(MigrationMappingError) {
    self.old = old
    self.new = new
    let role = old.identity.role
    let own = mapping.role(role)
    self.mapping = own
    let place = role.isEmpty ? "" : "/roles/\(role)"
    try MigrationPlan.checkNames(own, old, new, place)
    var targets: [StateTarget?] = []
    for state in old.model.states {
      let named = own.states[state.name]
      let name = named?.state ?? state.name
      let index = new.model.states.firstIndex { $0.name == name }
      targets.append(index.map { StateTarget(index: $0, isEntered: named?.isEntered ?? false) })
    }
    states = targets
    let pairs = targets.enumerated().compactMap { index, target in
      target.flatMap { $0.isEntered ? nil : (old: index, new: $0.index) }
    }
    let pairing = StepPairing(old.model, new.model, states: pairs, renamed: own.steps)
    steps = StepTargets(target: pairing.target, source: pairing.source)
    set = try own.set.map { member throws(MigrationMappingError) in
      try MigrationPlan.assignment(member, old, "\(place)/set")
    }
    correlate = try own.correlate.map { member throws(MigrationMappingError) in
      try MigrationPlan.assignment(member, old, "\(place)/correlate")
    }
  }

  private static func checkNames(
    _ mapping: RoleMapping, _ old: Machine, _ new: Machine, _ place: String
  ) throws(MigrationMappingError) {
    func check(_ name: String, _ member: String, among names: [String], _ machine: Machine)
      throws(MigrationMappingError)
    {
      if names.contains(name) { return }
      let hint = nearestName(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw MigrationMappingError(
        place: "\(place)/\(member)", message: "\(machine.identity) has no '\(name)'\(hint)")
    }
    let (oldStates, newStates) = (old.model.states.map(\.name), new.model.states.map(\.name))
    let (oldSteps, newSteps) = (old.model.callNames, new.model.callNames)
    for (name, target) in mapping.states.sorted(by: { $0.key < $1.key }) {
      try check(name, "states", among: oldStates, old)
      try check(target.state, "states/\(name)", among: newStates, new)
    }
    for (name, target) in mapping.steps.sorted(by: { $0.key < $1.key }) {
      try check(name, "steps", among: oldSteps, old)
      try check(target, "steps/\(name)", among: newSteps, new)
      // Calls of the old step have gone out under keys made of its name.
      if target != name, newSteps.contains(name) {
        throw MigrationMappingError(
          place: "\(place)/steps/\(name)",
          message:
            "\(new.identity) has another step '\(name)', whose calls would have the idempotency keys of the old one; "
            + "give it a name that no step had")
      }
    }
    for name in mapping.skip { try check(name, "skip", among: new.model.nodes.map(\.name), new) }
  }

  /// Expressions see the instance's data as it was in the old version, and may be checked against that.
  private static func assignment(
    _ member: RoleMapping.Member, _ old: Machine, _ place: String
  ) throws(MigrationMappingError) -> Assignment {
    Assignment(name: member.name, value: try template(member.value, old, "\(place)/\(member.name)"))
  }

  private static func template(_ json: JSON, _ old: Machine, _ place: String) throws(MigrationMappingError)
    -> TemplateModel
  {
    switch json {
    case .string(let text):
      let variables: [ScopeVariable] = [.data, .saga, .now]
      let environment = CELEnvironment(variables: [
        ("data", old.model.dataSchema?.celType ?? .dyn), ("saga", .object(ScopeTypes.saga)), ("now", .timestamp),
      ])
      do {
        let program = try environment.compile(text)
        let start = SourcePosition(offset: 0, line: 1, column: 1)
        return .expression(Expression(program: program, variables: variables, position: start))
      } catch {
        throw MigrationMappingError(place: place, message: "'\(text)': \(error.message)")
      }
    case .array(let elements):
      var result: [TemplateModel] = []
      for (index, element) in elements.enumerated() { result.append(try template(element, old, "\(place)/\(index)")) }
      return .array(result)
    case .object(let members):
      var result: [(name: String, value: TemplateModel)] = []
      for (name, value) in members { result.append((name: name, value: try template(value, old, "\(place)/\(name)"))) }
      return .object(result)
    case .null, .bool, .int, .double: return .constant(json)
    }
  }

  /// The steps of the new version that are not in the old one at and below a node, and that no mapping skips.
  ///
  /// What stands in a branch of a `choose` or in a `catch` is no part of the way everybody takes.
  func newSteps(in node: Int) -> [String] {
    let model = new.model.nodes[node]
    if mapping.skip.contains(model.name) { return [] }
    switch model.kind {
    case .call, .set, .fail, .publish, .choose: return steps.source[node] == nil ? [model.name] : []
    case .attempt(let body, _): return newSteps(in: body)
    case .sequence, .forEach, .parallel: return model.children.flatMap { newSteps(in: $0) }
    }
  }

  /// Which `after` of the new list is which of the old one: those that do the same, of the same delay first.
  ///
  /// One that has fired has done what it does and nothing else. One that still runs may also be known by its delay alone, or by
  /// where it leads.
  ///
  /// - Parameters:
  ///   - isOfRole: whether these are the role's own. One of a state that has fired has not led out of it, or the instance would be
  ///     elsewhere.
  ///   - isRunning: whether the timer of an old one has not fired yet.
  func pairs(
    _ before: [AfterModel], _ entries: [AfterModel], ofRole isOfRole: Bool, isRunning: (Int) -> Bool
  ) -> [Int?] {
    let were = before.map { AfterEffect($0, in: old) { stateName(after: $0) } }
    let become = entries.map { AfterEffect($0, in: new) { new.model.states[$0].name } }
    var pairs: [Int?] = before.map { _ in nil }
    // One that has fired needs none: it must not take the only one from one that still runs.
    let order = before.indices.filter(isRunning) + before.indices.filter { !isRunning($0) }
    func pair(where isSame: (Int, Int) -> Bool) {
      for index in order where pairs[index] == nil {
        pairs[index] = entries.indices.first { !pairs.contains($0) && isSame(index, $0) }
      }
    }
    func hasSameDelay(_ one: Int, _ other: Int) -> Bool { before[one].text == entries[other].text }
    pair { hasSameDelay($0, $1) && were[$0] == become[$1] }
    pair { were[$0] == become[$1] && (isRunning($0) || isOfRole || !were[$0].leads) }
    pair { isRunning($0) && hasSameDelay($0, $1) }
    pair { isRunning($0) && were[$0].leads && were[$0].ways == become[$1].ways }
    return pairs
  }

  /// What a state of the old version is called in the new one; its own name where that has none.
  private func stateName(after state: Int) -> String {
    states[state].map { new.model.states[$0.index].name } ?? old.model.states[state].name
  }
}

/// What an `after` does, as far as two of them can be told apart; when it does so and with which values is left out.
private struct AfterEffect: Equatable {
  /// A way out of the state, or out of the role.
  struct Way: Hashable {
    let goto: String?
    let compensates: Bool
  }

  private(set) var ways: Set<Way> = []
  private var published: Set<String> = []
  private var assigned: Set<String> = []
  private var isPivot = false

  init(_ entry: AfterModel, in machine: Machine, stateName: (Int) -> String) {
    for index in entry.transitions {
      let transition = machine.model.transitions[index]
      ways.insert(Way(goto: transition.goto.map(stateName), compensates: transition.compensate != nil))
      published.formUnion(transition.publish.map(\.type))
      assigned.formUnion(transition.set.map(\.name))
      isPivot = isPivot || transition.isPivot
    }
  }

  /// Whether it ends what the instance does.
  var leads: Bool { ways.contains { $0.goto != nil || $0.compensates } }
}

extension MachineModel {
  /// The names of all calls, in the order of the text.
  var callNames: [String] { parts.nodes.filter(\.isCall).map(\.name) }
}
