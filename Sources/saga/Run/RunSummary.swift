import SagaCore
import SagaRuntime

/// An answer to an operator.
enum OperatorAnswer: Sendable {
  case operated(OperatorReply)
  case sent([Receipt])

  var json: JSON {
    switch self {
    case .operated(let reply): reply.json
    case .sent(let receipts):
      ["result": "sent", "deliveries": .array(receipts.flatMap(\.deliveries).map(\.json))]
    }
  }
}

/// What a run did: printed at its end.
struct RunSummary {
  var lines = 0
  var published = 0
  var answers = 0
  var timers = 0
  /// By outcome, in a fixed order.
  private var outcomes = [Int](repeating: 0, count: RunSummary.names.count)
  /// Dead letters by code, in the order of their first appearance.
  private var codes: [(code: String, count: Int)] = []

  static let names = [
    "started", "handled", "deferred", "late", "duplicate", "parked", "foreign", "dead-lettered",
  ]

  /// Whether nothing came in, nothing was due and nothing went out.
  var isEmpty: Bool { lines + published + answers + timers == 0 && outcomes.allSatisfy { $0 == 0 } }

  mutating func count(_ receipts: [Receipt]) {
    for delivery in receipts.lazy.flatMap(\.deliveries) {
      if let index = RunSummary.names.firstIndex(of: delivery.outcome.name) { outcomes[index] += 1 }
      guard case .deadLettered(let code, _) = delivery.outcome else { continue }
      if let index = codes.firstIndex(where: { $0.code == code }) {
        codes[index].count += 1
      } else {
        codes.append((code, 1))
      }
    }
  }

  var json: JSON {
    var members: [(String, JSON)] = [("lines", .int(Int64(lines)))]
    for (name, count) in zip(RunSummary.names, outcomes) { members.append((name, .int(Int64(count)))) }
    members += [
      ("answers", .int(Int64(answers))), ("timers", .int(Int64(timers))), ("published", .int(Int64(published))),
      ("deadLetterCodes", .object(JSONObject(codes.map { ($0.code, .int(Int64($0.count))) }))),
    ]
    return .object(JSONObject(members))
  }

  var text: String {
    var parts = ["\(lines) lines in"]
    for (name, count) in zip(RunSummary.names, outcomes) where count > 0 { parts.append("\(count) \(name)") }
    if timers > 0 { parts.append("\(timers) timers") }
    parts.append("\(published) messages out")
    var text = parts.joined(separator: ", ")
    if !codes.isEmpty {
      text += "\ndead letters: " + codes.map { "\($0.count) × \($0.code)" }.joined(separator: ", ") + " (saga dlq list)"
    }
    return text
  }
}
