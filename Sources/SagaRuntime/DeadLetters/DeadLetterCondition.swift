import CEL
import SagaCore

/// Which dead letters are meant: a CEL expression over `sequence code message saga role at event`.
public struct DeadLetterCondition: Sendable {
  /// The names an expression may use.
  public static let variables = ["sequence", "code", "message", "saga", "role", "at", "event"]

  private let program: CELProgram

  /// - Throws: `CELError` where the expression is none, or is not boolean.
  public init(_ expression: String) throws(CELError) {
    let variables = DeadLetterCondition.variables.map { (name: $0, type: CELType.dyn) }
    program = try CELEnvironment(variables: variables).compile(expression, expecting: .bool)
  }

  /// Whether the expression holds; one that has no value for the dead letter does not.
  public func matches(_ letter: DeadLetterView) -> Bool {
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

extension ShardReader {
  /// Goes through dead letters, oldest first.
  ///
  /// - Parameters:
  ///   - condition: only those that match.
  ///   - limit: at most so many.
  ///   - onlyUnresolved: leaves out what was replayed or discarded.
  ///   - body: is given each.
  /// - Returns: how many there were.
  /// - Throws: what `body` throws, or what the store throws.
  @discardableResult
  public func forEachDeadLetter(
    where condition: DeadLetterCondition? = nil, limit: Int = .max, onlyUnresolved: Bool = true,
    _ body: (DeadLetterView) throws -> Void
  ) throws -> Int {
    var found = 0
    var after: JournalSequence = 0
    while found < limit {
      let page = try deadLetters(onlyUnresolved: onlyUnresolved, after: after, limit: 500)
      guard let last = page.last else { break }
      after = last.sequence
      for letter in page where found < limit && condition?.matches(letter) ?? true {
        try body(letter)
        found += 1
      }
    }
    return found
  }

  /// One dead letter, resolved or not; nil where the row is none, or there is no such row.
  public func deadLetter(_ sequence: JournalSequence) throws -> DeadLetterView? {
    // Whoever asks for a row may ask for any number, and the least one has none before it.
    guard sequence >= 1 else { return nil }
    let found = try deadLetters(onlyUnresolved: false, after: sequence - 1, limit: 1).first
    return found?.sequence == sequence ? found : nil
  }
}
