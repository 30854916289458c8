import CEL

/// A compiled `pattern`: whether a regular expression matches anywhere in a string.
struct SchemaPattern: Sendable {
  /// Why a pattern cannot be used.
  struct Fault: Error {
    var message: String
  }

  /// The regular expression as it was given.
  let text: String
  /// Whether a text matches; nil for one that uses up the budget of an evaluation. That is no answer, and must not be taken
  /// for one: what `not` refuses would be accepted.
  let matches: @Sendable (String) -> Bool?

  init(_ text: String) throws(Fault) {
    self.text = text
    matches = try SchemaPattern.matcher(for: text)
  }

  /// The one place where schemas meet a regular expression engine. It must take linear time: patterns come from definitions, but
  /// the texts from anybody. It is that of expressions (RE2 syntax, which has no look-around and no back references), reached
  /// through `matches()`.
  private static func matcher(for pattern: String) throws(Fault) -> @Sendable (String) -> Bool? {
    let environment = CELEnvironment(variables: [(name: "text", type: .string)])
    let program: CELProgram
    do throws(CELError) {
      program = try environment.compile("text.matches(\(literal(pattern)))", expecting: .bool)
      // A pattern that does not compile fails where it is evaluated.
      _ = try program.evaluate(CELValues([.string("")]))
    } catch {
      throw Fault(message: "the regular expression \(JSON.string(pattern).shown) cannot be used: \(error.message)")
    }
    return { text in
      // The pattern is sound and the text a text: only the budget can be at fault.
      guard let value = try? program.evaluate(CELValues([.string(text)])), case .bool(let matches) = value else {
        return nil
      }
      return matches
    }
  }

  /// A text as a CEL string literal: JSON's, as CEL knows its escapes but for `\/`, which the writer does not use.
  private static func literal(_ text: String) -> String { JSON.string(text).description }
}
