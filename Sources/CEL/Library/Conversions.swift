extension StandardLibrary {
  /// The functions named after types (CEL spec, "List of Standard Definitions").
  static var conversions: [StandardFunction] {
    [
      read("int", [.int, .uint, .double, .string, .timestamp], .int, int),
      read("uint", [.int, .uint, .double, .string], .uint, uint),
      read("double", [.int, .uint, .double, .string], .double, double),
      read("bool", [.bool, .string], .bool, bool),
      convert("string", [.string, .bool, .int, .uint, .double, .bytes, .timestamp, .duration], .string) {
        (value, evaluation) throws(CELError) in try string(value, &evaluation)
      },
      convert("bytes", [.bytes, .string], .bytes) { (value, evaluation) throws(CELError) in
        switch value {
        case .bytes: return value
        case .string(let text):
          try evaluation.charge(bytes: text.utf8.count)
          return .bytes(Array(text.utf8))
        default: return nil
        }
      },
      read("timestamp", [.timestamp, .string, .int], .timestamp, timestamp),
      read("duration", [.duration, .string], .duration, duration),
      convert("type", [.parameter("A")], .type) { (value, _) throws(CELError) in .type(value.typeName) },
      convert("dyn", [.parameter("A")], .dyn) { (value, _) throws(CELError) in value },
    ]
  }

  private static func convert(
    _ name: String, _ sources: [CELType], _ result: CELType,
    _ body: @escaping @Sendable (CELValue, inout Evaluation) throws(CELError) -> CELValue?
  ) -> StandardFunction {
    .global(name, sources.map { ([$0], result) }, [1: .one(body)])
  }

  /// A conversion that reads texts, and is charged for them.
  private static func read(
    _ name: String, _ sources: [CELType], _ result: CELType,
    _ body: @escaping @Sendable (CELValue) throws(CELError) -> CELValue?
  ) -> StandardFunction {
    convert(name, sources, result) { (value, evaluation) throws(CELError) in
      if case .string(let text) = value { try evaluation.charge(bytes: text.utf8.count) }
      return try body(value)
    }
  }

  private static func outOfRange(_ type: String, _ value: CELValue) -> CELError {
    CELError(kind: .overflow, message: "\(value) is out of the range of \(type)", offset: 0)
  }

  private static func unreadable(_ type: String, _ text: String) -> CELError {
    invalid("'\(String(text.unicodeScalars.prefix(64)))' cannot be read as \(type)")
  }

  /// A double is truncated; both ends of the range are excluded because doubles cannot tell them from their neighbours.
  private static func int(_ value: CELValue) throws(CELError) -> CELValue? {
    switch value {
    case .int: return value
    case .uint(let number):
      guard let signed = Int64(exactly: number) else { throw outOfRange("int", value) }
      return .int(signed)
    case .double(let number):
      guard number > -0x1p63, number < 0x1p63 else { throw outOfRange("int", value) }
      return .int(Int64(number))
    case .string(let text):
      guard let number = Int64(text) else { throw unreadable("int", text) }
      return .int(number)
    case .timestamp(let timestamp): return .int(timestamp.seconds)
    default: return nil
    }
  }

  private static func uint(_ value: CELValue) throws(CELError) -> CELValue? {
    switch value {
    case .uint: return value
    case .int(let number):
      guard let unsigned = UInt64(exactly: number) else { throw outOfRange("uint", value) }
      return .uint(unsigned)
    case .double(let number):
      guard number > -1, number < 0x1p64 else { throw outOfRange("uint", value) }
      return .uint(UInt64(number))
    case .string(let text):
      guard let number = UInt64(text) else { throw unreadable("uint", text) }
      return .uint(number)
    default: return nil
    }
  }

  private static func double(_ value: CELValue) throws(CELError) -> CELValue? {
    switch value {
    case .double: return value
    case .int(let number): return .double(Double(number))
    case .uint(let number): return .double(Double(number))
    case .string(let text):
      guard let number = Double(text) else { throw unreadable("double", text) }
      return .double(number)
    default: return nil
    }
  }

  private static func bool(_ value: CELValue) throws(CELError) -> CELValue? {
    switch value {
    case .bool: return value
    case .string(let text):
      switch text {
      case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
      case "0", "f", "F", "false", "FALSE", "False": return .bool(false)
      default: throw unreadable("bool", text)
      }
    default: return nil
    }
  }

  private static func string(_ value: CELValue, _ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    switch value {
    case .string: return value
    case .bool(let flag): return .string(flag ? "true" : "false")
    case .int(let number): return .string(String(number))
    case .uint(let number): return .string(String(number))
    case .double(let number): return .string(NumberText.shortest(number))
    case .bytes(let bytes):
      try evaluation.charge(bytes: bytes.count)
      guard let text = String(validating: bytes, as: UTF8.self) else { throw invalid("the bytes are not UTF-8") }
      return .string(text)
    case .timestamp(let timestamp): return .string(timestamp.rfc3339)
    case .duration(let duration): return .string(duration.canonicalText)
    default: return nil
    }
  }

  private static func timestamp(_ value: CELValue) throws(CELError) -> CELValue? {
    switch value {
    case .timestamp: return value
    case .int(let seconds):
      guard let timestamp = CELTimestamp(validSeconds: seconds) else { throw outOfRange("timestamp", value) }
      return .timestamp(timestamp)
    case .string(let text):
      guard let timestamp = CELTimestamp(parsingRFC3339: text) else { throw unreadable("timestamp", text) }
      return .timestamp(timestamp)
    default: return nil
    }
  }

  private static func duration(_ value: CELValue) throws(CELError) -> CELValue? {
    switch value {
    case .duration: return value
    case .string(let text):
      guard let duration = CELDuration(parsing: text) else { throw unreadable("duration", text) }
      return .duration(duration)
    default: return nil
    }
  }
}
