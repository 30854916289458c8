/// A type of the generated code, by its place in `TypeTable`.
struct TypeID: Hashable, Sendable {
  let index: Int
}

/// What a value is in Swift.
indirect enum SwiftType: Hashable, Sendable {
  case string, boolean, integer, number
  /// Any value.
  case json
  case list(SwiftType)
  case map(SwiftType)
  case optional(SwiftType)
  case named(TypeID)
}

/// A struct or enum of the generated code.
struct TypeDeclaration: Sendable {
  enum Kind: Sendable {
    case structure([Field])
    case enumeration([EnumerationCase])
    /// A payload that is no object with known members.
    case wrapper(SwiftType)
  }
  var name: String
  var documentation: String?
  var kind: Kind
  /// The type that it stands in; nil in the namespace.
  var parent: TypeID?
  /// Those that stand in it, in order.
  var nested: [TypeID] = []
}

/// A member of an object.
struct Field: Sendable {
  /// In Swift, without backticks.
  var name: String
  /// In JSON.
  var key: String
  /// Without the optional that `isRequired` and `isNullable` make of it.
  var type: SwiftType
  var isRequired: Bool
  var isNullable: Bool
  var documentation: String?
  /// The one value that it may have, as an expression of the type.
  var onlyValue: String?

  var isOptional: Bool { !isRequired || isNullable }
}

/// A value of an enum of strings.
struct EnumerationCase: Sendable {
  /// In Swift, without backticks.
  var name: String
  var value: String
}
