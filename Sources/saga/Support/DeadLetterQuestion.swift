import CEL
import SagaCore
import SagaRuntime

/// The dead letters that a command means.
struct DeadLetterQuestion {
  private static let page = 500
  private let limit: Int
  private let program: CELProgram?

  /// - Throws: `Failure` (usage).
  init(_ filter: DeadLetterFilter) throws {
    limit = filter.count ?? .max
    let variables = ["sequence", "code", "message", "saga", "role", "at", "event"]
    program = try filter.condition.map { try Expressions.condition($0, variables: variables) }
  }

  /// Calls `body` with each that matches, oldest first.
  ///
  /// - Returns: how many there were.
  @discardableResult
  func forEach(
    in snapshot: Snapshot, onlyUnresolved: Bool = true, _ body: (DeadLetterView) throws -> Void
  ) throws -> Int {
    var found = 0
    var after: JournalSequence = 0
    while found < limit {
      let page = try snapshot.reader.deadLetters(
        onlyUnresolved: onlyUnresolved, after: after, limit: DeadLetterQuestion.page)
      guard let last = page.last else { break }
      after = last.sequence
      for letter in page where found < limit && matches(letter) {
        try body(letter)
        found += 1
      }
    }
    return found
  }

  /// One that the expression has no value for does not match.
  private func matches(_ letter: DeadLetterView) -> Bool {
    guard let program else { return true }
    let event = (try? JSONParser.parse(letter.bytes)).map { CELValue($0) } ?? .null
    let values: [CELValue?] = [
      .int(letter.sequence), .string(letter.fault.code), .string(letter.fault.message),
      .string(letter.machine?.saga ?? ""), .string(letter.machine?.role ?? ""),
      CELTimestamp(parsingRFC3339: letter.at.rfc3339).map { .timestamp($0) }, event,
    ]
    if case .bool(true)? = try? program.evaluate(CELValues(values)) { return true }
    return false
  }
}

/// A dead letter for people and machines.
enum DeadLetterReport {
  static func json(_ letter: DeadLetterView, key: String?, withBytes: Bool) -> JSON {
    var members: [(String, JSON)] = [
      ("sequence", .int(letter.sequence)), ("at", .string(letter.at.rfc3339)), ("code", .string(letter.fault.code)),
      ("message", .string(letter.fault.message)), ("retryable", .bool(letter.fault.isRetryable)),
      ("saga", (letter.machine?.saga).json), ("role", (letter.machine?.role).json), ("key", key.json),
      ("version", (letter.machine?.version).map { .int($0) } ?? .null), ("state", letter.state.json),
      ("resolution", letter.resolution.map { .string("\($0)") } ?? .null), ("bytes", .int(Int64(letter.bytes.count))),
    ]
    if withBytes {
      if let event = try? JSONParser.parse(letter.bytes) {
        members.append(("event", event))
      } else {
        members.append(("text", .string(String(decoding: letter.bytes, as: UTF8.self))))
      }
    }
    return .object(JSONObject(members))
  }

  /// The type and id of the message, where it is one.
  static func subject(_ letter: DeadLetterView) -> String {
    guard let event = try? CloudEvent.decode(letter.bytes) else { return Text.count(letter.bytes.count, "byte") }
    return Text.safe("\(event.type) \(event.id)")
  }
}
