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

/// How long an attempt of a call is awaited, and what lies between two of them.
struct AttemptDelays: Sendable {
  /// In milliseconds; nil where an expression says it.
  let timeout: Int64?
  private let pause: Int64?
  private let longestPause: Int64?
  private let factor: Double
  private let jitter: Double

  /// - Parameter timeoutMilliseconds: where the call says nothing.
  init(_ call: CallDefinition, timeoutMilliseconds: Int64) {
    timeout = call.timeout.map(\.literal) ?? timeoutMilliseconds
    pause = call.retry?.delay.map(\.literal) ?? MachineLimits.retryDelayMilliseconds
    longestPause = call.retry?.maxDelay.map(\.literal) ?? MachineLimits.retryMaxDelayMilliseconds
    factor = call.retry?.factor ?? MachineLimits.retryFactor
    jitter = call.retry?.jitter ?? 0
  }

  /// Whether so many milliseconds may lie before an attempt, counted from 1.
  func allows(pause milliseconds: Int64, beforeAttempt attempt: Int64) -> Bool {
    guard let pause, let longestPause else { return true }
    var expected = Double(pause)
    for _ in 0..<max(0, attempt - 2) where expected < Double(longestPause) { expected *= factor }
    expected = min(expected, Double(longestPause))
    // Whole milliseconds.
    return abs(Double(milliseconds) - expected) <= expected * jitter + 1
  }
}

/// What a definition says about time, in milliseconds; nil where an expression says it.
struct RoleDelays: Sendable {
  private(set) var role: [Int64?]
  private(set) var states: [String: [Int64?]]
  /// What is said of the attempts of a step.
  private(set) var attempts: [String: AttemptDelays] = [:]
  /// The same of a step's undo.
  private(set) var undoAttempts: [String: AttemptDelays] = [:]
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
        attempts[call.name] = AttemptDelays(call, timeoutMilliseconds: MachineLimits.callTimeoutMilliseconds)
        if isTried { tried.insert(call.name) }
        guard case .call(let undo)? = call.undo else { continue }
        undoAttempts[call.name] = AttemptDelays(undo, timeoutMilliseconds: MachineLimits.undoTimeoutMilliseconds)
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

  /// How long an attempt of a step, or of its undo, is awaited at least.
  func leastWait(for step: String, isUndo: Bool) -> Int64 {
    let timeout = (isUndo ? undoAttempts : attempts)[step]?.timeout ?? 0
    return !isUndo && tried.contains(step) ? min(timeout, settle) : timeout
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
