/// How steps can come out, whatever the data.
struct StepOutlook: Equatable {
  var canComplete: Bool
  var canFail: Bool
  /// Some way through them waits for nothing: no reply, no message, no time.
  var canPassAtOnce: Bool
  /// Something in them waits.
  var canWait: Bool

  static let passes = StepOutlook(canComplete: true, canFail: false, canPassAtOnce: true, canWait: false)
}

extension CheckedRole {
  func outlook(_ steps: [StepDefinition]) -> StepOutlook {
    var result = StepOutlook.passes
    for step in steps {
      let next = outlook(step)
      if result.canComplete {
        result.canFail = result.canFail || next.canFail
        result.canWait = result.canWait || next.canWait
      }
      result.canComplete = result.canComplete && next.canComplete
      result.canPassAtOnce = result.canPassAtOnce && next.canPassAtOnce
    }
    return result
  }

  func outlook(_ step: StepDefinition) -> StepOutlook {
    switch step {
    case .set, .publish: return .passes
    case .fail: return StepOutlook(canComplete: false, canFail: true, canPassAtOnce: false, canWait: false)
    case .call(let call): return outlook(call)
    case .forEach(let loop):
      let body = outlook(loop.steps)
      // The list may be empty.
      return StepOutlook(canComplete: true, canFail: body.canFail, canPassAtOnce: true, canWait: body.canWait)
    case .parallel(let branches, _): return outlook(branches)
    case .choose(let choices, _): return outlook(choices)
    case .attempt(let steps, let recovery, _):
      let body = outlook(steps)
      let rescue = outlook(recovery)
      return StepOutlook(
        canComplete: body.canComplete || (body.canFail && rescue.canComplete), canFail: body.canFail && rescue.canFail,
        canPassAtOnce: body.canPassAtOnce || (!body.canWait && body.canFail && rescue.canPassAtOnce),
        canWait: body.canWait || (body.canFail && rescue.canWait))
    }
  }

  private func outlook(_ branches: [[StepDefinition]]) -> StepOutlook {
    var result = StepOutlook.passes
    for branch in branches.map({ outlook($0) }) {
      result.canComplete = result.canComplete && branch.canComplete
      result.canFail = result.canFail || branch.canFail
      result.canPassAtOnce = result.canPassAtOnce && branch.canPassAtOnce
      result.canWait = result.canWait || branch.canWait
    }
    return result
  }

  private func outlook(_ choices: [ChoiceDefinition]) -> StepOutlook {
    var result = StepOutlook(canComplete: false, canFail: false, canPassAtOnce: false, canWait: false)
    var branches = possible(choices).map { outlook(choices[$0].steps) }
    if !choices.contains(where: { constant($0.when) == true }) { branches.append(.passes) }
    for branch in branches {
      result.canComplete = result.canComplete || branch.canComplete
      result.canFail = result.canFail || branch.canFail
      result.canPassAtOnce = result.canPassAtOnce || branch.canPassAtOnce
      result.canWait = result.canWait || branch.canWait
    }
    return result
  }

  /// The branches that can be taken: up to the first that always holds, without those that never hold.
  func possible(_ choices: [ChoiceDefinition]) -> [Int] {
    var found: [Int] = []
    for (index, choice) in choices.enumerated() {
      let value = constant(choice.when)
      if value != false { found.append(index) }
      if value == true { break }
    }
    return found
  }

  private func outlook(_ call: CallDefinition) -> StepOutlook {
    guard !call.replies.isEmpty else { return .passes }
    let canSucceed = call.replies.contains { $0.fail == nil && $0.again == nil }
    // A call gives up after its attempts, except at the pivot; a wait only with a timeout.
    let canGiveUp = call.command != nil ? !call.isPivot : call.timeout != nil
    let isRefused = call.replies.contains { $0.fail != nil || ($0.again != nil && !call.isPivot) }
    return StepOutlook(canComplete: canSucceed, canFail: canGiveUp || isRefused, canPassAtOnce: false, canWait: true)
  }
}

extension StepDefinition {
  /// The lists of steps inside.
  var parts: [[StepDefinition]] {
    switch self {
    case .call, .set, .fail, .publish: []
    case .forEach(let loop): [loop.steps]
    case .parallel(let branches, _): branches
    case .choose(let choices, _): choices.map(\.steps)
    case .attempt(let steps, let recovery, _): [steps, recovery]
    }
  }

  /// This step and all within, in the order of the file.
  package var all: [StepDefinition] { [self] + parts.flatMap { $0.flatMap(\.all) } }

  var call: CallDefinition? { if case .call(let call) = self { call } else { nil } }

  /// What the step is, for messages.
  var title: String {
    switch self {
    case .call(let call): "the step '\(call.name)'"
    case .set: "the `set`"
    case .fail: "the `fail`"
    case .publish: "the `publish`"
    case .forEach: "the `forEach`"
    case .parallel: "the `parallel`"
    case .choose: "the `choose`"
    case .attempt: "the `try`"
    }
  }
}

extension RoleDefinition {
  /// All calls and waits, in the order of the file.
  package var calls: [CallDefinition] { states.flatMap { ($0.steps ?? []).flatMap(\.all) }.compactMap(\.call) }
}
