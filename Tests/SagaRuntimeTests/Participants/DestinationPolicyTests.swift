import Testing

@testable import SagaRuntime

@Suite("A destination's policy")
struct DestinationPolicyTests {
  /// What happens at a time, and what the breaker says to it.
  private enum Step {
    /// A command would begin.
    case request(Int64)
    case success
    case failure(Int64)
    case nothing(Int64)
  }

  /// Plays steps through.
  ///
  /// - Returns: for each request `go`, or until when to wait; for each failure whether the breaker opens.
  private func play(_ steps: [Step], failuresToOpen: Int = 3) -> [String] {
    var breaker = CircuitBreaker(DestinationPolicy(failuresToOpen: failuresToOpen, openMilliseconds: 100))
    return steps.compactMap { step in
      switch step {
      case .request(let now):
        switch breaker.request(nowMilliseconds: now) {
        case .go: return "go"
        case .wait(let until): return "wait until \(until)"
        }
      case .failure(let now): return breaker.failed(nowMilliseconds: now) ? "opens" : "fails"
      case .success: breaker.succeeded()
      case .nothing(let now): breaker.learntNothing(nowMilliseconds: now)
      }
      return nil
    }
  }

  private let opening: [Step] = [.failure(0), .failure(0), .failure(0)]

  @Test("leaves a destination alone after failures in a row, and says so once")
  func opens() {
    #expect(
      play([.failure(0), .failure(0), .success, .failure(0), .failure(0), .request(0), .failure(10)])
        == ["fails", "fails", "fails", "fails", "go", "opens"])
    #expect(
      play(opening + [.failure(20), .request(99)]) == ["fails", "fails", "opens", "fails", "wait until 100"],
      "one that had begun before changes nothing")
  }

  @Test("lets one command try afterwards, which decides")
  func tries() {
    let tried = opening + [.request(100), .request(100)]
    #expect(play(tried + [.success, .request(101)]).suffix(3) == ["go", "wait until 200", "go"])
    #expect(play(tried + [.failure(150), .request(249)]).suffix(2) == ["opens", "wait until 250"])
  }

  @Test("lets the next one try when the first one has decided nothing")
  func undecided() {
    #expect(play(opening + [.request(100), .nothing(120), .request(120)]).suffix(2) == ["go", "go"])
    #expect(
      play([.failure(0), .failure(0), .nothing(0), .failure(0)]).last == "opens", "it does not make up for failures")
  }

  @Test("of no failures never leaves it alone")
  func off() {
    let failures = [Step](repeating: .failure(0), count: 100)
    #expect(Set(play(failures + [.request(0)], failuresToOpen: 0)) == ["fails", "go"])
  }

  @Test("spreads beginnings evenly, and saves none up")
  func rate() {
    var limiter = RateLimiter(perSecond: 50)
    let waits = (1...4).map { _ in limiter.reserve(nowMilliseconds: 1000) }
    #expect(waits == [0, 20, 40, 60])
    let later = (1...2).map { _ in limiter.reserve(nowMilliseconds: 5000) }
    #expect(later == [0, 20])
  }

  @Test("of a consumer doubles the wait up to a limit")
  func delays() {
    let policy = ConsumerPolicy(delayMilliseconds: 1000, maxDelayMilliseconds: 60_000)
    #expect([1, 2, 3, 6, 7, 1000].map(policy.delay) == [1000, 2000, 4000, 32_000, 60_000, 60_000])
    #expect(ConsumerPolicy(delayMilliseconds: .max, maxDelayMilliseconds: 7).delay(afterFailures: 3) == 7)
  }
}
