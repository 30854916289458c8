/// A saga as its file says it, with the place of everything that a diagnostic may point at.
///
/// An orchestration is decoded into the same shape: one role with an empty name, the states `working`, `completed` and
/// `compensated`, and its `steps` as the `do` of `working`.
public struct Definition: Sendable {
  /// Who decides what comes next.
  public enum Mode: String, Sendable {
    /// Each role, by what it hears.
    case choreography
    /// One coordinator, by its steps.
    case orchestration
  }
  /// How messages call the file.
  public var file: String
  /// The file, byte for byte; the schema files that it refers to are added to its `schemas`.
  public var source: [UInt8]
  /// The saga's name (`saga`).
  public var name: String
  /// The saga's version, from 1. Instances keep theirs.
  public var version: Int64
  /// `description`, for people.
  public var description: String?
  /// Which of the two forms the file has.
  public var mode: Mode
  /// Where the definition's object begins.
  public var position: SourcePosition
  /// The entries of `messages`, in the order of the file.
  public var messages: [MessageDeclaration] = []
  /// Schema of the instance's data; nil when the definition gives none (then anything goes).
  public var data: Schema?
  /// The entries of `roles`; for an orchestration one without a name.
  public var roles: [RoleDefinition] = []

  /// The one open state of an orchestration.
  public static let workingState = "working"
  /// The state in which an orchestration ends that has done all its steps.
  public static let completedState = "completed"
  /// The state in which an orchestration ends that has undone what it had done.
  public static let compensatedState = "compensated"

  /// The role of a name; nil where the file has none.
  public func role(named name: String) -> RoleDefinition? { roles.first { $0.name == name } }
  /// The declaration of a message type; nil where the file has none.
  public func message(_ type: String) -> MessageDeclaration? { messages.first { $0.type == type } }
}

/// A value and where it stands.
public struct Located<Value: Sendable>: Sendable {
  /// What stands there.
  public var value: Value
  /// Where it begins.
  public var position: SourcePosition
  /// A value that a decoder read at a place.
  public init(_ value: Value, at position: SourcePosition) {
    self.value = value
    self.position = position
  }
}

/// The text of a CEL expression. `position` is that of its first character (behind the quote).
public struct ExpressionSource: Sendable, Hashable {
  /// The expression, without the quotes of JSON.
  public var text: String
  /// Where its first character stands.
  public var position: SourcePosition
  /// An expression as it stands in a file, or one made up by a tool.
  public init(text: String, position: SourcePosition) {
    self.text = text
    self.position = position
  }
}

/// Structure whose string leaves are CEL.
public indirect enum Template: Sendable {
  /// Numbers, booleans and null.
  case constant(JSON)
  /// A string: the value is what the expression gives.
  case expression(ExpressionSource)
  /// Elements, each a template.
  case array([Template])
  /// Members, each a template, in the order of the file.
  case object([TemplateMember])
}

/// A named value in a template: of a payload, of `set`, of `correlate`, of `publish`.
public struct TemplateMember: Sendable {
  /// The member's key.
  public var name: String
  /// Where the key begins.
  public var position: SourcePosition
  /// What its value is made by.
  public var value: Template
  /// A member as a decoder read it.
  public init(name: String, position: SourcePosition, value: Template) {
    self.name = name
    self.position = position
    self.value = value
  }
}

/// A duration literal, or an expression that gives a duration or a timestamp.
public struct Delay: Sendable {
  /// How the time is given.
  public enum Value: Sendable {
    /// A literal such as `"30s"`.
    case milliseconds(Int64)
    /// Computed when the wait begins.
    case expression(ExpressionSource)
  }
  /// The literal or the expression.
  public var value: Value
  /// As written.
  public var text: String
  /// Where it begins.
  public var position: SourcePosition
  /// A delay as a decoder read it.
  public init(value: Value, text: String, position: SourcePosition) {
    self.value = value
    self.text = text
    self.position = position
  }
}

/// An entry of `messages`.
public struct MessageDeclaration: Sendable {
  /// Which instances a message is for.
  public enum Key: Sendable {
    /// The primary key, or a list of them.
    case primary(ExpressionSource)
    /// A value that an instance has recorded under this name (`correlate`).
    case named(String, ExpressionSource)
  }
  /// An older form of the message's data.
  public struct Accepted: Sendable {
    /// Chosen when the message's `dataschema` equals this; when nil, by validation.
    public var dataschema: String?
    /// What data of this form has to be.
    public var schema: Schema
    /// Gives the newest version's data; the old data is `event.data`.
    public var upcast: Template
    /// Where the entry begins.
    public var position: SourcePosition
  }
  /// The CloudEvent's type.
  public var type: String
  /// Where the entry begins.
  public var position: SourcePosition
  /// What the definition says about it, for people.
  public var description: String?
  /// How it finds its instances; nil for a message that is only sent.
  public var key: Key?
  /// What becomes of one that finds no instance; nil keeps it for a time.
  public var missing: MissingPolicy?
  /// What its data has to be, on the way in and out; nil takes anything.
  public var schema: Schema?
  /// Older forms that are lifted on the way in, in the order in which they are tried.
  public var accepts: [Accepted] = []
}
