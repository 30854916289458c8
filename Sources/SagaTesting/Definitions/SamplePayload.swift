import SagaCore

/// Payloads of which a test says only what it is about: the schema's required members are filled in.
enum SamplePayload {
  /// Adds what a schema requires and `given` leaves out.
  ///
  /// - Parameters:
  ///   - given: what the test says; kept as it is.
  ///   - context: payloads that belong to the same business, nearest first: a member of theirs with the same name is taken over.
  ///     What none of them has is made up from the schema.
  static func completed(_ given: JSON, _ schema: Schema?, from context: [JSON]) -> JSON {
    guard let schema = schema?.json, case .object(var object) = given else { return given }
    for name in required(schema) where object[name] == nil {
      object[name] = context.lazy.compactMap { $0[name] }.first ?? sample(schema["properties"]?[name] ?? true, name)
    }
    return .object(object)
  }

  private static func required(_ schema: JSON) -> [String] {
    schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  /// A small value of a schema, readable where it can be: a text is the member's name. Patterns and alternatives that exclude one
  /// another are left to the author: the engine refuses the message with the reason.
  private static func sample(_ schema: JSON, _ name: String) -> JSON {
    if let value = schema["const"] ?? schema["enum"]?[0] ?? schema["default"] ?? schema["examples"]?[0] { return value }
    for word in ["anyOf", "oneOf", "allOf"] {
      if let first = schema[word]?[0] { return sample(first, name) }
    }
    let types = schema["type"]?.arrayValue?.compactMap(\.stringValue) ?? [schema["type"]?.stringValue ?? "string"]
    switch types.first {
    case "integer": return .int(Int64(number(schema)))
    case "number": return .double(number(schema))
    case "boolean": return false
    case "null": return .null
    case "array":
      let count = Int(schema["minItems"]?.intValue ?? 0)
      return .array((0..<count).map { _ in sample(schema["items"] ?? true, name) })
    case "object":
      return .object(
        JSONObject(required(schema).map { ($0, sample(schema["properties"]?[$0] ?? true, $0)) }))
    default: return .string(text(schema, name))
    }
  }

  private static func number(_ schema: JSON) -> Double {
    let least = schema["minimum"]?.doubleValue ?? schema["exclusiveMinimum"]?.doubleValue.map { $0 + 1 } ?? 1
    return min(least, schema["maximum"]?.doubleValue ?? least)
  }

  private static func text(_ schema: JSON, _ name: String) -> String {
    switch schema["format"]?.stringValue {
    case "date-time": return SagaTest.beginning.rfc3339
    case "date": return String(SagaTest.beginning.rfc3339.prefix(10))
    default: break
    }
    let least = Int(schema["minLength"]?.intValue ?? 0)
    let padded = name + String(repeating: "x", count: max(0, least - name.count))
    return String(padded.prefix(Int(schema["maxLength"]?.intValue ?? .max)))
  }
}
