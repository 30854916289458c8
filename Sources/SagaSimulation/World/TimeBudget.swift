import SagaCore

/// How long the sagas of some definitions may take to settle when nothing goes wrong any more, by what they say themselves:
/// attempts, timeouts, backoff, `after` and undos, one after another.
struct TimeBudget: Sendable {
  /// The sum; nil where an expression says some of the times, or the data how often they come: a state that can be entered
  /// again, or a wait for each element of a list.
  private(set) var milliseconds: Int64? = 0
  /// The literal times of every `after`, ascending.
  private(set) var afters: [Int64] = []

  /// For how many elements a call in a list is given at most, for all that payloads and scenarios are likely to have.
  private static let elements: Int64 = 16
  /// What comes on top, whatever the definition says: copies that come again days later, services that are down,
  /// messages from outside that wait for a value to be recorded.
  static let slackMilliseconds: Int64 = 3 * 86_400_000

  init(_ definitions: [Definition]) {
    for definition in definitions {
      for role in definition.roles { add(role) }
    }
    afters = Set(afters).sorted()
  }

  /// The time after which the longest `after` is over.
  var longestAfter: Int64 { afters.last ?? 0 }

  private mutating func add(_ role: RoleDefinition) {
    let graph = StateGraph(role)
    for after in role.after { add(after) }
    // A call may be in flight when compensation begins.
    add(role.settle.map(\.literal) ?? MachineLimits.settleMilliseconds)
    for (index, state) in role.states.enumerated() {
      for after in state.after { add(after) }
      let steps = state.steps ?? []
      if graph.isEnteredAgain(index), !(state.after.isEmpty && steps.isEmpty) { milliseconds = nil }
      let hasList = steps.contains(where: \.hasList)
      for step in steps { step.visitCalls { call, _ in add(call, hasList: hasList) } }
    }
  }

  private mutating func add(_ after: AfterDefinition) {
    if let literal = after.delay.literal { afters.append(literal) }
    add(after.delay.literal)
  }

  private mutating func add(_ call: CallDefinition, hasList: Bool) {
    if hasList, call.command == nil { milliseconds = nil }
    let delays = [call.timeout, call.retry?.delay, call.retry?.maxDelay] + call.replies.map(\.again)
    if delays.contains(where: { $0 != nil && $0?.literal == nil }) { milliseconds = nil }
    add(call.longestMilliseconds, times: hasList ? TimeBudget.elements : 1)
    for reply in call.replies where reply.again != nil { add(reply.again?.literal) }
  }

  private mutating func add(_ literal: Int64?, times: Int64 = 1) {
    guard let literal, let sum = milliseconds else {
      milliseconds = nil
      return
    }
    let (product, overflow) = literal.multipliedReportingOverflow(by: times)
    let (total, isTooMuch) = sum.addingReportingOverflow(product)
    milliseconds = overflow || isTooMuch ? nil : total
  }
}

extension StepDefinition {
  /// Whether some of it is repeated for each element of a list.
  fileprivate var hasList: Bool {
    switch self {
    case .call, .publish, .set, .fail: false
    case .forEach: true
    case .parallel(let branches, _): branches.joined().contains(where: \.hasList)
    case .choose(let choices, _): choices.contains { $0.steps.contains(where: \.hasList) }
    case .attempt(let steps, let recovery, _): (steps + recovery).contains(where: \.hasList)
    }
  }
}
