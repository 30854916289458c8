/// A value of the Common Expression Language (CEL spec, "Values").
///
/// `==` and `hash(into:)` follow CEL: numbers compare across `int`, `uint` and `double`, strings by code point without
/// Unicode normalisation, maps without regard to order, and NaN equals nothing.
public enum CELValue: Sendable {
  /// The value `null`, also of fields that are null in JSON.
  case null
  /// `true` or `false`
  case bool(Bool)
  /// An integer with sign.
  case int(Int64)
  /// An integer without sign (`1u`).
  case uint(UInt64)
  /// A number with a fraction; may be infinite or NaN.
  case double(Double)
  /// Text, of Unicode scalars.
  case string(String)
  /// Octets.
  case bytes([UInt8])
  /// Elements of any types.
  case list([CELValue])
  /// Entries in the order in which they were given.
  case map(CELMap)
  /// A point in time, from year 1 to 9999.
  case timestamp(CELTimestamp)
  /// A span of time.
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
