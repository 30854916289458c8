import SagaCore

/// Why no Swift can be made of a definition that is otherwise in order.
public struct GenerationError: Error, Sendable, Hashable {
  /// Why no Swift can be made; stable, for machines.
  public enum Code: String, Sendable, CaseIterable {
    /// Two things would have one name in Swift.
    case nameClash = "swift.name-clash"
    /// No character of a name may stand in a name of Swift.
    case nameEmpty = "swift.name-empty"
    /// A command is sent both to do something and to undo something; a handler is for one of the two.
    case commandBothWays = "swift.command-both-ways"
    /// The schemas give more types than there may be.
    case typesTooMany = "swift.types-too-many"
    /// Two definitions are the same version of one saga.
    case definitionTwice = "swift.definition-twice"
  }

  /// What kind of reason it is.
  public var code: Code
  /// The definition, as messages call it.
  public var file: String
  /// Where in the definition.
  public var position: SourcePosition
  /// What is wrong.
  public var message: String
  /// How to mend it.
  public var mend: String

  /// The same as a finding of a check.
  public var diagnostic: Diagnostic {
    Diagnostic(code: code.rawValue, file: file, position: position, message: message, mend: mend)
  }
}

extension GenerationError: CustomStringConvertible {
  public var description: String { "\(file):\(position): error[\(code.rawValue)]: \(message) (\(mend))" }
}
