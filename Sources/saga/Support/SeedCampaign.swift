import Foundation
import SagaSimulation

/// Runs seeds until one breaks a property, all are done, or time is up.
struct SeedCampaign {
  struct Broken {
    var seed: UInt64
    var violation: Violation
  }

  struct Result {
    var seeds = 0
    var milliseconds: Int64 = 0
    var broken: Broken?
  }

  private let simulation: Simulation
  private let first: UInt64
  private let count: Int
  private let limitMilliseconds: Int64?

  init(_ simulation: Simulation, first: UInt64, count: Int, limitMilliseconds: Int64?) {
    self.simulation = simulation
    self.first = first
    self.count = count
    self.limitMilliseconds = limitMilliseconds
  }

  func run(progress: ProgressLine?) throws -> Result {
    let start = WallClockMilliseconds.now
    var result = Result()
    while result.seeds < count {
      let seed = first &+ UInt64(result.seeds)
      let outcome = try simulation.run(seed: seed)
      result.seeds += 1
      result.milliseconds = WallClockMilliseconds.now - start
      if let violation = outcome.violation {
        result.broken = Broken(seed: seed, violation: violation)
        break
      }
      if let limitMilliseconds, result.milliseconds >= limitMilliseconds { break }
      progress?.show(done: result.seeds, of: count, milliseconds: result.milliseconds)
    }
    progress?.clear()
    return result
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
