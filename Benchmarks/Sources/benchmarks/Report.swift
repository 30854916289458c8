import Foundation
import SagaCore

/// Rounds of one measurement.
struct Samples {
  private(set) var values: [Double] = []
  mutating func append(_ value: Double) { values.append(value) }

  var median: Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Half of the distance between the extremes, relative to the median.
  var spread: Double {
    guard let least = values.min(), let greatest = values.max(), median > 0 else { return 0 }
    return (greatest - least) / 2 / median
  }
}

struct GroupResult {
  var group: Int
  var engine = Samples()
  var engineProcessor = Samples()
  var floor = Samples()
  var floorProcessor = Samples()
  /// The floor with as many instances as the engine had orders.
  var smallFloor = Samples()
  var memoryProcessor = Samples()
  /// Of the engine to the floor in the same round.
  var ratio = Samples()
  var smallRatio = Samples()
}

struct PartResult {
  var name: String
  var unit: String
  var samples = Samples()

  /// What a table says after the figure: the unit, and how far the rounds were apart.
  fileprivate var rest: String {
    let spread = samples.values.count > 1 ? " ± \(Report.whole(samples.spread * 100)) %" : ""
    return unit + spread
  }
}

struct Report {
  var groups: [GroupResult] = []
  /// Engines in memory that live for one saga each.
  var lives: [PartResult] = []
  var parts: [PartResult] = []
  var simulation: [PartResult] = []
  var embedding: [PartResult] = []
  var rounds: Int
  var floorInstances: Int

  var text: String {
    var lines: [String] = []
    if groups.contains(where: { !$0.engine.values.isEmpty || !$0.floor.values.isEmpty }) {
      lines += [
        "order-fulfillment end to end on SQLite, synchronous=FULL: medians of \(rounds) interleaved rounds",
        "",
        "  messages    engine     floor¹   ratio   ratio to    processor µs per event   spread of",
        "  a commit  events/s   events/s           floor²      engine  floor  no disk   the ratio",
      ]
      for group in groups {
        lines.append(
          "  " + Report.right("\(group.group)", 8) + Report.right(Report.whole(group.engine.median), 10)
            + Report.right(Report.whole(group.floor.median), 11)
            + Report.right(Report.decimal(group.ratio.median, 2), 8)
            + Report.right(Report.decimal(group.smallRatio.median, 2), 11)
            + Report.right(Report.decimal(group.engineProcessor.median, 1), 12)
            + Report.right(Report.decimal(group.floorProcessor.median, 1), 7)
            + Report.right(Report.decimal(group.memoryProcessor.median, 1), 9)
            + Report.right("± \(Report.whole(group.ratio.spread * 100)) %", 12))
      }
      lines += [
        "",
        "  ¹ bare C: dedupe, instance read and update, outbox, history, timer; \(Report.whole(Double(floorInstances))) instances",
        "  ² the same with as many instances as the engine had orders",
      ]
    }
    if !lives.isEmpty {
      lines += ["", "engines that live for one saga each, processor time", ""]
      for part in lives {
        let name = part.name.padding(toLength: 58, withPad: " ", startingAt: 0)
        lines.append("  \(name)" + Report.right(Report.decimal(part.samples.median, 1), 12) + " \(part.rest)")
      }
    }
    for (title, parts) in [
      ("simulation and exploration, processor time of one core", simulation),
      ("an engine in a service, on SQLite, synchronous=FULL", embedding),
    ] where !parts.isEmpty {
      lines += ["", title, ""]
      for part in parts {
        let name = part.name.padding(toLength: 62, withPad: " ", startingAt: 0)
        let places = part.samples.median < 100 ? 1 : 0
        let figure = places == 1 ? Report.decimal(part.samples.median, 1) : Report.whole(part.samples.median)
        lines.append("  \(name)" + Report.right(figure, 12) + " \(part.rest)")
      }
    }
    if !parts.isEmpty {
      lines += ["", "the parts, one thread each", ""]
      for part in parts {
        let name = part.name.padding(toLength: 58, withPad: " ", startingAt: 0)
        lines.append("  \(name)" + Report.right(Report.whole(part.samples.median), 12) + " \(part.rest)")
      }
    }
    return lines.joined(separator: "\n")
  }

  var json: JSON {
    let groups = groups.map { group -> JSON in
      [
        "group": .int(Int64(group.group)), "engineEventsPerSecond": Report.number(group.engine.median),
        "floorEventsPerSecond": Report.number(group.floor.median),
        "ratio": Report.number(group.ratio.median), "ratioSpread": Report.number(group.ratio.spread),
        "smallFloorEventsPerSecond": Report.number(group.smallFloor.median),
        "smallFloorRatio": Report.number(group.smallRatio.median),
        "engineProcessorMicrosecondsPerEvent": Report.number(group.engineProcessor.median),
        "floorProcessorMicrosecondsPerEvent": Report.number(group.floorProcessor.median),
        "memoryProcessorMicrosecondsPerEvent": Report.number(group.memoryProcessor.median),
      ]
    }
    func list(_ parts: [PartResult]) -> JSON {
      .array(
        parts.map { part -> JSON in
          [
            "name": .string(part.name), "unit": .string(part.unit), "median": Report.number(part.samples.median),
            "spread": Report.number(part.samples.spread),
          ]
        })
    }
    return [
      "rounds": .int(Int64(rounds)), "floorInstances": .int(Int64(floorInstances)), "groups": .array(groups),
      "lives": list(lives), "parts": list(parts), "simulation": list(simulation),
      "embedding": list(embedding),
    ]
  }

  private static func number(_ value: Double) -> JSON { value.isFinite ? .double(value) : .null }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  static func whole(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    var digits = Array(String(Int(value.rounded())))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return String(digits)
  }

  private static func decimal(_ value: Double, _ places: Int) -> String {
    value.isFinite ? String(format: "%.\(places)f", value) : "–"
  }
}
