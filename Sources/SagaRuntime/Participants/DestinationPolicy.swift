/// How a participant's commands are given to it.
public struct DestinationPolicy: Sendable, Hashable {
  /// How many commands are handled at once.
  public var concurrency: Int
  /// How many commands begin a second; nil does not count them.
  public var commandsPerSecond: Double?
  /// Failures in a row after which the destination is left alone; 0 never leaves it alone.
  public var failuresToOpen: Int
  /// How long it is left alone, in milliseconds; then one command tries it.
  public var openMilliseconds: Int64

  /// The defaults: 16 at once, no limit a second, left alone for 5 s after 10 failures in a row.
  public init(
    concurrency: Int = 16, commandsPerSecond: Double? = nil, failuresToOpen: Int = 10, openMilliseconds: Int64 = 5000
  ) {
    self.concurrency = max(1, concurrency)
    self.commandsPerSecond = commandsPerSecond
    self.failuresToOpen = failuresToOpen
    self.openMilliseconds = openMilliseconds
  }
}

/// A circuit breaker (Nygard, "Release It!"): closed while the destination works, open after failures in a row, and half open when its
/// time is over: one command decides.
struct CircuitBreaker: Sendable, Hashable {
  private enum State: Sendable, Hashable {
    case closed(failures: Int)
    case open(untilMilliseconds: Int64)
    case halfOpen
  }

  private let failuresToOpen: Int
  private let openMilliseconds: Int64
  private var state = State.closed(failures: 0)

  init(_ policy: DestinationPolicy) {
    failuresToOpen = policy.failuresToOpen
    openMilliseconds = policy.openMilliseconds
  }

  enum Permission: Sendable, Hashable {
    case go
    /// Not before this time.
    case wait(untilMilliseconds: Int64)
  }

  /// Whether a command may begin.
  mutating func request(nowMilliseconds: Int64) -> Permission {
    switch state {
    case .closed: return .go
    case .open(let until):
      if nowMilliseconds < until { return .wait(untilMilliseconds: until) }
      state = .halfOpen
      return .go
    // Somebody tries it at this moment.
    case .halfOpen: return .wait(untilMilliseconds: nowMilliseconds + openMilliseconds)
    }
  }

  mutating func succeeded() { state = .closed(failures: 0) }

  /// The command that had begun says nothing about the destination: it was no command of its, or the service stops. One that
  /// was to decide decides nothing, and the next one tries.
  mutating func learntNothing(nowMilliseconds: Int64) {
    if state == .halfOpen { state = .open(untilMilliseconds: nowMilliseconds) }
  }

  /// - Returns: whether the destination is left alone from now on.
  @discardableResult
  mutating func failed(nowMilliseconds: Int64) -> Bool {
    guard failuresToOpen > 0 else { return false }
    switch state {
    case .closed(let failures) where failures + 1 < failuresToOpen:
      state = .closed(failures: failures + 1)
      return false
    case .closed, .halfOpen:
      state = .open(untilMilliseconds: nowMilliseconds + openMilliseconds)
      return true
    // One that had begun before.
    case .open: return false
    }
  }
}

/// Spreads beginnings evenly (a leaky bucket as a meter: the generic cell rate algorithm with no burst).
struct RateLimiter: Sendable, Hashable {
  private let intervalMilliseconds: Double
  private var nextMilliseconds = -Double.infinity

  /// - Parameter perSecond: more than 0.
  init(perSecond: Double) { intervalMilliseconds = 1000 / perSecond }

  /// How long to wait before beginning, in milliseconds; the place is taken.
  mutating func reserve(nowMilliseconds: Int64) -> Int64 {
    let start = max(Double(nowMilliseconds), nextMilliseconds)
    nextMilliseconds = start + intervalMilliseconds
    return Int64((start - Double(nowMilliseconds)).rounded(.up))
  }
}
