import SagaCore

/// A role by its saga, whatever its version.
struct RoleName: Hashable, Sendable {
  var saga: String
  var role: String

  init(saga: String, role: String) {
    self.saga = saga
    self.role = role
  }

  init(_ identity: MachineIdentity) { self.init(saga: identity.saga, role: identity.role) }
}

/// What a definition says about time, in milliseconds; nil where an expression says it.
struct RoleDelays: Sendable {
  private(set) var role: [Int64?]
  private(set) var states: [String: [Int64?]]
  /// How long an attempt of a step is awaited.
  private(set) var actions: [String: Int64] = [:]
  /// The same of a step's undo.
  private(set) var undos: [String: Int64] = [:]
  /// Steps below a `try`: what is in flight there is awaited for less when another step fails, and undone while the saga
  /// goes on.
  private(set) var tried: Set<String> = []
  /// What is in flight when compensation begins is awaited for no longer than this.
  let settle: Int64

  init(_ definition: RoleDefinition) {
    role = definition.after.map(\.delay.literal)
    states = Dictionary(
      definition.states.map { ($0.name, $0.after.map(\.delay.literal)) }, uniquingKeysWith: { first, _ in first })
    settle = definition.settle.map { $0.literal ?? 0 } ?? MachineLimits.settleMilliseconds
    for state in definition.states { add(state.steps ?? [], isTried: false) }
  }

  private mutating func add(_ steps: [StepDefinition], isTried: Bool) {
    for step in steps {
      switch step {
      case .call(let call):
        let timeout = call.timeout.map { $0.literal ?? 0 } ?? MachineLimits.callTimeoutMilliseconds
        actions[call.name] = isTried ? min(timeout, settle) : timeout
        if isTried { tried.insert(call.name) }
        guard case .call(let undo)? = call.undo else { continue }
        undos[call.name] = undo.timeout.map { $0.literal ?? 0 } ?? MachineLimits.undoTimeoutMilliseconds
      case .set, .fail, .publish: break
      case .forEach(let loop): add(loop.steps, isTried: isTried)
      case .parallel(let branches, _): for branch in branches { add(branch, isTried: isTried) }
      case .choose(let choices, _): for choice in choices { add(choice.steps, isTried: isTried) }
      case .attempt(let steps, let recovery, _):
        add(steps, isTried: true)
        add(recovery, isTried: isTried)
      }
    }
  }

  /// What a timer of a state or role waits for at least.
  func delay(of timer: TimerName, in state: String) -> Int64? {
    let delays: [Int64?]
    let position: Int
    switch timer {
    case .role(let index): (delays, position) = (role, index)
    case .state(let index): (delays, position) = (states[state] ?? [], index)
    case .call: return nil
    }
    return delays.indices.contains(position) ? delays[position] : nil
  }
}
