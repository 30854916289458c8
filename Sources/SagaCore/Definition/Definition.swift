/// A saga as its file says it, with the place of everything that a diagnostic may point at.
///
/// An orchestration is decoded into the same shape: one role with an empty name, the states `working`, `completed` and
/// `compensated`, and its `steps` as the `do` of `working`.
public struct Definition: Sendable {
  public enum Mode: String, Sendable { case choreography, orchestration }
  public var file: String
  /// The file, byte for byte; the schema files that it refers to are added to its `schemas`.
  public var source: [UInt8]
  public var name: String
  public var version: Int64
  public var description: String?
  public var mode: Mode
  public var position: SourcePosition
  public var messages: [MessageDeclaration] = []
  /// Schema of the instance's data; nil when the definition gives none (then anything goes).
  public var data: Schema?
  public var roles: [RoleDefinition] = []

  public static let workingState = "working"
  public static let completedState = "completed"
  public static let compensatedState = "compensated"

  public func role(named name: String) -> RoleDefinition? { roles.first { $0.name == name } }
  public func message(_ type: String) -> MessageDeclaration? { messages.first { $0.type == type } }
}

/// A value and where it stands.
public struct Located<Value: Sendable>: Sendable {
  public var value: Value
  public var position: SourcePosition
  public init(_ value: Value, at position: SourcePosition) {
    self.value = value
    self.position = position
  }
}

/// The text of a CEL expression. `position` is that of its first character (behind the quote).
public struct ExpressionSource: Sendable, Hashable {
  public var text: String
  public var position: SourcePosition
  public init(text: String, position: SourcePosition) {
    self.text = text
    self.position = position
  }
}

/// Structure whose string leaves are CEL.
public indirect enum Template: Sendable {
  /// Numbers, booleans and null.
  case constant(JSON)
  case expression(ExpressionSource)
  case array([Template])
  case object([TemplateMember])
}

public struct TemplateMember: Sendable {
  public var name: String
  public var position: SourcePosition
  public var value: Template
  public init(name: String, position: SourcePosition, value: Template) {
    self.name = name
    self.position = position
    self.value = value
  }
}

/// A duration literal, or an expression that gives a duration or a timestamp.
public struct Delay: Sendable {
  public enum Value: Sendable {
    case milliseconds(Int64)
    case expression(ExpressionSource)
  }
  public var value: Value
  /// As written.
  public var text: String
  public var position: SourcePosition
  public init(value: Value, text: String, position: SourcePosition) {
    self.value = value
    self.text = text
    self.position = position
  }
}

/// An entry of `messages`.
public struct MessageDeclaration: Sendable {
  public enum Key: Sendable {
    case primary(ExpressionSource)
    case named(String, ExpressionSource)
  }
  public struct Accepted: Sendable {
    /// Chosen when the message's `dataschema` equals this; when nil, by validation.
    public var dataschema: String?
    public var schema: Schema
    /// Gives the newest version's data; the old data is `event.data`.
    public var upcast: Template
    public var position: SourcePosition
  }
  public var type: String
  public var position: SourcePosition
  public var description: String?
  public var key: Key?
  public var missing: MissingPolicy?
  public var schema: Schema?
  public var accepts: [Accepted] = []
}
