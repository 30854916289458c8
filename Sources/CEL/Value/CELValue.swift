/// A value of the Common Expression Language (CEL spec, "Values").
///
/// `==` and `hash(into:)` follow CEL: numbers compare across `int`, `uint` and `double`, strings by code point without
/// Unicode normalisation, maps without regard to order, and NaN equals nothing.
public enum CELValue: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  case list([CELValue])
  case map(CELMap)
  case timestamp(CELTimestamp)
  case duration(CELDuration)
  /// A type as a value, by its CEL name: `int`, `list`, `google.protobuf.Timestamp`.
  case type(String)
}

extension CELValue {
  /// The CEL name of the value's type, as `type(x)` gives it.
  public var typeName: String {
    switch self {
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .list: "list"
    case .map: "map"
    case .timestamp: CELTypeName.timestamp
    case .duration: CELTypeName.duration
    case .type: "type"
    }
  }
}

/// The names of types that can be written in an expression.
enum CELTypeName {
  static let timestamp = "google.protobuf.Timestamp"
  static let duration = "google.protobuf.Duration"

  static let denotations: Set<String> = [
    "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", timestamp, duration,
  ]
}
