import SagaCore
import SagaRuntime

/// An input from outside, and the recorded rows that it led to: its own, and those of kept messages that it set free.
struct RecordedInput {
  enum Cause {
    case message(CloudEvent)
    case timer
    case operation(Operation)
    case undeliverable(key: String, reason: String, isPermanent: Bool)
  }

  /// Of its first row, from 1.
  var number: Int
  var at: Timestamp
  var cause: Cause
  var rows: [JSON]

  var text: String {
    switch cause {
    case .message(let event): "\(event.type) (\(event.id) from \(event.source))"
    case .timer: "a timer"
    case .operation(let operation): "\(operation.verb.rawValue) by \(operation.by)"
    case .undeliverable(_, let reason, _): "a command that could not be delivered: \(reason)"
    }
  }

  static func time(_ row: JSON) -> Timestamp? { row["at"]?.stringValue.flatMap(Timestamp.init(rfc3339:)) }

  /// - Throws: `GoldenHistoryError.notReplayable`.
  static func groups(_ rows: [JSON]) throws -> [RecordedInput] {
    var groups: [RecordedInput] = []
    var seen: Set<MessageIdentity> = []
    for (index, row) in rows.enumerated() {
      let number = index + 1
      guard let at = time(row) else { throw GoldenHistoryError.notReplayable(row: number, reason: "it has no time") }
      let cause = try cause(of: row, number)
      if case .message(let event) = cause {
        let isNew = seen.insert(MessageIdentity(event)).inserted
        // The engine offers what the instance has kept by itself; what was parked before the instance began has no earlier row.
        if row["cause"]?["reoffered"]?.boolValue == true, !isNew, !groups.isEmpty {
          groups[groups.count - 1].rows.append(row)
          continue
        }
      }
      groups.append(RecordedInput(number: number, at: at, cause: cause, rows: [row]))
    }
    return groups
  }

  private static func cause(of row: JSON, _ number: Int) throws -> Cause {
    func fail(_ reason: String) -> GoldenHistoryError { .notReplayable(row: number, reason: reason) }
    let cause = row["cause"] ?? .null
    switch cause["kind"]?.stringValue {
    case "message":
      do throws(MessageFault) {
        return .message(try CloudEvent.decode(JSONWriter.compact(cause["event"] ?? .null)))
      } catch {
        throw fail(error.message)
      }
    case "timer": return .timer
    case "undeliverable":
      return .undeliverable(
        key: cause["idempotencykey"]?.stringValue ?? "", reason: cause["reason"]?.stringValue ?? "",
        isPermanent: cause["permanent"]?.boolValue ?? false)
    case .some(let kind):
      guard let verb = Operation.Verb(rawValue: kind) else {
        throw fail(
          kind == "migrate"
            ? "the instance goes on under another version from there; record histories that one version has decided"
            : "its cause '\(kind)' is not an instance's own")
      }
      return .operation(
        Operation(
          verb: verb, by: cause["by"]?.stringValue ?? "", reason: cause["reason"]?.stringValue ?? "",
          state: cause["state"]?.stringValue, isUnsafe: cause["unsafe"]?.boolValue ?? false))
    case nil: throw fail("it has no cause")
    }
  }
}
