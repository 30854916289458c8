/// A static type of the checker (CEL spec, "Gradual Type Checking").
public indirect enum CELType: Sendable, Hashable {
  /// Any value; checked when the expression runs.
  case dyn
  /// Of the value `null`.
  case null
  /// Of `true` and `false`.
  case bool
  /// Integers of 64 bits with sign.
  case int
  /// Integers of 64 bits without sign.
  case uint
  /// IEEE 754 numbers of 64 bits.
  case double
  /// Unicode text.
  case string
  /// Octets.
  case bytes
  /// `google.protobuf.Timestamp`: a point in time.
  case timestamp
  /// `google.protobuf.Duration`: a span of time.
  case duration
  /// The type of types.
  case type
  /// Elements of one type.
  case list(CELType)
  /// Keys of one type and values of one type.
  case map(CELType, CELType)
  /// A map with string keys whose fields are known.
  case object(CELObjectType)
  /// The type or null. Operators and selections take it as the type itself; see ``CELProgram/nullHazards(variable:)``.
  case nullable(CELType)
  /// A type variable; only in the signatures of functions.
  case parameter(String)
}

extension CELType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .dyn: "dyn"
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .type: "type"
    case .list(let element): "list(\(element))"
    case .map(let key, let value): "map(\(key), \(value))"
    case .object(let object): object.name
    case .nullable(let wrapped): "nullable(\(wrapped))"
    case .parameter(let name): name
    }
  }
}

/// The declared fields of an object: at run time a map with string keys.
public struct CELObjectType: Sendable, Hashable {
  /// A declared field.
  public struct Field: Sendable, Hashable {
    /// What is written after the dot.
    public var name: String
    /// The type of the field's value.
    public var type: CELType

    /// For hosts that declare objects.
    public init(name: String, type: CELType) {
      self.name = name
      self.type = type
    }
  }

  /// What error messages call the type.
  public var name: String
  /// In the order of declaration.
  public var fields: [Field]
  /// Whether undeclared fields may be selected, as `dyn`; otherwise selecting one is an error of the checker.
  public var isOpen: Bool

  /// An object type from its fields, in the order of declaration; of two equal names the last counts.
  public init(name: String, fields: [(name: String, type: CELType)], isOpen: Bool) {
    self.name = name
    self.fields = fields.map { Field(name: $0.name, type: $0.type) }
    self.isOpen = isOpen
  }

  /// The declared type of a field.
  public func type(ofField name: String) -> CELType? {
    fields.first { UTF8Text.equal($0.name, name) }?.type
  }
}
