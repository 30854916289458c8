@testable import SagaCore

/// Small sagas for tests: message types `Done…`, `No…`, `Undone…` and `NotUndone…` belong to the call `Do…`.
enum Sagas {
  static func messages(_ types: [String]) -> String {
    types.map { "\"\($0)\": { \"key\": \"event.data.k\" }" }.joined(separator: ", ")
  }

  static func types(_ names: String) -> [String] {
    names.flatMap { ["Done\($0)", "No\($0)", "Undone\($0)", "NotUndone\($0)"] }
  }

  /// An orchestration started by `Go`.
  ///
  /// - Parameters:
  ///   - calls: one letter for each call.
  ///   - more: further message types.
  static func steps(_ steps: String, calls: String = "", more: [String] = [], extra: String = "") -> String {
    """
    { "saga": "s", "version": 1, "messages": { \(messages(["Go"] + types(calls) + more)) }, "start": { "Go": {} }, \(extra)
      "steps": [ \(steps) ],
      "completed": { "publish": { "Completed": {} } },
      "compensated": { "publish": { "Compensated": { "reason": "saga.failure.reason", "kind": "saga.failure.kind" } } } }
    """
  }

  /// One role `r` started by `Go` in state `a`.
  static func role(_ states: String, calls: String = "", more: [String] = [], extra: String = "") -> String {
    """
    { "saga": "s", "version": 1, "messages": { \(messages(["Go"] + types(calls) + more)) },
      "roles": { "r": { "start": { "Go": { "goto": "a" } }, \(extra) "states": { \(states) } } } }
    """
  }

  /// A call with 30s timeout, two attempts, and an undo with the same limits.
  static func call(
    _ name: String, undo: Bool = true, with: String = "{}", undoWith: String? = nil, more: String = ""
  ) -> String {
    let back =
      undo
      ? """
      , "undo": { "call": "Undo\(name)", "to": "p", "with": \(undoWith ?? with), "timeout": "30s", "retry": { "attempts": 2, "delay": "1s" },
        "reply": { "Undone\(name)": {}, "NotUndone\(name)": { "fail": "'cannot undo \(name)'" } } }
      """ : ""
    return """
      { "step": "step\(name)", "call": "Do\(name)", "to": "p", "with": \(with),
        "reply": { "Done\(name)": {}, "No\(name)": { "fail": "'no \(name)'" } }, "timeout": "30s",
        "retry": { "attempts": 2, "delay": "1s" }\(more)\(back) }
      """
  }

  static let pivot = """
    { "step": "pivot", "pivot": true, "call": "DoP", "to": "p", "with": {}, "reply": { "DoneP": {}, "NoP": { "fail": "'no P'" } },
      "timeout": "30s", "retry": { "attempts": 1, "delay": "1s", "maxDelay": "1s" } }
    """
}

extension Play {
  /// The `undoes` of every command of a type, in order.
  func undoes(_ type: String) -> [String] { sent.filter { $0.event.type == type }.compactMap(\.event.undoes) }
  func keys(_ type: String) -> [String] { sent.filter { $0.event.type == type }.compactMap(\.event.idempotencykey) }
  func data(_ type: String) -> [JSON] { sent.filter { $0.event.type == type }.compactMap(\.event.data) }

  /// Answers the command number `index` of a type.
  @discardableResult
  func reply(to command: String, number index: Int, _ type: String, _ data: JSON = .object(JSONObject())) throws
    -> Outcome
  {
    let commands = sent.filter { $0.event.type == command }
    guard commands.indices.contains(index) else { throw Refused(text: "\(command) was sent \(commands.count) times") }
    return try send(type, data, correlation: commands[index].event.correlationid)
  }

  func notes(_ part: String) -> Int {
    facts.count { if case .noted(let text) = $0 { text.contains(part) } else { false } }
  }
}
