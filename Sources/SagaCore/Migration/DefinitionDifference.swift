/// What a new version of a definition means for the instances that run under the old one.
///
/// It says for every state, and for every step that may be under way or have its undo owed, whether an instance that is there may
/// move, and asks the very function that moves instances (`MigrationPlan.migrate`). What an instance's own data and kept messages
/// are cannot be known here: a dry run of the migration tells that.
public struct DefinitionDifference: Sendable {
  /// What an instance at a place may do.
  public enum Verdict: String, Sendable, Hashable, Comparable {
    /// Instances there may move as they are.
    case mayMove = "may-move"
    /// They may when a mapping says how.
    case needsMapping = "needs-mapping"
    /// They end under the version they run under.
    case mustStay = "must-stay"

    private var rank: Int {
      switch self {
      case .mayMove: 0
      case .needsMapping: 1
      case .mustStay: 2
      }
    }
    public static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }

    init(_ obstacles: [MigrationObstacle]) {
      self = obstacles.isEmpty ? .mayMove : obstacles.allSatisfy { $0.mend != nil } ? .needsMapping : .mustStay
    }
  }

  /// A place where an instance can be.
  public struct Place: Sendable, Hashable {
    /// What kind of place it is.
    public enum Kind: String, Sendable, Hashable {
      /// At rest in a state, with no step under way.
      case state
      /// A step's command is out, or the step waits.
      case step
      /// A step is done, and its undo is owed.
      case undo
    }
    /// What kind of place it is.
    public var kind: Kind
    /// Of the state, or of the step.
    public var name: String
    /// The state that the step runs in.
    public var state: String
    /// Why an instance there cannot move as it is; empty where it may.
    public var obstacles: [MigrationObstacle]
    /// What the obstacles come to.
    public var verdict: Verdict { Verdict(obstacles) }
  }

  /// One role; an orchestration has one, without a name.
  public struct Role: Sendable {
    /// The role's name; empty for an orchestration.
    public var name: String
    /// Every state, and every step that may be under way or owed.
    public var places: [Place]
    /// States that only the new version has.
    public var newStates: [String]
    /// What can be said of the data of every instance, by its schemas.
    public var data: [SchemaFinding]
    /// The worst of its places.
    public var verdict: Verdict { places.map(\.verdict).max() ?? .mayMove }
  }

  /// The version that instances run under.
  public var old: MachineIdentity
  /// The version that they may move to.
  public var new: MachineIdentity
  /// The roles that both versions have.
  public var roles: [Role]
  /// Roles of the old version that the new one has not: their instances stay.
  public var removedRoles: [String]
  /// Roles that only the new version has.
  public var addedRoles: [String]
  /// Message types that only the new version has.
  public var addedMessages: [String]
  /// Message types that only the old version has.
  public var removedMessages: [String]
  /// Messages that find their saga by another expression.
  public var rekeyedMessages: [String]

  /// The worst of all places.
  public var verdict: Verdict {
    roles.reduce(removedRoles.isEmpty ? .mayMove : .mustStay) { worst, role in
      max(worst, role.verdict, role.data.isEmpty ? .mayMove : .needsMapping)
    }
  }

  /// Compares two versions of a definition.
  ///
  /// - Precondition: both are without errors (`LoadedDefinition.hasErrors`); one that has any has no roles to compare.
  /// - Throws: `MigrationMappingError` where the mapping does not fit the two.
  public init(
    from old: LoadedDefinition, to new: LoadedDefinition, mapping: MigrationMapping = .none
  ) throws(MigrationMappingError) {
    let (before, after) = (old.machines, new.machines)
    guard let first = before.first, let last = after.first else {
      preconditionFailure("definitions with errors have no roles")
    }
    self.old = MachineIdentity(saga: first.identity.saga, version: first.identity.version, role: "")
    self.new = MachineIdentity(saga: last.identity.saga, version: last.identity.version, role: "")
    removedRoles = before.map(\.identity.role).filter { role in !after.contains { $0.identity.role == role } }
    addedRoles = after.map(\.identity.role).filter { role in !before.contains { $0.identity.role == role } }
    for name in mapping.roleNames where !before.contains(where: { $0.identity.role == name }) {
      throw MigrationMappingError(
        place: name.isEmpty ? "" : "/roles/\(name)",
        message: name.isEmpty
          ? "the roles of a choreography have each their own part: {\"roles\": {\"\(first.identity.role)\": {…}}}"
          : "\(self.old) has no role '\(name)'")
    }
    var found: [Role] = []
    for machine in before {
      guard let target = after.first(where: { $0.identity.role == machine.identity.role }) else { continue }
      let plan = try MigrationPlan(from: machine, to: target, mapping: mapping)
      found.append(plan.difference)
    }
    roles = found
    let (oldTypes, newTypes) = (first.model.messages, last.model.messages)
    addedMessages = newTypes.keys.filter { oldTypes[$0] == nil }.sorted()
    removedMessages = oldTypes.keys.filter { newTypes[$0] == nil }.sorted()
    rekeyedMessages = oldTypes.keys.filter { type in
      newTypes[type].map { $0.key?.text != oldTypes[type]?.key?.text } ?? false
    }.sorted()
  }
}

extension KeyModel {
  fileprivate var text: String {
    switch self {
    case .primary(let expression): expression.program.source
    case .named(let name, let expression): "\(name): \(expression.program.source)"
    }
  }
}

extension MigrationPlan {
  /// What moving means for every place of the role.
  fileprivate var difference: DefinitionDifference.Role {
    var places: [DefinitionDifference.Place] = []
    for (index, state) in old.model.states.enumerated() where state.final == nil {
      places.append(place(.state, state.name, in: state, example(in: index, block: nil)))
      guard let root = state.root else { continue }
      for node in old.model.subtree(of: root) {
        let model = old.model.nodes[node]
        if model.isCall, let block = old.model.frame(at: node, in: root) {
          places.append(place(.step, model.name, in: state, example(in: index, block: block)))
        }
        if let undo = old.model.undo(of: node) {
          var instance = example(in: index, block: nil)
          instance.owed = [.undo(.example(of: node, undo))]
          // What the state itself says is said already.
          let own = obstacles(instance).filter { !obstacles(example(in: index, block: nil)).contains($0) }
          places.append(
            DefinitionDifference.Place(kind: .undo, name: model.name, state: state.name, obstacles: own))
        }
      }
    }
    let (before, after) = (old.model.states.map(\.name), new.model.states.map(\.name))
    let isComputed = !mapping.set.isEmpty || !mapping.drop.isEmpty
    let data =
      isComputed
      ? []
      : SchemaCompatibility.findings(
        old: old.model.dataSchema ?? .anything, new: new.model.dataSchema ?? .anything, mode: .backward)
    return DefinitionDifference.Role(
      name: old.identity.role, places: places, newStates: after.filter { !before.contains($0) },
      data: data.filter(\.isFailure))
  }

  private func place(
    _ kind: DefinitionDifference.Place.Kind, _ name: String, in state: StateModel, _ instance: Instance
  ) -> DefinitionDifference.Place {
    DefinitionDifference.Place(kind: kind, name: name, state: state.name, obstacles: obstacles(instance))
  }

  /// Everything but what the instance's own data says.
  private func obstacles(_ instance: Instance) -> [MigrationObstacle] {
    let context = DecisionContext(now: instance.updatedAt, epoch: 1)
    guard case .stays(let obstacles) = migrate(instance, keeping: [], by: "", reason: "", context: context) else {
      return []
    }
    return obstacles.filter { $0.code != .data && $0.code != .correlation }
  }

  private func example(in state: Int, block: Frame?) -> Instance {
    let time = Timestamp(milliseconds: 0)
    return Instance(
      Instance.Fields(
        uid: Hash128.of(""), key: "example", revision: 1, status: .running, isPaused: false, startedAt: time,
        updatedAt: time, closedAt: nil, state: state, visit: 1, data: old.model.initialData, failure: nil,
        correlations: [], starterCorrelation: nil, traceParent: nil, isPivoted: false, block: block, owed: [],
        unwinding: nil, pending: [], timers: [], deferred: [], abandoned: [], repairs: [], answered: [],
        entryProblem: nil, nextCall: 1))
  }
}

extension OwedUndo {
  /// An undo as it is owed after the node's success.
  fileprivate static func example(of node: Int, _ undo: UndoModel) -> OwedUndo {
    OwedUndo(
      node: node, indexes: [], item: nil, visit: 1, round: 0, actionKey: Hash128.of(""), event: nil,
      // The reply is kept where the undo reads it; one without a reply stands for that here.
      isUnknown: undo.usesEvent, repetition: 0, phase: .owed)
  }
}

extension MachineModel {
  /// The nodes at and below one, in the order of the text.
  fileprivate func subtree(of node: Int) -> [Int] { [node] + parts.nodes[node].children.flatMap { subtree(of: $0) } }

  /// The frame of a block in which just this call is under way; nil where it is not below `root`.
  fileprivate func frame(at call: Int, in root: Int) -> Frame? {
    if root == call {
      return .call(
        Call(
          number: 1, node: call, indexes: [], item: nil, visit: 1, round: 0, attempt: 1,
          idempotencyKey: Hash128.of(""), unsettled: [], hasTimedOut: false, phase: .waiting))
    }
    switch parts.nodes[root].kind {
    case .call, .set, .fail, .publish: return nil
    case .sequence(let children):
      for (index, child) in children.enumerated() {
        if let inner = frame(at: call, in: child) {
          return .sequence(node: root, position: index, child: inner, owed: [])
        }
      }
      return nil
    case .parallel(let bodies):
      guard let index = bodies.firstIndex(where: { frame(at: call, in: $0) != nil }) else { return nil }
      let branches = bodies.enumerated().map { $0 == index ? frame(at: call, in: $1) : .ready(node: $1, problem: nil) }
      return .parallel(node: root, branches: branches, owed: [])
    case .forEach(_, _, let body):
      return frame(at: call, in: body).map {
        .forEach(node: root, items: [.null], next: 1, active: [IndexedFrame(index: 0, frame: $0)], owed: [])
      }
    case .choose(let choices):
      for (index, choice) in choices.enumerated() {
        if let inner = frame(at: call, in: choice.body) { return .choose(node: root, branch: index, child: inner) }
      }
      return nil
    case .attempt(let body, let recovery):
      if let inner = frame(at: call, in: body) { return .attempt(node: root, child: inner) }
      return frame(at: call, in: recovery).map { .catching(node: root, child: $0, failure: nil) }
    }
  }
}
