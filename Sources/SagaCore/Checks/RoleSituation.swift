/// Where one role stands, without what no other role can notice: the data, the attempts, the calls to participants.
struct RoleSituation: Hashable, Sendable {
  enum Phase: Hashable, Sendable { case absent, running, completed, compensated }
  var phase = Phase.absent
  var state = 0
  /// The open part of the state's steps.
  var frame: StepFrame?
  /// Nodes whose publication must be taken back by another one if the role fails, oldest first.
  var owed: [Int] = []
  /// How many of `owed` are older than the state's steps.
  var base = 0
  var isPivoted = false
  /// Entries of the state's and of the role's `after` that have fired.
  var firedInState: [Int] = []
  var firedInRole: [Int] = []

  static let absent = RoleSituation()
}

/// The open part of a step tree.
indirect enum StepFrame: Hashable, Sendable {
  /// A step that waits.
  case open(Int)
  case sequence(node: Int, position: Int, child: StepFrame)
  /// A finished branch is nil.
  case parallel([StepFrame?])
  case inside(StepFrame)
  /// `base`: how many publications were owed before the `try`.
  case attempt(node: Int, base: Int, child: StepFrame)

  /// The steps that wait.
  var openNodes: [Int] {
    switch self {
    case .open(let node): [node]
    case .sequence(_, _, let child), .inside(let child), .attempt(_, _, let child): child.openNodes
    case .parallel(let branches): branches.flatMap { $0?.openNodes ?? [] }
    }
  }

  /// Whether something in here that is not yet left takes the type.
  func mayTake(_ type: String, _ model: MachineModel) -> Bool {
    switch self {
    case .open(let node): return model.nodes[node].takes.contains(type)
    case .inside(let child): return child.mayTake(type, model)
    case .parallel(let branches): return branches.contains { $0?.mayTake(type, model) ?? false }
    case .sequence(let node, let position, let child):
      guard case .sequence(let children) = model.nodes[node].kind else { return false }
      return child.mayTake(type, model)
        || children.dropFirst(position + 1).contains { model.nodes[$0].takes.contains(type) }
    case .attempt(let node, _, let child):
      guard case .attempt(_, let recovery) = model.nodes[node].kind else { return false }
      return child.mayTake(type, model) || model.nodes[recovery].takes.contains(type)
    }
  }
}

/// What a role can do next, and what the others see of it.
struct RoleMove {
  var next: RoleSituation
  /// Types sent, in order.
  var sent: [Int]
  /// What happens, for traces.
  var text: String
  /// The data decide whether this happens.
  var isGuarded = false
  /// It may take longer than any timer: an answer to what is sent until it is answered.
  var mayTakeLong = false
  /// There are more ways than are followed.
  var isCut = false
  /// The role gives up: a `compensate` or the way into a compensated end.
  var givesUp = false
  var position: SourcePosition
}

/// What a role does with a message that is there.
enum Reception {
  /// Stays where it is until the role can take it.
  case kept
  case moves([RoleMove])
  /// Acknowledged without effect.
  case late
  /// A dead letter.
  case refused
}
