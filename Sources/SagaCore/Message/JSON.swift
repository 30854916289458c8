/// A JSON value (RFC 8259).
///
/// Integral literals without fraction or exponent that fit are `.int`, every other number is a `.double`, which must be finite.
/// Equality is structural: `.int(1)` and `.double(1)` differ (`isEquivalent(to:)` compares them as numbers), strings are equal
/// when their code points are, and objects are equal whatever the order of their members.
public enum JSON: Sendable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// An integral number of 64 bits.
  case int(Int64)
  /// Any other number; finite.
  case double(Double)
  /// A string, without its escapes.
  case string(String)
  /// The elements in order.
  case array([JSON])
  /// The members in the order of the text.
  case object(JSONObject)

  /// The value of a JSON text, within `JSONLimits.message`.
  ///
  /// - Throws: `JSONError` with the byte offset of what is wrong.
  public static func parse(_ text: String) throws(JSONError) -> JSON {
    try JSONParser.parse(Array(text.utf8), limits: .message)
  }
}

extension JSON {
  /// True for `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The text of a string, nil for anything else.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

  /// A number that is integral and fits in 64 bits (`4999` and `4999.0`), nil for anything else.
  public var intValue: Int64? {
    switch self {
    case .int(let value): value
    case .double(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// Any number, rounded to a double; nil for anything else.
  public var doubleValue: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// A boolean, nil for anything else.
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements of an array, nil for anything else.
  public var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }

  /// The members of an object, nil for anything else.
  public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// The value of a member; nil where there is none or this is no object.
  public subscript(key: String) -> JSON? { if case .object(let members) = self { members[key] } else { nil } }

  /// An element; nil where there is none or this is no array.
  public subscript(index: Int) -> JSON? {
    if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
  }

  /// What JSON Schema calls the value: `null boolean number string array object`.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .int, .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}

extension JSON: CustomStringConvertible {
  /// The value as compact JSON text.
  public var description: String { String(decoding: JSONWriter.compact(self), as: UTF8.self) }
}
