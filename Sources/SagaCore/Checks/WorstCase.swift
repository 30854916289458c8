/// How long steps can take when every reply comes at the last moment; delays that are expressions count as nothing.
struct WorstCase {
  var milliseconds: Int64 = 0
  /// Ends with the pivot, after which no deadline counts.
  var reachesPivot = false

  init(_ steps: [StepDefinition]) {
    for step in steps {
      add(step)
      if reachesPivot { break }
    }
  }

  private mutating func add(_ step: StepDefinition) {
    switch step {
    case .set, .publish, .fail: break
    case .call(let call):
      if call.isPivot { reachesPivot = true } else { milliseconds += call.longestMilliseconds }
    case .forEach(let loop): milliseconds += WorstCase(loop.steps).milliseconds
    case .parallel(let branches, _): milliseconds += branches.map { WorstCase($0).milliseconds }.max() ?? 0
    case .choose(let choices, _):
      let branches = choices.map { WorstCase($0.steps) }
      milliseconds += branches.map(\.milliseconds).max() ?? 0
      reachesPivot = !branches.isEmpty && branches.allSatisfy(\.reachesPivot)
    case .attempt(let steps, let recovery, _):
      milliseconds += WorstCase(steps).milliseconds + WorstCase(recovery).milliseconds
    }
  }
}

extension CallDefinition {
  /// All attempts and the pauses between them.
  package var longestMilliseconds: Int64 {
    if replies.isEmpty { return 0 }
    guard command != nil else { return timeout?.literal ?? 0 }
    let attempts = retry?.attempts ?? MachineLimits.callAttempts
    let each = timeout.map { $0.literal ?? 0 } ?? MachineLimits.callTimeoutMilliseconds
    let longest = Double(retry?.maxDelay.map { $0.literal ?? 0 } ?? MachineLimits.retryMaxDelayMilliseconds)
    let factor = retry?.factor ?? MachineLimits.retryFactor
    var pause = Double(retry?.delay.map { $0.literal ?? 0 } ?? MachineLimits.retryDelayMilliseconds)
    var pauses = 0.0
    var left = attempts - 1
    while left > 0, pause < longest, factor > 1, pause > 0 {
      pauses += pause
      pause *= factor
      left -= 1
    }
    pauses += Double(left) * min(pause, longest)
    let total = Double(attempts) * Double(each) + pauses * (1 + (retry?.jitter ?? 0))
    return Int64(min(total, Double(DefinitionLimits.maximumDurationMilliseconds)))
  }
}
