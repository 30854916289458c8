import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime

/// Option values that several commands take.
enum Options {
  /// - Throws: `ValidationError` for a number of shards that there cannot be.
  static func validate(shards: Int?) throws {
    guard let shards, !(1...ShardPlace.maximumCount).contains(shards) else { return }
    throw ValidationError("--shards takes a number from 1 to \(ShardPlace.maximumCount), not \(shards)")
  }

  /// - Throws: `ValidationError` for an empty path, which a variable of a shell that is not set leaves.
  static func validate(path: String?, option: String) throws {
    guard let path, path.isEmpty else { return }
    throw ValidationError("\(option) is empty; write the path of a file there")
  }

  /// - Throws: `Failure` (usage) naming the option.
  static func duration(_ text: String, option: String) throws -> Int64 {
    guard let value = DurationText.milliseconds(text) else {
      throw Failure.usage("\(option) takes a duration such as 500ms, 30s, 15m, 36h or 30d, not '\(text)'")
    }
    return value
  }

  /// - Throws: `Failure` (usage) naming the option.
  static func time(_ text: String, option: String) throws -> Timestamp {
    guard let value = Timestamp(rfc3339: text) else {
      throw Failure.usage("\(option) takes a time such as 2026-01-31T12:00:00Z, not '\(text)'")
    }
    return value
  }
}

/// `--db FILE`
struct DatabaseOptions: ParsableArguments {
  @Option(name: .customLong("db"), help: "The database file.")
  var database: String

  func validate() throws { try Options.validate(path: database, option: "--db") }
}

/// `--json`
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON: one object, or one a line.")
  var json = false
}

/// Who acts, why and when.
struct OperatorOptions: ParsableArguments {
  @Option(help: "Who acts; kept in the history. Default: $USER.")
  var by: String?
  @Option(help: "Why; kept in the history.")
  var reason = ""
  @Option(
    help: """
      The logical time to act at (RFC 3339) instead of now, not before the journal's last: for databases that ran with \
      --clock events.
      """)
  var at: String?

  var operatorName: String { by ?? ProcessInfo.processInfo.environment["USER"] ?? NSUserName() }

  /// - Throws: `Failure` (usage).
  func time() throws -> Timestamp? { try at.map { try Options.time($0, option: "--at") } }
}

/// Names one instance. Its key may be in use in several sagas and roles.
struct InstanceOptions: ParsableArguments {
  @Argument(help: "The saga's key.")
  var key: String
  @Option(help: "The saga's name, when several have the key.")
  var saga: String?
  @Option(help: "The role, when several have the key.")
  var role: String?
}
