import CEL
import SagaCore
import SagaRuntime

/// A `--where` expression over instances: `data`, `saga` (as in definitions) and `status`.
struct InstanceQuestion {
  private let program: CELProgram
  /// Instances it could not be evaluated for, and why not for the first one.
  private(set) var failed = 0
  private(set) var firstFailure = ""

  /// - Throws: `Failure` (usage).
  init(_ text: String) throws {
    program = try Expressions.condition(text, variables: ["data", "saga", "status"])
  }

  /// An instance that the expression has no value for, such as one whose data lacks a field, does not match.
  mutating func matches(_ view: InstanceView, _ machine: Machine?) -> Bool {
    guard let instance = view.instance, let machine else { return false }
    do throws(CELError) {
      let value = try program.evaluate(
        CELValues([CELValue(instance.data), machine.sagaValue(of: instance), .string(view.status.name)]))
      if case .bool(let holds) = value { return holds }
      fail("it gives \(value), not true or false")
    } catch {
      fail(error.message)
    }
    return false
  }

  /// Says on standard error what could not be asked.
  func reportFailures() {
    guard failed > 0 else { return }
    Console.error(
      "--where has no answer for \(Text.count(failed, "saga")); for the first one: \(firstFailure)", prefix: "note: ")
  }

  private mutating func fail(_ reason: String) {
    if failed == 0 { firstFailure = reason }
    failed += 1
  }
}

/// Expressions that come from the command line.
enum Expressions {
  /// - Throws: `Failure` (usage) that points at the mistake.
  static func condition(_ text: String, variables: [String]) throws -> CELProgram {
    do throws(CELError) {
      return try CELEnvironment(variables: variables.map { (name: $0, type: .dyn) }).compile(text, expecting: .bool)
    } catch {
      throw Failure.usage("--where: \(explain(error, in: text))\nIt may use \(variables.joined(separator: ", ")).")
    }
  }

  /// The message with the place under the text.
  static func explain(_ error: CELError, in text: String) -> String {
    let (line, column) = error.position(in: text)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.indices.contains(line - 1), lines[line - 1].count <= 200 else {
      return "\(error.message) (line \(line), column \(column))"
    }
    return "\(error.message)\n  \(Text.safe(String(lines[line - 1])))\n  \(String(repeating: " ", count: column - 1))^"
  }
}
