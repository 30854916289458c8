import Foundation
import SagaCore

/// What a run has measured, for people and for machines.
struct Report {
  var machine: MachineDescription
  var groups: [GroupResult] = []
  var sections: [Section] = []
  var goals = GoalTable()
  var rounds: Int

  var text: String {
    var parts: [[String]] = []
    if GroupResult.hasTable(groups) { parts.append(GroupResult.table(groups, rounds: rounds)) }
    for section in sections {
      let width = max(58, section.measurements.map(\.name.count).max() ?? 0)
      let lines = section.measurements.map { measurement in
        let name = measurement.name.padding(toLength: width, withPad: " ", startingAt: 0)
        return "  \(name)" + Report.right(Report.figure(measurement.samples.median), 12) + " "
          + Report.rest(measurement)
      }
      parts.append([section.title, ""] + lines + (section.notes.isEmpty ? [] : [""] + section.notes.map { "  " + $0 }))
    }
    parts.append(["goals", ""] + Report.table(goals.lines))
    if !goals.obstacles.isEmpty {
      parts.append(
        ["what stands in the way", ""] + goals.obstacles.map { "  \($0.what):\n    \($0.why)" })
    }
    return parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private static func table(_ lines: [GoalTable.Line]) -> [String] {
    let what = lines.map(\.what.count).max() ?? 0
    let goal = lines.map(\.goal.count).max() ?? 0
    let measured = lines.map(\.measured.count).max() ?? 0
    return lines.map { line in
      "  " + line.what.padding(toLength: what, withPad: " ", startingAt: 0) + "  " + right(line.goal, goal) + "  "
        + right(line.measured, measured) + "  " + line.verdict
    }
  }

  var json: JSON {
    var object: JSONObject = [
      "machine": machine.json, "rounds": .int(Int64(rounds)),
      "floorInstances": .int(Int64(StoreRounds.floorInstances)), "groups": .array(groups.map(\.json)),
    ]
    for section in sections {
      object[section.id] = .array(
        section.measurements.map { measurement -> JSON in
          [
            "name": .string(measurement.name.trimmingCharacters(in: .whitespaces)), "unit": .string(measurement.unit),
            "median": Report.number(measurement.samples.median), "spread": Report.number(measurement.samples.spread),
            "samples": .array(measurement.samples.values.map(Report.number)),
          ]
        })
    }
    object["goals"] = goals.json
    return .object(object)
  }

  static func number(_ value: Double) -> JSON { value.isFinite ? .double(value) : .null }

  /// What a table says after the figure: the unit, and how far the rounds were apart.
  static func rest(_ measurement: Measurement) -> String {
    let spread = measurement.samples.values.count > 1 ? " ± \(whole(measurement.samples.spread * 100)) %" : ""
    return measurement.unit + spread
  }

  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  static func whole(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    var digits = Array(String(Int(value.rounded())))
    var index = digits.count - 3
    while index > (digits.first == "-" ? 1 : 0) {
      digits.insert(",", at: index)
      index -= 3
    }
    return String(digits)
  }

  static func decimal(_ value: Double, _ places: Int) -> String {
    value.isFinite ? String(format: "%.\(places)f", value) : "–"
  }

  /// A ratio with its spread.
  static func ratio(_ samples: Samples) -> String {
    "\(decimal(samples.median, 2)) ± \(whole(samples.spread * 100)) %"
  }

  /// With as many places as a reader can use.
  static func figure(_ value: Double) -> String {
    abs(value) < 10 ? decimal(value, 2) : abs(value) < 100 ? decimal(value, 1) : whole(value)
  }

  /// As `figure`, without zeros at its end.
  static func short(_ value: Double) -> String {
    let text = figure(value)
    guard text.contains(".") else { return text }
    return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  }
}
