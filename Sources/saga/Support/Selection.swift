import ArgumentParser
import CEL
import SagaCore
import SagaRuntime

/// The options by which commands find instances of a saga.
struct NarrowingOptions: ParsableArguments {
  @Option(help: "Only this role.")
  var role: String?
  @Option(help: "Only sagas in this state.")
  var state: String?
  @Option(
    name: .customLong("where"), help: "Only sagas for which this CEL expression over data, saga and status holds.")
  var condition: String?
  @Option(parsing: .unconditional, help: "At most this many, oldest first.")
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
  }

  /// - Parameter filter: what is chosen besides.
  /// - Throws: `Failure` (usage).
  func selection(_ filter: InstanceFilter, version: Int64? = nil) throws -> InstanceSelection {
    var filter = filter
    filter.role = role
    return InstanceSelection(
      filter, state: state, version: version, condition: try condition.map { try Selections.condition($0) })
  }
}

/// The options by which commands find instances.
struct SelectionOptions: ParsableArguments {
  @Option(help: "Only sagas of this name.")
  var saga: String?
  @Option(help: "Only this status: running, compensating, completed, compensated, stuck or paused.")
  var status: String?
  @OptionGroup var narrowing: NarrowingOptions

  /// Whether every instance is meant.
  var isEmpty: Bool {
    saga == nil && status == nil && narrowing.role == nil && narrowing.state == nil && narrowing.condition == nil
  }

  /// - Throws: `Failure` (usage).
  func selection() throws -> InstanceSelection {
    var filter = InstanceFilter(saga: saga)
    guard let status else { return try narrowing.selection(filter) }
    if status == "paused" {
      filter.isPaused = true
    } else if let wanted = InstanceStatus.allCases.first(where: { $0.name == status }) {
      filter.statuses = [wanted]
    } else {
      let names = InstanceStatus.allCases.map(\.name).joined(separator: ", ")
      throw Failure.usage("--status takes \(names) or paused, not '\(status)'")
    }
    return try narrowing.selection(filter)
  }
}

enum Selections {
  /// - Throws: `Failure` (usage) that points at the mistake.
  static func condition(_ text: String) throws -> InstanceCondition {
    do throws(CELError) {
      return try InstanceCondition(text)
    } catch {
      let names = InstanceCondition.variables.joined(separator: ", ")
      throw Failure.usage("--where: \(Expressions.explain(error, in: text))\nIt may use \(names).")
    }
  }

  /// Says on standard error what could not be asked.
  static func reportUnanswered(_ finders: [InstanceFinder]) {
    guard let first = finders.first(where: { $0.unanswered > 0 }) else { return }
    let sagas = Text.count(finders.reduce(0) { $0 + $1.unanswered }, "saga")
    Console.error("--where has no answer for \(sagas); for the first one: \(first.firstUnanswered)", prefix: "note: ")
  }
}
