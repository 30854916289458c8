import Floor
import Foundation
import Histogram
import SagaCore
import SagaRuntime
import SagaSQLite

/// How long a message waits until what it led to is durable, when messages come at times of their own.
///
/// The load is open: all arrival times are fixed beforehand, and a message's latency counts from the time at which it was
/// meant to arrive, so that a stall is paid for by every message that came meanwhile (no "coordinated omission": Tene, "How
/// NOT to Measure Latency"). Messages that have arrived share a commit, as in a service.
struct LatencyRounds {
  private let workload: Workload
  private let rounds: StoreRounds
  /// Messages that one commit may take.
  private static let group = 256
  /// From so many on that wait, a service's loop decides them while a commit becomes durable.
  private static let worthHandingOver = 4
  /// Shares of what the engine can take.
  private static let loads: [(share: Double, name: String)] = [
    (0.5, "half load"), (0.9, "nine tenths"), (1, "full load"),
  ]

  /// Nanoseconds, up to a minute, with three digits.
  private static func histogram() -> Histogram<UInt32> {
    Histogram(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
  }

  /// What the engine takes in a second when messages always wait.
  private func capacity() throws -> Double {
    let store = try SQLiteStore(path: try rounds.fresh("latency")).pipelined()
    var drive = try Drive(store, workload.machines, group: LatencyRounds.group, now: Workload.start)
    let messages = workload.messages.prefix(30_000)
    let stopwatch = Stopwatch()
    // By the loop that latencies are measured in: one thread reads, decides and sends.
    var index = 0
    while index < messages.count {
      let end = min(index + LatencyRounds.group, messages.count)
      try drive.turn(messages[index..<end], now: Workload.time(index), handsOver: { end < messages.count }, {})
      index = end
    }
    return Double(messages.count) / stopwatch.seconds
  }

  /// - Parameter rate: arrivals a second, at times of a Poisson process.
  private func latencies(rate: Double, seconds: Double, seed: UInt64) throws -> Histogram<UInt32> {
    let messages = workload.messages.prefix(Int(rate * seconds))
    var random = SplitMix(seed: seed)
    var time = 0.0
    let arrivals = messages.map { _ in
      time -= log(1 - Double(random.next() >> 11) * 0x1p-53) / rate
      return UInt64(time * 1e9)
    }
    let store = try SQLiteStore(path: try rounds.fresh("latency")).pipelined()
    var drive = try Drive(store, workload.machines, group: LatencyRounds.group, now: Workload.start)
    var histogram = LatencyRounds.histogram()
    let begin = DispatchTime.now().uptimeNanoseconds
    @Sendable func clock() -> UInt64 { DispatchTime.now().uptimeNanoseconds - begin }
    func record(_ turn: Turn) {
      for arrival in arrivals[turn.messages] { histogram.record(turn.durableAt - arrival) }
    }
    var handedOver: Turn?
    var index = 0
    while index < messages.count {
      let now = clock()
      var end = index
      while end < messages.count, end - index < LatencyRounds.group, arrivals[end] <= now { end += 1 }
      // Waits by asking again: a sleep would add the time that a thread takes to wake.
      if end == index { continue }
      let turn = Turn(index..<end)
      let enough = end + LatencyRounds.worthHandingOver - 1
      try drive.turn(
        messages[index..<end], now: Workload.time(index),
        handsOver: { enough < messages.count && arrivals[enough] <= clock() }, { turn.durableAt = clock() })
      // Whatever was handed over before has been waited for.
      if let handedOver { record(handedOver) }
      handedOver = turn
      index = end
    }
    try drive.engine.commitJoined()
    if let handedOver { record(handedOver) }
    return histogram
  }

  /// Messages that share a commit.
  ///
  /// `@unchecked Sendable`: `durableAt` is read after the engine has waited for whoever sets it.
  private final class Turn: @unchecked Sendable {
    let messages: Range<Int>
    var durableAt: UInt64 = 0
    init(_ messages: Range<Int>) { self.messages = messages }
  }

  /// Of writing 4 KiB and calling fdatasync, as a write-ahead log does it.
  private func syncs() throws -> Histogram<UInt32> {
    var seconds = [Double](repeating: 0, count: 2000)
    guard floor_fdatasync_each(try rounds.fresh("fdatasync"), &seconds, Int64(seconds.count)) == 0 else {
      throw BenchmarkError("fdatasync failed in \(rounds.folder.path)")
    }
    var histogram = LatencyRounds.histogram()
    for value in seconds { histogram.record(UInt64(value * 1e9)) }
    return histogram
  }

  static func section(_ rounds: StoreRounds, _ options: Options, goals: inout GoalTable) throws -> Section {
    Benchmarks.note("preparing messages that come at times of their own…")
    let seconds = 2 * options.seconds
    let latency = LatencyRounds(workload: try Workload(orders: Int(10_000 * seconds)), rounds: rounds)
    var sync = Measurement(name: "raw fdatasync of 4 KiB, median", unit: "µs")
    var syncTail = Measurement(name: "  99th percentile", unit: "µs")
    var capacity = Measurement(name: "what the engine takes when messages always wait", unit: "events/s")
    let percentiles = [(50.0, "median"), (99, "99th percentile"), (99.9, "99.9th percentile")]
    var results = loads.map { load in
      percentiles.map { Measurement(name: "\(load.name), \($0.1)", unit: "µs") }
    }
    var ratios = percentiles.map { _ in Samples() }
    // Tails differ from run to run: five of them say by how much.
    let count = max(5, options.rounds)
    for round in 1...count {
      Benchmarks.note("latency, round \(round) of \(count)")
      let raw = try latency.syncs()
      let most = try latency.capacity()
      sync.samples.append(Double(raw.median) / 1e3)
      syncTail.samples.append(Double(raw.valueAtPercentile(99)) / 1e3)
      capacity.samples.append(most)
      for (index, load) in loads.enumerated() {
        let measured = try latency.latencies(rate: most * load.share, seconds: seconds, seed: UInt64(round))
        for (place, percentile) in percentiles.enumerated() {
          let value = Double(measured.valueAtPercentile(percentile.0))
          results[index][place].samples.append(value / 1e3)
          if index == 0 { ratios[place].append(value / Double(raw.median)) }
        }
      }
    }
    goals.record(.latencyMedian, ratios[0])
    goals.record(.latencyTail, ratios[1])
    goals.record(.latencyExtreme, ratios[2])
    return Section(
      id: "latency", title: "commit latency on SQLite, synchronous=FULL, open loop",
      [sync, syncTail, capacity] + results.flatMap { $0 },
      notes: [
        "from the time at which a message was meant to arrive (Poisson, fixed beforehand) until its commit was durable;",
        "medians of \(count) runs;",
        "at full load as much comes as the engine can take, so that a queue grows: the figure is how long it has become",
      ])
  }
}
