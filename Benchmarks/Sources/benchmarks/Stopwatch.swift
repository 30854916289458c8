import Foundation

/// One round over a store: wall and processor time.
struct Round {
  var events: Int
  var seconds: Double
  var processorSeconds: Double
  var eventsPerSecond: Double { Double(events) / seconds }
  var processorMicroseconds: Double { processorSeconds / Double(events) * 1e6 }
}

/// Wall time and the processor time of this process.
struct Stopwatch {
  private let begin = ContinuousClock.now
  private let processor = Stopwatch.processorSeconds

  var seconds: Double { (ContinuousClock.now - begin) / .seconds(1) }

  /// Processor time so far: what one core would need, whatever else the machine does.
  var processorTime: Double { Stopwatch.processorSeconds - processor }

  func round(events: Int) -> Round {
    Round(events: events, seconds: seconds, processorSeconds: Stopwatch.processorSeconds - processor)
  }

  private static var processorSeconds: Double {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #endif
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}
