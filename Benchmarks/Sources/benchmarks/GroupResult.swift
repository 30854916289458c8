import SagaCore

/// Engine and floor at one number of messages a commit.
struct GroupResult {
  var group: Int
  var engine = Samples()
  var engineProcessor = Samples()
  /// With commits that become durable while the next are decided.
  var pipelined = Samples()
  var pipelinedProcessor = Samples()
  var floor = Samples()
  var floorProcessor = Samples()
  /// The floor with as many instances as the engine had orders.
  var smallFloor = Samples()
  var memoryProcessor = Samples()
  /// Of the engine to the floor in the same round.
  var ratio = Samples()
  var smallRatio = Samples()
  var pipelinedRatio = Samples()

  static func hasTable(_ groups: [GroupResult]) -> Bool {
    groups.contains { !$0.engine.isEmpty || !$0.floor.isEmpty || !$0.memoryProcessor.isEmpty }
  }

  static func table(_ groups: [GroupResult], rounds: Int) -> [String] {
    var lines = [
      "order-fulfillment end to end on SQLite, synchronous=FULL: medians of \(rounds) interleaved rounds",
      "",
      "  messages    engine   pipelined²    floor¹   ratios to the floor      ratio to  processor µs per event",
      "  a commit  events/s   events/s    events/s   engine      pipelined   floor³     engine  floor  no disk",
    ]
    for group in groups {
      lines.append(
        "  " + Report.right("\(group.group)", 8) + Report.right(Report.whole(group.engine.median), 10)
          + Report.right(Report.whole(group.pipelined.median), 11)
          + Report.right(Report.whole(group.floor.median), 12)
          + Report.right(Report.ratio(group.ratio), 13) + Report.right(Report.ratio(group.pipelinedRatio), 13)
          + Report.right(Report.decimal(group.smallRatio.median, 2), 9)
          + Report.right(Report.decimal(group.engineProcessor.median, 1), 11)
          + Report.right(Report.decimal(group.floorProcessor.median, 1), 7)
          + Report.right(Report.decimal(group.memoryProcessor.median, 1), 9))
    }
    let instances = Report.whole(Double(StoreRounds.floorInstances))
    return lines + [
      "",
      "  ¹ bare C: dedupe, instance read and update, outbox, history, timer; \(instances) instances",
      "  ² as in a service: who brings a message in reads it, and a commit becomes durable on a thread of its own while",
      "    the next one is decided; the floor has one thread",
      "  ³ the engine's to a floor with as many instances as the engine had orders",
    ]
  }

  var json: JSON {
    [
      "group": .int(Int64(group)), "engineEventsPerSecond": Report.number(engine.median),
      "pipelinedEventsPerSecond": Report.number(pipelined.median),
      "pipelinedRatio": Report.number(pipelinedRatio.median),
      "pipelinedRatioSpread": Report.number(pipelinedRatio.spread),
      "pipelinedProcessorMicrosecondsPerEvent": Report.number(pipelinedProcessor.median),
      "floorEventsPerSecond": Report.number(floor.median),
      "ratio": Report.number(ratio.median), "ratioSpread": Report.number(ratio.spread),
      "ratios": .array(ratio.values.map(Report.number)),
      "smallFloorEventsPerSecond": Report.number(smallFloor.median),
      "smallFloorRatio": Report.number(smallRatio.median),
      "engineProcessorMicrosecondsPerEvent": Report.number(engineProcessor.median),
      "floorProcessorMicrosecondsPerEvent": Report.number(floorProcessor.median),
      "memoryProcessorMicrosecondsPerEvent": Report.number(memoryProcessor.median),
    ]
  }

  /// What these groups say of the goals. By tens and hundreds it is the pipeline, as the goals say;
  /// in memory it is the cost at 100 messages a commit, as the durable rate is where processor time limits it.
  static func record(_ groups: [GroupResult], in goals: inout GoalTable) {
    for group in groups {
      switch group.group {
      // A message alone is committed by the thread that decided it: nothing waits that could be decided meanwhile.
      case 1: goals.record(.durableSingly, group.ratio)
      case 10: goals.record(.durableByTens, group.pipelinedRatio)
      case 100:
        goals.record(.durableByHundreds, group.pipelinedRatio)
        goals.record(.inMemory, group.memoryProcessor)
      default: break
      }
    }
  }
}
