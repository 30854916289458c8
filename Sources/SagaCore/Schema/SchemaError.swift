/// Why a schema cannot be used.
public struct SchemaError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where in the file, from the path that `Schema.init` was given.
  public var path: JSONPointerPath
  /// The cause and, where it is known, the mend.
  public var message: String

  /// For checks of a schema besides those of `Schema.init`.
  public init(path: JSONPointerPath, message: String) {
    self.path = path
    self.message = message
  }

  /// `path` as a JSON Pointer.
  public var pointer: String { path.description }

  public var description: String { pointer.isEmpty ? message : "\(pointer): \(message)" }
}

/// One way in which a value breaks a schema.
public struct SchemaViolation: Sendable, Hashable, CustomStringConvertible {
  /// Where in the value, from its root.
  public var path: JSONPointerPath
  /// The keyword that refuses it: `type`, `required`, …; `limit` past `Schema.maximumSteps` and where a
  /// pattern takes too long to match; `false` for the schema `false`.
  public var keyword: String
  /// What is and what must be.
  public var message: String

  /// For rules besides those of JSON Schema.
  public init(path: JSONPointerPath, keyword: String, message: String) {
    self.path = path
    self.keyword = keyword
    self.message = message
  }

  /// `path` as a JSON Pointer, empty for the value itself.
  public var pointer: String { path.description }

  public var description: String { pointer.isEmpty ? message : "\(pointer): \(message)" }
}
