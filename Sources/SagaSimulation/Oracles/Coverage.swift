import SagaCore
import SagaRuntime

/// What the runs of a simulation have reached: a run that reached no compensation proved little.
public struct Coverage: Sendable {
  /// What a saga was doing when a fault struck.
  public enum Phase: Int, Sendable, CaseIterable {
    /// In this order: there was none, it had ended, it went forward, it needed an operator, it went back.
    case idle, ended, running, stuck, compensating
    /// The name in reports.
    public var name: String { "\(self)" }

    init(_ status: InstanceStatus) {
      switch status {
      case .running: self = .running
      case .compensating: self = .compensating
      case .completed, .compensated: self = .ended
      case .stuck: self = .stuck
      }
    }
  }

  /// Worlds that were run.
  public private(set) var runs = 0
  /// Rows that were committed.
  public var rows = 0
  /// Messages that the engines sent.
  public var sent = 0
  /// Timers that led to a decision.
  public var firedTimers = 0
  /// Services that died.
  public var crashes = 0
  /// Engines that woke up beside their successor and found out.
  public var fencedZombies = 0
  /// Instances that were moved to another version.
  public var migrations = 0
  /// Times that maintenance ran.
  public var maintained = 0
  /// Rows that were swept.
  public var swept = 0
  /// Whether several roles can share an engine, of which they are.
  public private(set) var mayShareEngines = false
  /// Whether there are participants, which a service can have lanes for.
  public private(set) var mayDivideLanes = false
  /// Worlds in which several roles shared an engine.
  public private(set) var sharedEngines = 0
  /// Worlds in which a service had several ways out.
  public private(set) var severalLanes = 0
  /// Messages that went from one role of an engine to another one.
  public var localMessages = 0
  /// Messages that left by one lane while another one was down.
  public var sentPastDown = 0
  /// Batches of messages of which the service heard later what had become of them.
  public var answeredLate = 0
  /// Services that died while messages were under way.
  public var crashesWhileSending = 0
  /// Everything that happened in the worlds.
  public var events = 0
  /// Sagas (roles) by how they ended.
  public private(set) var endings: [String: Int] = [:]
  /// What became of messages, by outcome.
  public private(set) var outcomes: [String: Int] = [:]
  /// What instances did: states entered, calls, undos, caught failures, by saga and role.
  public private(set) var facts: [String: Int] = [:]
  /// Undos that participants carried out.
  public var undone = 0
  /// The user's `reach` properties, by how many runs they held in.
  public private(set) var reached: [String: Int] = [:]
  /// Reads and writes of declared resources that were not isolated, by kind.
  public private(set) var anomalies: [String: Int] = [:]
  private var strikes = [Int](repeating: 0, count: FaultKind.allCases.count * Phase.allCases.count)
  private var outcomeCounts = [Int](repeating: 0, count: 8)

  /// Nothing yet.
  public init() {}

  mutating func strike(_ kind: FaultKind, _ phase: Phase) {
    guard let index = FaultKind.allCases.firstIndex(of: kind) else { return }
    strikes[index * Phase.allCases.count + phase.rawValue] += 1
  }

  /// How often a kind of fault struck in a phase.
  public func strikes(_ kind: FaultKind, in phase: Phase) -> Int {
    guard let index = FaultKind.allCases.firstIndex(of: kind) else { return 0 }
    return strikes[index * Phase.allCases.count + phase.rawValue]
  }

  mutating func count(_ outcome: DeliveryReceipt.Outcome) { outcomeCounts[Coverage.index(outcome)] += 1 }

  private static func index(_ outcome: DeliveryReceipt.Outcome) -> Int {
    switch outcome {
    case .started: 0
    case .handled: 1
    case .deferred: 2
    case .late: 3
    case .duplicate: 4
    case .parked: 5
    case .foreign: 6
    case .deadLettered: 7
    }
  }

  private static let outcomeNames = [
    "started", "handled", "deferred", "late", "duplicate", "parked", "foreign", "dead-lettered",
  ]

  mutating func end(_ name: String) { endings[name, default: 0] += 1 }
  mutating func note(_ fact: String) { facts[fact, default: 0] += 1 }
  mutating func reach(_ name: String) { reached[name, default: 0] += 1 }
  mutating func anomaly(_ name: String, _ count: Int) { anomalies[name, default: 0] += count }

  mutating func noteTopology(_ services: [SimulatedService], of setup: SimulationSetup) {
    mayShareEngines = setup.topologies.count > 1
    mayDivideLanes = setup.services.contains { !$0.destinations.isEmpty }
    if services.contains(where: \.hasSeveralRoles) { sharedEngines += 1 }
    if services.contains(where: { $0.lanes.names.count > 1 }) { severalLanes += 1 }
  }

  mutating func finishRun() {
    runs += 1
    for (index, count) in outcomeCounts.enumerated() where count > 0 {
      outcomes[Coverage.outcomeNames[index], default: 0] += count
      outcomeCounts[index] = 0
    }
  }

  /// Adds what another simulation has reached.
  public mutating func add(_ other: Coverage) {
    runs += other.runs
    rows += other.rows
    sent += other.sent
    firedTimers += other.firedTimers
    crashes += other.crashes
    fencedZombies += other.fencedZombies
    migrations += other.migrations
    maintained += other.maintained
    swept += other.swept
    mayShareEngines = mayShareEngines || other.mayShareEngines
    mayDivideLanes = mayDivideLanes || other.mayDivideLanes
    sharedEngines += other.sharedEngines
    severalLanes += other.severalLanes
    localMessages += other.localMessages
    sentPastDown += other.sentPastDown
    answeredLate += other.answeredLate
    crashesWhileSending += other.crashesWhileSending
    events += other.events
    undone += other.undone
    endings.merge(other.endings, uniquingKeysWith: +)
    outcomes.merge(other.outcomes, uniquingKeysWith: +)
    facts.merge(other.facts, uniquingKeysWith: +)
    reached.merge(other.reached, uniquingKeysWith: +)
    anomalies.merge(other.anomalies, uniquingKeysWith: +)
    for index in strikes.indices { strikes[index] += other.strikes[index] }
  }
}
