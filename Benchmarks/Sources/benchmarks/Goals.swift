import SagaCore

/// What the engine is meant to reach, row by row.
enum Goal: String, CaseIterable {
  case durableSingly, durableByTens, durableByHundreds
  case inMemory
  case peerAlone, peerEight, peerSixtyFour
  case latencyMedian, latencyTail, latencyExtreme
  case residentStored, residentOpen
  case firstTimer, everythingOpen
  case hotGrowth
  case diskPerInstance
  case twoShards
  case worldsInMemory, worldsOnSQLite, longSaga
  case statesOfChoreography, statesOfOrchestration

  enum Bound {
    case atLeast(Double)
    case atMost(Double)
    /// No bound: the figure is stated with its spread.
    case stated
  }

  var what: String {
    switch self {
    case .durableSingly: "durable events/s against the floor, 1 message a commit: the engine"
    case .durableByTens: "the same, 10 messages a commit: pipelined"
    case .durableByHundreds: "the same, 100 messages a commit: pipelined"
    case .inMemory: "whole engine in memory, processor time per event"
    case .peerAlone: "completed order sagas/s against DBOS Transact, 1 at a time"
    case .peerEight: "the same, 8 at a time"
    case .peerSixtyFour: "the same, 64 at a time"
    case .latencyMedian: "commit latency at half load, median, in raw fdatasyncs"
    case .latencyTail: "the same, 99th percentile"
    case .latencyExtreme: "the same, 99.9th percentile"
    case .residentStored: "resident memory with ten million stored instances, hot keys"
    case .residentOpen: "resident memory per million open instances"
    case .firstTimer: "after SIGKILL with a million open: first timer fires"
    case .everythingOpen: "the same: everything is open again"
    case .hotGrowth: "cost per event, ten million instances against 10⁴, hot keys"
    case .diskPerInstance: "disk per finished instance against its payload"
    case .twoShards: "two shards on two cores against one"
    case .worldsInMemory: "simulated worlds of three orders, all faults and oracles, one core"
    case .worldsOnSQLite: "the same on SQLite over a disk with faults"
    case .longSaga: "a simulated saga of 30 days"
    case .statesOfChoreography: "states explored, one core: order-choreography"
    case .statesOfOrchestration: "the same: order-fulfillment"
    }
  }

  /// `what`, for where it does not stand under the row that it refers to.
  var fullName: String {
    switch self {
    case .durableSingly: "durable events/s, 1 message a commit"
    case .durableByTens: "durable events/s, 10 messages a commit, pipelined"
    case .durableByHundreds: "durable events/s, 100 messages a commit, pipelined"
    case .peerAlone: "against DBOS Transact, 1 at a time"
    case .peerEight: "against DBOS Transact, 8 at a time"
    case .peerSixtyFour: "against DBOS Transact, 64 at a time"
    case .latencyTail: "commit latency at half load, 99th percentile"
    case .latencyExtreme: "commit latency at half load, 99.9th percentile"
    case .everythingOpen: "after SIGKILL: everything is open again"
    case .worldsOnSQLite: "simulated worlds on SQLite over a disk with faults"
    case .statesOfOrchestration: "states explored, one core: order-fulfillment"
    case .inMemory, .latencyMedian, .residentStored, .residentOpen, .firstTimer, .hotGrowth, .diskPerInstance,
      .twoShards, .worldsInMemory, .longSaga, .statesOfChoreography:
      what
    }
  }

  var bound: Bound {
    switch self {
    case .durableSingly: .atLeast(0.9)
    case .durableByTens: .atLeast(1.3)
    case .durableByHundreds: .atLeast(2)
    case .inMemory: .atMost(8)
    case .peerAlone: .atLeast(10)
    case .peerEight: .atLeast(45)
    case .peerSixtyFour: .atLeast(90)
    case .latencyMedian: .atMost(3)
    case .latencyTail: .atMost(6)
    case .latencyExtreme: .stated
    case .residentStored: .atMost(150)
    case .residentOpen: .atMost(110)
    case .firstTimer: .atMost(0.25)
    case .everythingOpen: .atMost(1)
    case .hotGrowth: .atMost(1.5)
    case .diskPerInstance: .atMost(1.7)
    case .twoShards: .atLeast(1.3)
    case .worldsInMemory: .atLeast(5_000)
    case .worldsOnSQLite: .atLeast(500)
    case .longSaga: .atMost(10)
    case .statesOfChoreography, .statesOfOrchestration: .atLeast(200_000)
    }
  }

  var unit: String {
    switch self {
    case .inMemory: "µs"
    case .residentStored, .residentOpen: "MB"
    case .firstTimer, .everythingOpen: "s"
    case .worldsInMemory, .worldsOnSQLite: "seeds/s"
    case .longSaga: "ms"
    case .statesOfChoreography, .statesOfOrchestration: "states/s"
    default: "×"
    }
  }

  /// What has to be asked for to measure it.
  var option: String {
    switch self {
    case .durableSingly, .durableByTens, .durableByHundreds, .inMemory: "--only store"
    case .peerAlone, .peerEight, .peerSixtyFour: "--peers"
    case .latencyMedian, .latencyTail, .latencyExtreme: "--only latency"
    case .residentStored, .residentOpen, .firstTimer, .everythingOpen, .hotGrowth, .diskPerInstance: "--only scale"
    case .twoShards: "--only shards"
    case .worldsInMemory, .worldsOnSQLite, .longSaga, .statesOfChoreography, .statesOfOrchestration:
      "--only simulation"
    }
  }

  /// What stands in the way where it is not reached, and where it is written what was tried and what that gave.
  var obstacle: String? {
    switch self {
    case .durableSingly:
      "the wait for the disk, once a message, is the floor's as well; what the engine decides comes on top (docs/decisions/0021)"
    case .durableByTens, .durableByHundreds:
      "the engine's processor time per event; the wait for the disk and SQLite's work go on beside it (docs/decisions/0021, 0018)"
    case .inMemory:
      "an event is some ninety values with memory of their own; what each change gave: docs/decisions/0018"
    case .peerAlone:
      "an order alone waits for the disk six times, as each step's start and end must be durable before the next (docs/decisions/0020)"
    case .peerEight, .peerSixtyFour:
      "the engine's processor time per event; what joining and overlapping commits gave: docs/decisions/0018, 0020, 0021"
    case .latencyMedian:
      "a message waits for the commit that is on its way and for its own, and for the engine to decide both (docs/decisions/0018, 0021)"
    case .latencyTail:
      "checkpoints and what queues behind them, and the disk's own stalls (the second row of the section on latency)"
    case .twoShards: "two threads of the engine and two of the disk share the cores (docs/decisions/0019)"
    case .worldsInMemory, .worldsOnSQLite:
      "a world is more than a hundred events, each decided by the engine, committed, audited and judged (docs/decisions/0018)"
    case .statesOfOrchestration, .statesOfChoreography:
      "nearly every state is a new one of the service, decided by the engine and compared with a recovery after every crash (docs/decisions/0018, 0012)"
    case .latencyExtreme, .longSaga, .residentStored, .residentOpen, .firstTimer, .everythingOpen, .hotGrowth,
      .diskPerInstance:
      nil
    }
  }

  func isReached(by value: Double) -> Bool? {
    switch bound {
    case .atLeast(let least): value >= least
    case .atMost(let most): value <= most
    case .stated: nil
    }
  }
}

/// What a run has found for a goal.
struct GoalResult {
  var samples: Samples
  /// Where less was measured than the goal asks for, such as fewer instances.
  var shortfall: String?
}

/// The goals with what was measured, in their order.
struct GoalTable {
  private var results: [Goal: GoalResult] = [:]
  /// Why something could not be measured.
  private var reasons: [Goal: String] = [:]

  mutating func record(_ goal: Goal, _ samples: Samples, shortfall: String? = nil) {
    guard !samples.isEmpty else { return }
    results[goal] = GoalResult(samples: samples, shortfall: shortfall)
  }

  mutating func leaveOut(_ goal: Goal, because reason: String) { reasons[goal] = reason }

  private func reason(_ goal: Goal) -> String {
    reasons[goal] ?? "not measured: \(goal.option)"
  }

  struct Line {
    var what: String
    var goal: String
    var measured: String
    var verdict: String
  }

  var lines: [Line] {
    Goal.allCases.map { goal in
      var line = Line(what: goal.what, goal: "stated", measured: "–", verdict: "")
      switch goal.bound {
      case .atLeast(let least): line.goal = "≥ \(Report.short(least)) \(goal.unit)"
      case .atMost(let most): line.goal = "≤ \(Report.short(most)) \(goal.unit)"
      case .stated: break
      }
      guard let result = results[goal] else {
        line.verdict = reason(goal)
        return line
      }
      let spread = result.samples.values.count > 1 ? " ± \(Report.whole(result.samples.spread * 100)) %" : ""
      line.measured = "\(Report.short(result.samples.median)) \(goal.unit)\(spread)"
      switch goal.isReached(by: result.samples.median) {
      case true?: line.verdict = "reached"
      case false?: line.verdict = "not reached"
      case nil: line.verdict = "stated"
      }
      if let shortfall = result.shortfall { line.verdict += ", \(shortfall)" }
      return line
    }
  }

  /// What stands in the way of each goal that was measured and not reached.
  var obstacles: [(what: String, why: String)] {
    var found: [(what: String, why: String)] = []
    for goal in Goal.allCases {
      guard let result = results[goal], goal.isReached(by: result.samples.median) == false, let why = goal.obstacle
      else {
        continue
      }
      found.append((goal.fullName, why))
    }
    return found
  }

  var json: JSON {
    .array(
      Goal.allCases.map { goal -> JSON in
        var object: JSONObject = [
          "goal": .string(goal.rawValue), "what": .string(goal.what), "unit": .string(goal.unit),
        ]
        switch goal.bound {
        case .atLeast(let least): object["atLeast"] = .double(least)
        case .atMost(let most): object["atMost"] = .double(most)
        case .stated: break
        }
        if let result = results[goal] {
          object["median"] = Report.number(result.samples.median)
          object["samples"] = .array(result.samples.values.map(Report.number))
          object["spread"] = Report.number(result.samples.spread)
          object["reached"] = goal.isReached(by: result.samples.median).map { .bool($0) } ?? .null
          if goal.isReached(by: result.samples.median) == false {
            object["obstacle"] = goal.obstacle.map { .string($0) } ?? .null
          }
          object["shortfall"] = result.shortfall.map { .string($0) } ?? .null
        } else {
          object["notMeasured"] = .string(reason(goal))
        }
        return .object(object)
      })
  }
}
