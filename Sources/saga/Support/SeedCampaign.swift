import SagaRuntime
import SagaSimulation
import Synchronization

/// Runs seeds, several at a time, until one ends the campaign, all are done, or time is up.
///
/// Seeds do not depend on each other, they are handed out in order, and what was handed out is finished. So the verdict is the
/// same however many are at work: the lowest seed that breaks a property, or cannot be run, is the one that is told, and coverage
/// is a sum.
struct SeedCampaign: Sendable {
  struct Broken {
    var seed: UInt64
    var violation: Violation
  }

  struct Result {
    /// Up to the one that broke, or all that were done: the same however many are at work.
    var seeds = 0
    /// Those that `coverage` and `milliseconds` are of: where several are at work, some are done beyond the one that broke.
    var done = 0
    var milliseconds: Int64 = 0
    var broken: Broken?
    var coverage = Coverage()
  }

  let first: UInt64
  let count: Int
  /// How many seeds are at work at a time, each on a thread of its own.
  let jobs: Int
  let limitMilliseconds: Int64?
  /// Makes the simulation of one thread. Simulations that share their machines would count references to them in turns.
  let simulation: @Sendable () throws -> Simulation

  /// What ends a campaign: a broken property, or an error.
  private enum End: Sendable {
    case violation(Violation)
    case error(any Error)
  }

  /// What the threads share.
  private struct Progress: Sendable {
    var handedOut = 0
    var done = 0
    var coverage = Coverage()
    var lowestEnd: (index: Int, end: End)?

    mutating func end(at index: Int, _ end: End) {
      if index < lowestEnd?.index ?? .max { lowestEnd = (index, end) }
    }
  }

  private final class Shared: Sendable { let progress = Mutex(Progress()) }

  /// - Throws: what makes a simulation, or a run before any that breaks a property, impossible.
  func run(progress line: ProgressLine?) throws -> Result {
    let start = WallClock.monotonicMilliseconds
    let shared = Shared()
    Jobs.run(min(jobs, count)) {
      work(shared, start: start)
    } caller: {
      work(shared, start: start) { done in
        line?.show(done: done, of: count, milliseconds: WallClock.monotonicMilliseconds - start)
      }
    }
    line?.clear()
    let ended = shared.progress.withLock { $0 }
    let milliseconds = WallClock.monotonicMilliseconds - start
    var result = Result(
      seeds: ended.done, done: ended.done, milliseconds: milliseconds, coverage: ended.coverage)
    switch ended.lowestEnd {
    case (let index, .violation(let violation))?:
      result.seeds = index + 1
      result.broken = Broken(seed: first &+ UInt64(index), violation: violation)
    case (_, .error(let error))?: throw error
    case nil: break
    }
    return result
  }

  /// What one thread does.
  private func work(_ shared: Shared, start: Int64, show: (Int) -> Void = { _ in }) {
    let simulation: Simulation
    do { simulation = try self.simulation() } catch {
      return shared.progress.withLock { $0.end(at: -1, .error(error)) }
    }
    while let index = next(shared, start: start) {
      let end: End?
      do { end = try simulation.run(seed: first &+ UInt64(index)).violation.map { .violation($0) } } catch {
        end = .error(error)
      }
      let done = shared.progress.withLock { progress in
        progress.done += 1
        if let end { progress.end(at: index, end) }
        return progress.done
      }
      show(done)
    }
    shared.progress.withLock { $0.coverage.add(simulation.coverage) }
  }

  /// The number of the next seed to run; nil when there is none worth running.
  private func next(_ shared: Shared, start: Int64) -> Int? {
    let isOver = limitMilliseconds.map { WallClock.monotonicMilliseconds - start >= $0 } ?? false
    return shared.progress.withLock { progress in
      // At least one runs, however short the time.
      if isOver, progress.handedOut > 0 { return nil }
      guard progress.handedOut < count, progress.lowestEnd == nil else { return nil }
      progress.handedOut += 1
      return progress.handedOut - 1
    }
  }
}

/// A bar on a terminal; nothing elsewhere.
final class ProgressLine {
  private var last: Int64 = 0

  func show(done: Int, of count: Int, milliseconds: Int64) {
    guard Console.isTerminal, milliseconds - last >= 100 else { return }
    last = milliseconds
    let width = 30
    let filled = count > 0 ? width * done / count : 0
    let rate = milliseconds > 0 ? Int64(done) * 1000 / milliseconds : 0
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    Console.note("\r\(bar) \(done)/\(count) seeds, \(rate)/s ")
  }

  func clear() {
    if last > 0 { Console.note("\r\u{1B}[K") }
  }
}
