import SagaCore

/// Where a history would take another course.
public struct HistoryDifference: Sendable, Hashable, CustomStringConvertible {
  /// The recorded row whose input it is; nil for something that the recording has not at all.
  public var row: Int?
  /// The recorded time of the input.
  public var at: Timestamp
  /// The input, in words.
  public var input: String
  /// What was decided, sent and kept then, as far as it is not so now.
  public var recorded: [String]
  /// What is decided, sent and kept now, as far as it was not so then.
  public var now: [String]

  public var description: String {
    let place = row.map { "row \($0)" } ?? "not recorded"
    let lines = recorded.map { "  - " + $0 } + now.map { "  + " + $0 }
    return "\(place), \(at.rfc3339), \(input):\n" + lines.joined(separator: "\n")
  }

  /// nil where the rows of both say the same.
  init?(row: Int?, at: Timestamp, input: String, recorded: [JSON], now: [JSON], withIDs: Bool) {
    let before = recorded.flatMap { HistoryDifference.lines($0, withIDs: withIDs) }
    let after = now.flatMap { HistoryDifference.lines($0, withIDs: withIDs) }
    if before == after { return nil }
    self.row = row
    self.at = at
    self.input = input
    self.recorded = HistoryDifference.lines(before, without: after)
    self.now = HistoryDifference.lines(after, without: before)
    // The same things in another order.
    if self.recorded.isEmpty && self.now.isEmpty { (self.recorded, self.now) = (before, after) }
  }

  private static func lines(_ lines: [String], without others: [String]) -> [String] {
    var left = others
    return lines.filter { line in
      guard let index = left.firstIndex(of: line) else { return true }
      left.remove(at: index)
      return false
    }
  }

  /// A row's decisions, a line each.
  private static func lines(_ row: JSON, withIDs: Bool) -> [String] {
    var lines = ["outcome \(text(row["outcome"]))" + (row["code"].map { " \(text($0))" } ?? "")]
    lines += (row["facts"]?.arrayValue ?? []).map(fact)
    for message in row["outgoing"]?.arrayValue ?? [] {
      var line = "sends \(text(message["kind"])) \(text(message["type"]))"
      if let to = message["to"]?.stringValue { line += " to \(to)" }
      line += " \(message["data"] ?? .null)"
      if withIDs {
        line += " id \(text(message["id"]))"
        if let key = message["idempotencykey"]?.stringValue { line += " key \(key)" }
        if let undoes = message["undoes"]?.stringValue { line += " undoes \(undoes)" }
      }
      lines.append(line)
    }
    guard let after = row["after"] else { return lines }
    lines.append("status \(text(after["status"]))")
    lines.append("wakes at \(text(after["wakeAt"]))")
    return lines + ["data \(after["data"] ?? .null)"]
  }

  /// `{"fact": "called", "step": "pay", "attempt": 1}` is `called step pay attempt 1`.
  private static func fact(_ fact: JSON) -> String {
    guard case .object(let members) = fact else { return text(fact) }
    return members.map { $0.key == "fact" ? text($0.value) : "\($0.key) \(text($0.value))" }.joined(separator: " ")
  }

  private static func text(_ json: JSON?) -> String { json?.stringValue ?? json?.description ?? "nothing" }
}
