import CEL
import SagaRuntime

/// Expressions that come from the command line.
enum Expressions {
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
