@testable import SagaCore

/// Small definitions for tests of single checks.
enum Checked {
  static let types = [
    "Begun", "Cancelled", "AskDone", "AskRefused", "AskUndone", "ShipDone", "ShipRefused", "Settled", "Told",
  ]
  static var messages: String { types.map { "\"\($0)\": { \"key\": \"event.data.id\" }" }.joined(separator: ", ") }

  /// A call that can be refused and undone.
  static let ask = """
    { "step": "ask", "call": "Ask", "to": "party", "reply": { "AskDone": {}, "AskRefused": { "fail": "'no'" } },
      "undo": { "call": "UndoAsk", "to": "party", "reply": { "AskUndone": {} } } }
    """
  static let ship = """
    { "step": "ship", "pivot": true, "call": "Ship", "to": "party", "reply": { "ShipDone": {}, "ShipRefused": { "fail": "'no'" } } }
    """

  /// The codes found in an orchestration of these steps, without what nothing takes.
  static func steps(_ steps: String, data: String = "{}", after: String = "30d", more: String = "") -> [String] {
    codes(
      """
      { "saga": "s", "version": 1, "messages": { \(messages) }, "data": { "type": "object", "properties": \(data) },
        "start": { "Begun": {} }, "after": { "\(after)": { "compensate": "'late'" } }, \(more) "steps": [ \(steps) ] }
      """)
  }

  /// The codes found in a role with these states, which begins in `first`.
  static func states(_ states: String, role: String = "", data: String = "{}") -> [String] {
    codes(
      """
      { "saga": "s", "version": 1, "messages": { \(messages) }, "data": { "type": "object", "properties": \(data) },
        "roles": { "desk": { "start": { "Begun": { "goto": "first" } }, \(role) "states": { \(states),
          "done": { "final": "completed" }, "gone": { "final": "compensated" } } } } }
      """)
  }

  static func codes(_ text: String) -> [String] { findings(text).map(\.code) }

  static func findings(_ text: String) -> [Diagnostic] {
    LoadedDefinition.load(source: Array(text.utf8), file: "test.json").diagnostics
      .filter { $0.code != "message.unused" && $0.code != "final.unreachable" }
  }
}
