extension CELValue: CustomStringConvertible {
  /// The value as an expression of the language would write it, as far as it has a literal.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let flag): String(flag)
    case .int(let number): String(number)
    case .uint(let number): "\(number)u"
    case .double(let number): "\(number)"
    case .string(let text): JSONText.quoted(text)
    case .bytes(let bytes): "b\"" + bytes.map { "\\x" + (($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined() + "\""
    case .list(let elements): "[" + elements.map(\.description).joined(separator: ", ") + "]"
    case .map(let map): "{" + map.entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    case .timestamp(let timestamp): "timestamp(\"\(timestamp)\")"
    case .duration(let duration): "duration(\"\(duration)\")"
    case .type(let name): name
    }
  }
}
