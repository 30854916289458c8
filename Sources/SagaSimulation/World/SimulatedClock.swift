import SagaCore

/// A service's wall clock: it may be wrong, run fast or slow, or stand still.
struct SimulatedClock {
  /// True time when the clock was last set.
  private var base: Timestamp
  /// What it showed then.
  private var reading: Timestamp
  /// Milliseconds it shows for a thousand true ones; 0 stands still.
  private(set) var rate: Int64 = 1000

  init(at now: Timestamp) {
    base = now
    reading = now
  }

  func read(at now: Timestamp) -> Timestamp {
    reading.advanced(byMilliseconds: now.milliseconds(since: base) * rate / 1000)
  }

  /// When the clock will show a time; nil when it stands still and never does.
  func trueTime(of time: Timestamp, now: Timestamp) -> Timestamp? {
    let left = time.milliseconds(since: read(at: now))
    if left <= 0 { return now }
    guard rate > 0 else { return nil }
    // Rounded up, and never so far that it leaves the range.
    let (scaled, overflow) = left.multipliedReportingOverflow(by: 1000)
    return overflow ? nil : now.advanced(byMilliseconds: (scaled + rate - 1) / rate)
  }

  mutating func set(rate: Int64, at now: Timestamp) {
    reading = read(at: now)
    base = now
    self.rate = rate
  }

  mutating func jump(byMilliseconds delta: Int64, at now: Timestamp) {
    reading = read(at: now).advanced(byMilliseconds: delta)
    base = now
  }

  /// Right again, as after a synchronisation.
  mutating func correct(at now: Timestamp) {
    self = SimulatedClock(at: now)
  }
}
