import CEL
import Foundation
import SagaCore
import SagaRuntime

/// The dead letters that a command means.
struct DeadLetterQuestion {
  private let limit: Int
  private let condition: DeadLetterCondition?

  /// - Throws: `Failure` (usage).
  init(_ filter: DeadLetterFilter) throws {
    limit = filter.count ?? .max
    guard let text = filter.condition else {
      condition = nil
      return
    }
    do throws(CELError) {
      condition = try DeadLetterCondition(text)
    } catch {
      let names = DeadLetterCondition.variables.joined(separator: ", ")
      throw Failure.usage("--where: \(Expressions.explain(error, in: text))\nIt may use \(names).")
    }
  }

  /// Calls `body` with each that matches, oldest first.
  ///
  /// - Returns: how many there were.
  @discardableResult
  func forEach(
    in snapshots: [Snapshot], onlyUnresolved: Bool = true, _ body: (DeadLetterView, Snapshot) throws -> Void
  ) throws -> Int {
    if snapshots.count == 1 {
      return try snapshots[0].reader.forEachDeadLetter(where: condition, limit: limit, onlyUnresolved: onlyUnresolved) {
        try body($0, snapshots[0])
      }
    }
    // Their bytes are read when their turn comes: only where they stand is kept of all.
    var found: [(at: Timestamp, shard: Int, sequence: JournalSequence)] = []
    for (shard, snapshot) in snapshots.enumerated() {
      try snapshot.reader.forEachDeadLetter(where: condition, limit: limit, onlyUnresolved: onlyUnresolved) {
        found.append(($0.at, shard, $0.sequence))
      }
    }
    found.sort { $0 < $1 }
    for one in found.prefix(limit) {
      let snapshot = snapshots[one.shard]
      if let letter = try snapshot.reader.deadLetter(one.sequence) { try body(letter, snapshot) }
    }
    return min(limit, found.count)
  }
}

/// A dead letter for people and machines.
enum DeadLetterText {
  static func json(_ letter: DeadLetterView, in snapshot: Snapshot, key: String?, withBytes: Bool) -> JSON {
    let isDivided = snapshot.place.count > 1
    var members: [(String, JSON)] = isDivided ? [("shard", .int(Int64(snapshot.place.index)))] : []
    members += [
      ("sequence", .int(letter.sequence)), ("at", .string(letter.at.rfc3339)), ("code", .string(letter.fault.code)),
      ("message", .string(letter.fault.message)), ("retryable", .bool(letter.fault.isRetryable)),
      ("attempts", .int(letter.fault.attempts)), ("causes", .array(letter.fault.causes.map { .string($0) })),
      ("saga", (letter.machine?.saga).json), ("role", (letter.machine?.role).json), ("key", key.json),
      ("version", (letter.machine?.version).map { .int($0) } ?? .null), ("state", letter.state.json),
      ("resolution", letter.resolution.map { .string("\($0)") } ?? .null), ("bytes", .int(Int64(letter.bytes.count))),
    ]
    if withBytes {
      if let event = try? JSONParser.parse(letter.bytes) {
        members.append(("event", event))
      } else if let text = String(validating: letter.bytes, as: UTF8.self) {
        members.append(("text", .string(text)))
      } else {
        members.append(("base64", .string(Data(letter.bytes).base64EncodedString())))
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
