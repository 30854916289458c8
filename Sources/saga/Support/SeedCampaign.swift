import Foundation
import SagaSimulation
import Synchronization

/// Runs seeds, several at a time, until one breaks a property, all are done, or time is up.
///
/// Seeds do not depend on each other, they are handed out in order, and what was handed out is finished. So the verdict is the
/// same however many are at work: the lowest seed that breaks is the one that is told, and coverage is a sum.
struct SeedCampaign: Sendable {
  struct Broken {
    var seed: UInt64
    var violation: Violation
  }

  struct Result {
    var seeds = 0
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

  /// What the threads share.
  private struct Progress: Sendable {
    var handedOut = 0
    var done = 0
    var lowestBroken: (index: Int, violation: Violation)?
    var failure: (any Error)?
    var coverage = Coverage()
  }

  /// - Throws: what makes a simulation or a run impossible.
  func run(progress line: ProgressLine?) throws -> Result {
    let start = WallClockMilliseconds.now
    let shared = Shared()
    let group = DispatchGroup()
    for _ in 1..<max(1, min(jobs, count)) {
      group.enter()
      let thread = Thread {
        work(shared, start: start)
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    work(shared, start: start) { done in
      line?.show(done: done, of: count, milliseconds: WallClockMilliseconds.now - start)
    }
    group.wait()
    line?.clear()
    let ended = shared.progress.withLock { $0 }
    if let failure = ended.failure { throw failure }
    var result = Result(
      seeds: ended.done, milliseconds: WallClockMilliseconds.now - start, coverage: ended.coverage)
    if let (index, violation) = ended.lowestBroken {
      result.seeds = index + 1
      result.broken = Broken(seed: first &+ UInt64(index), violation: violation)
    }
    return result
  }

  private final class Shared: Sendable {
    let progress = Mutex(Progress())
  }

  /// What one thread does.
  private func work(_ shared: Shared, start: Int64, show: (Int) -> Void = { _ in }) {
    do {
      let simulation = try simulation()
      while let index = next(shared, start: start) {
        let violation = try simulation.run(seed: first &+ UInt64(index)).violation
        let done = shared.progress.withLock { progress in
          progress.done += 1
          if let violation, index < progress.lowestBroken?.index ?? .max {
            progress.lowestBroken = (index, violation)
          }
          return progress.done
        }
        show(done)
      }
      shared.progress.withLock { $0.coverage.add(simulation.coverage) }
    } catch {
      shared.progress.withLock { $0.failure = $0.failure ?? error }
    }
  }

  /// The number of the next seed to run; nil when there is none worth running.
  private func next(_ shared: Shared, start: Int64) -> Int? {
    let isOver = limitMilliseconds.map { WallClockMilliseconds.now - start >= $0 } ?? false
    return shared.progress.withLock { progress in
      // At least one runs, however short the time.
      if isOver, progress.handedOut > 0 { return nil }
      guard progress.handedOut < count, progress.lowestBroken == nil, progress.failure == nil else { return nil }
      progress.handedOut += 1
      return progress.handedOut - 1
    }
  }
}

/// Time that only moves forward, for rates.
enum WallClockMilliseconds {
  static var now: Int64 { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) }
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
