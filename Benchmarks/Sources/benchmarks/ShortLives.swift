import Foundation
import SagaCore
import SagaRuntime

/// Engines that live for one order saga each, as a simulator drives them: a new store and a new engine, one message a
/// commit, the clock asked before each, and in some lives a crash, after which a new engine finds the old store.
///
/// Ids are derived from what came in, so each life is recorded once and then replayed: what is timed is the engine alone.
struct ShortLives {
  /// A moment at which something comes in: a message, or only the time, because a timer is due.
  private struct Step {
    var now: Timestamp
    /// One or none.
    var messages: [IncomingMessage] = []
  }

  private struct Life {
    var steps: [Step]
    /// What the saga sent, to be compared with what a timed engine does.
    var outgoing: Int
    /// The step before which the engine is made anew; nil in lives without a crash.
    var crash: Int?
  }

  private let machines: [Machine]
  private let lives: [Life]
  /// Messages and firings of all lives.
  private let events: Int
  /// The stores of all lives as they were in the middle.
  private let halfway: [MemoryContents]
  /// How many different lives are recorded.
  private static let count = 200
  /// One life in so many has a crash.
  private static let crashInterval = 8

  init(_ machines: [Machine]) throws {
    self.machines = machines
    let scenario = try Scenario(
      source: try Workload.read("sagas/order-fulfillment.scenario.json"), file: "order-fulfillment.scenario.json")
    var lives: [Life] = []
    var halfway: [MemoryContents] = []
    var events = 0
    for number in 0..<ShortLives.count {
      var life = try ShortLives.record(number, machines, scenario)
      if number % ShortLives.crashInterval == 0 { life.crash = life.steps.count / 2 }
      let store = MemoryStore()
      let half = Life(steps: Array(life.steps.prefix(life.steps.count / 2)), outgoing: 0, crash: nil)
      _ = try ShortLives.run(half, on: store, machines)
      halfway.append(store.contents)
      events += life.steps.count
      lives.append(life)
    }
    self.lives = lives
    self.halfway = halfway
    self.events = events
  }

  /// Processor time per message or firing, everything included: store, engine, commits, relay.
  func microsecondsPerEvent(seconds: Double) throws -> Double {
    try ShortLives.microseconds(seconds) {
      for life in lives {
        let sent = try ShortLives.run(life, on: MemoryStore(), machines)
        if sent < life.outgoing { throw BenchmarkError("a life sent \(sent) of \(life.outgoing) messages") }
      }
      return events
    }
  }

  /// Processor time of a new engine on an empty store.
  func microsecondsPerEngine(seconds: Double) throws -> Double {
    try ShortLives.microseconds(seconds) {
      for _ in 0..<1000 {
        _ = try ShardEngine(
          store: MemoryStore(), machines: machines, configuration: Workload.configuration(), now: Workload.start)
      }
      return 1000
    }
  }

  /// Processor time of a new engine on a store with one running saga.
  func microsecondsPerRecovery(seconds: Double) throws -> Double {
    try ShortLives.microseconds(seconds) {
      for contents in halfway {
        _ = try ShardEngine(
          store: MemoryStore(contents), machines: machines, configuration: Workload.configuration(),
          now: Workload.start)
      }
      return halfway.count
    }
  }

  private static func microseconds(_ seconds: Double, _ body: () throws -> Int) rethrows -> Double {
    let stopwatch = Stopwatch()
    var count = 0
    repeat { count += try body() } while stopwatch.seconds < seconds
    return stopwatch.round(events: count).processorMicroseconds
  }

  /// - Returns: how many messages were sent.
  private static func run(_ life: Life, on store: MemoryStore, _ machines: [Machine]) throws -> Int {
    var engine = try ShardEngine(
      store: store, machines: machines, configuration: Workload.configuration(), now: Workload.start)
    var sent = 0
    for index in life.steps.indices {
      let step = life.steps[index]
      if index == life.crash {
        engine = try ShardEngine(
          store: MemoryStore(store.contents), machines: machines, configuration: Workload.configuration(),
          now: step.now)
      }
      sent += try pass(step, through: engine).count
    }
    return sent
  }

  /// What a simulator does at every moment.
  private static func pass(_ step: Step, through engine: ShardEngine) throws -> [OutgoingDelivery] {
    _ = try engine.tick(now: step.now)
    if !step.messages.isEmpty { _ = try engine.offer(step.messages, now: step.now) }
    let outgoing = try engine.takeOutgoing(lane: "output", limit: 100, now: step.now)
    if !outgoing.isEmpty {
      try engine.confirm(
        lane: "output", outgoing.map { DeliveryResult(position: $0.position, outcome: .confirmed) }, now: step.now)
    }
    return outgoing
  }

  private static func record(_ number: Int, _ machines: [Machine], _ scenario: Scenario) throws -> Life {
    let engine = try ShardEngine(
      store: MemoryStore(), machines: machines, configuration: Workload.configuration(), now: Workload.start)
    var participants = ModelledParticipants(scenario: scenario)
    var life = Life(steps: [], outgoing: 0, crash: nil)
    var waiting: [(event: CloudEvent, at: Timestamp)] = [(Workload.orderPlaced(number), Workload.start)]
    while true {
      let due = try engine.tick(now: life.steps.last?.now ?? Workload.start).nextDue
      let next = waiting.indices.min { (waiting[$0].at, $0) < (waiting[$1].at, $1) }
      let step: Step
      if let next, due.map({ waiting[next].at <= $0 }) ?? true {
        let answer = waiting.remove(at: next)
        step = Step(now: answer.at, messages: [IncomingMessage(bytes: answer.event.encode())])
      } else if let due {
        step = Step(now: due)
      } else {
        return life
      }
      life.steps.append(step)
      guard life.steps.count < 1000 else { throw BenchmarkError("the life of order \(number) does not end") }
      for delivery in try pass(step, through: engine) {
        life.outgoing += 1
        guard delivery.kind == .command, let destination = delivery.destination else { continue }
        let command = try CloudEvent.decode(delivery.bytes)
        for answer in try participants.receive(command, destination: destination, now: step.now) {
          waiting.append((answer.event, answer.at))
        }
      }
    }
  }
}

extension ShortLives {
  static func section(_ workload: Workload, _ options: Options) throws -> Section {
    let seconds = options.seconds / 2
    let lives = try ShortLives(workload.machines)
    return try Section(
      id: "lives", title: "engines that live for one saga each, processor time", rounds: options.rounds,
      [
        (
          "whole engine in memory, batch 1, short lives", "µs per event",
          { try lives.microsecondsPerEvent(seconds: seconds) }
        ),
        ("a new engine on an empty store", "µs", { try lives.microsecondsPerEngine(seconds: seconds) }),
        (
          "a new engine on the store of one running saga", "µs", { try lives.microsecondsPerRecovery(seconds: seconds) }
        ),
      ])
  }
}
