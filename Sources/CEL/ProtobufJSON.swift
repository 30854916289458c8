/// A JSON document as a tree, for callers that bring a parser of their own.
public indirect enum ProtobufJSONNode: Sendable, Hashable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// The digits as they were written.
  case number(String)
  /// A string, without its escapes.
  case string(String)
  /// The elements in order.
  case array([ProtobufJSONNode])
  /// The members in the order of the text.
  case object([Member])

  /// A name and a value of an object.
  public struct Member: Sendable, Hashable {
    /// The key, without its escapes.
    public var name: String
    /// What stands behind the colon.
    public var value: ProtobufJSONNode

    /// A member as the caller's parser found it.
    public init(_ name: String, _ value: ProtobufJSONNode) {
      self.name = name
      self.value = value
    }
  }

  fileprivate subscript(name: String) -> ProtobufJSONNode? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
}

extension CELValue {
  /// Reads a `cel.expr.Value` in protobuf's JSON mapping, such as `{"int64Value": "1"}`; nil when the tree is no such
  /// value.
  public init?(protobufJSON node: ProtobufJSONNode) {
    guard case .object(let members) = node, members.count == 1, let member = members.first else { return nil }
    switch (member.name, member.value) {
    case ("nullValue", _): self = .null
    case ("boolValue", .bool(let flag)): self = .bool(flag)
    case ("int64Value", .string(let digits)), ("int64Value", .number(let digits)):
      guard let number = Int64(digits) else { return nil }
      self = .int(number)
    case ("uint64Value", .string(let digits)), ("uint64Value", .number(let digits)):
      guard let number = UInt64(digits) else { return nil }
      self = .uint(number)
    case ("doubleValue", .string(let digits)), ("doubleValue", .number(let digits)):
      guard let number = Double(digits) else { return nil }
      self = .double(number)
    case ("stringValue", .string(let text)): self = .string(text)
    case ("bytesValue", .string(let text)):
      guard let bytes = Base64.decode(text) else { return nil }
      self = .bytes(bytes)
    case ("typeValue", .string(let name)): self = .type(name)
    case ("listValue", let list): self.init(protobufList: list)
    case ("mapValue", let map): self.init(protobufMap: map)
    case ("objectValue", let object): self.init(protobufObject: object)
    default: return nil
    }
  }

  private init?(protobufList node: ProtobufJSONNode) {
    guard case .array(let nodes) = node["values"] ?? .array([]) else { return nil }
    let elements = nodes.compactMap { CELValue(protobufJSON: $0) }
    guard elements.count == nodes.count else { return nil }
    self = .list(elements)
  }

  private init?(protobufMap node: ProtobufJSONNode) {
    guard case .array(let nodes) = node["entries"] ?? .array([]) else { return nil }
    var pairs: [(CELValue, CELValue)] = []
    for entry in nodes {
      guard let key = entry["key"].flatMap({ CELValue(protobufJSON: $0) }),
        let value = entry["value"].flatMap({ CELValue(protobufJSON: $0) })
      else { return nil }
      pairs.append((key, value))
    }
    guard let map = try? CELMap(pairs) else { return nil }
    self = .map(map)
  }

  /// `google.protobuf.Any` around a timestamp or a duration.
  private init?(protobufObject node: ProtobufJSONNode) {
    guard case .string(let type)? = node["@type"], case .string(let text)? = node["value"] else { return nil }
    if type.hasSuffix("/" + CELTypeName.timestamp), let timestamp = CELTimestamp(parsingRFC3339: text) {
      self = .timestamp(timestamp)
    } else if type.hasSuffix("/" + CELTypeName.duration), let duration = CELDuration(parsing: text) {
      self = .duration(duration)
    } else {
      return nil
    }
  }

  /// The value as a `cel.expr.Value` in protobuf's JSON mapping.
  public var protobufJSON: String {
    switch self {
    case .null: "{\"nullValue\":null}"
    case .bool(let flag): "{\"boolValue\":\(flag)}"
    case .int(let number): "{\"int64Value\":\"\(number)\"}"
    case .uint(let number): "{\"uint64Value\":\"\(number)\"}"
    case .double(let number):
      number.isFinite ? "{\"doubleValue\":\(number)}" : "{\"doubleValue\":\"\(NumberText.shortest(number))\"}"
    case .string(let text): "{\"stringValue\":\(JSONText.quoted(text))}"
    case .bytes(let bytes): "{\"bytesValue\":\"\(Base64.encode(bytes))\"}"
    case .list(let elements):
      "{\"listValue\":{\"values\":[" + elements.map(\.protobufJSON).joined(separator: ",") + "]}}"
    case .map(let map):
      "{\"mapValue\":{\"entries\":["
        + map.entries.map { "{\"key\":\($0.key.protobufJSON),\"value\":\($0.value.protobufJSON)}" }.joined(
          separator: ",")
        + "]}}"
    case .timestamp(let timestamp): Self.any(CELTypeName.timestamp, timestamp.rfc3339)
    case .duration(let duration): Self.any(CELTypeName.duration, duration.canonicalText)
    case .type(let name): "{\"typeValue\":\(JSONText.quoted(name))}"
    }
  }

  private static func any(_ type: String, _ text: String) -> String {
    "{\"objectValue\":{\"@type\":\"type.googleapis.com/\(type)\",\"value\":\"\(text)\"}}"
  }
}

/// The text of JSON strings.
enum JSONText {
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{00}"..."\u{1F}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
