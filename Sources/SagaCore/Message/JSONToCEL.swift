import CEL

extension CELValue {
  /// A JSON value as expressions see it: integers are ints, other numbers doubles, objects maps with string keys in the same
  /// order. Nothing is parsed: a time in a message is a string until an expression calls `timestamp()`.
  public init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .array(let elements): self = .list(elements.map { CELValue($0) })
    case .object(let object):
      self = .map(CELMap(uniqueStringKeys: object.members.map { ($0.key, CELValue($0.value)) }))
    }
  }
}

/// Why a value of an expression is no JSON.
public struct JSONConversionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where in the value.
  public var path: JSONPointerPath
  /// The cause and the mend.
  public var message: String

  /// For conversions of further kinds of values.
  public init(path: JSONPointerPath, message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { path.elements.isEmpty ? message : "\(path): \(message)" }
}

extension JSON {
  /// The value of an expression as JSON, in the mapping of CEL's conversion to `google.protobuf.Value` (CEL spec, "JSON data
  /// conversion") except that integers stay integers: timestamps are RFC 3339 strings, durations decimal seconds (`"3.5s"`),
  /// bytes base64, uints integers, or doubles above 2^63.
  ///
  /// - Throws: `JSONConversionError` for infinity and NaN, map keys that are no strings, and types.
  public init(cel value: CELValue) throws(JSONConversionError) {
    self = try JSON.convert(value)
  }

  private static func convert(_ value: CELValue) throws(JSONConversionError) -> JSON {
    switch value {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .uint(let value): return Int64(exactly: value).map(JSON.int) ?? .double(Double(value))
    case .double(let value):
      if value.isFinite { return .double(value) }
      throw JSONConversionError(path: [], message: "JSON has no number for \(value)")
    case .string(let value): return .string(value)
    case .bytes(let value): return .string(Base64.encode(value))
    case .timestamp(let value): return .string(value.rfc3339)
    case .duration(let value): return .string(value.canonicalText)
    case .type(let name):
      throw JSONConversionError(path: [], message: "the type \(name) is no JSON; write string(type(…)) for its name")
    case .list(let elements):
      var converted: [JSON] = []
      converted.reserveCapacity(elements.count)
      for index in elements.indices { converted.append(try convert(elements[index], at: .index(index))) }
      return .array(converted)
    case .map(let map):
      return .object(try convert(map))
    }
  }

  /// A part of a value; the place is put together only when something is wrong in it.
  private static func convert(
    _ value: CELValue, at place: @autoclosure () -> JSONPointerPath.Element
  ) throws(JSONConversionError) -> JSON {
    do throws(JSONConversionError) {
      return try convert(value)
    } catch {
      throw JSONConversionError(path: JSONPointerPath([place()] + error.path.elements), message: error.message)
    }
  }

  private static func convert(_ map: CELMap) throws(JSONConversionError) -> JSONObject {
    var object = JSONObject(reservingCapacity: map.count)
    for entry in map.entries {
      guard case .string(let key) = entry.key else {
        let message = "a key of type \(entry.key.typeName) is no JSON; convert the keys with string()"
        throw JSONConversionError(path: [], message: message)
      }
      _ = object.insert(key, try convert(entry.value, at: .key(key)))
    }
    return object
  }
}
