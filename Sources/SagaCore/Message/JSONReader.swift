/// The state of one parse: the text, the place in it, and the marks if they are wanted.
struct JSONReader {
  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONLimits
  var offset = 0
  var isRecording = false
  var marks: [LocatedJSON.Mark] = []
  /// Holds a string with escapes while they are resolved.
  var scratch: [UInt8] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// The byte at the current place, 0 at the end: no place where 0 is looked for accepts it.
  @inline(__always) var current: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  mutating func readText() throws(JSONError) -> JSON {
    if bytes.count > limits.maximumBytes {
      let message = "the text has \(bytes.count) bytes; at most \(limits.maximumBytes) are allowed"
      throw JSONError(kind: .tooLarge, offset: limits.maximumBytes, message: message)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      let message = "the text starts with a byte order mark; JSON is UTF-8 without one"
      throw JSONError(kind: .byteOrderMark, offset: 0, message: message)
    }
    skipWhitespace()
    let value = try readValue(depth: 0, keyOffset: offset)
    skipWhitespace()
    if offset < bytes.count { throw unexpected("the end of the text", kind: .trailingContent) }
    return value
  }

  @inline(__always) mutating func skipWhitespace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x0A, 0x0D, 0x09: offset += 1
      default: return
      }
    }
  }

  /// Reads the value that begins at the current place; `depth` counts the arrays and objects around it.
  mutating func readValue(depth: Int, keyOffset: Int) throws(JSONError) -> JSON {
    let mark = marks.count
    if isRecording { marks.append(.init(keyOffset: keyOffset, valueOffset: offset, span: 1)) }
    let value: JSON
    switch current {
    case UInt8(ascii: "\""): value = .string(try readString())
    case UInt8(ascii: "{"): value = .object(try readObject(depth: depth + 1))
    case UInt8(ascii: "["): value = .array(try readArray(depth: depth + 1))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): value = try readNumber()
    case UInt8(ascii: "t"): value = try readWord("true", .bool(true))
    case UInt8(ascii: "f"): value = try readWord("false", .bool(false))
    case UInt8(ascii: "n"): value = try readWord("null", .null)
    default: throw unexpected("a value")
    }
    if isRecording { marks[mark].span = marks.count - mark }
    return value
  }

  private mutating func readArray(depth: Int) throws(JSONError) -> [JSON] {
    try enter(depth)
    var elements: [JSON] = []
    if current == UInt8(ascii: "]") {
      offset += 1
      return elements
    }
    while true {
      try checkMembers(elements.count)
      elements.append(try readValue(depth: depth, keyOffset: offset))
      skipWhitespace()
      switch current {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "]"):
        offset += 1
        return elements
      default: throw unexpected("`,` or `]`")
      }
      skipWhitespace()
    }
  }

  private mutating func readObject(depth: Int) throws(JSONError) -> JSONObject {
    try enter(depth)
    var members = JSONObject()
    if current == UInt8(ascii: "}") {
      offset += 1
      return members
    }
    // The outermost object is mostly an envelope, with more members than a payload has.
    members = JSONObject(reservingCapacity: depth == 1 ? 12 : 4)
    while true {
      try checkMembers(members.count)
      let keyOffset = offset
      if current != UInt8(ascii: "\"") { throw unexpected("a key in quotes") }
      let key = try readString()
      skipWhitespace()
      if current != UInt8(ascii: ":") { throw unexpected("`:`") }
      offset += 1
      skipWhitespace()
      let value = try readValue(depth: depth, keyOffset: keyOffset)
      if !members.insert(key, value) { throw duplicate(key, at: keyOffset) }
      skipWhitespace()
      switch current {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "}"):
        offset += 1
        return members
      default: throw unexpected("`,` or `}`")
      }
      skipWhitespace()
    }
  }

  /// Steps over the opening bracket and the white space after it.
  @inline(__always) private mutating func enter(_ depth: Int) throws(JSONError) {
    if depth > limits.maximumDepth {
      let message = "arrays and objects nest deeper than \(limits.maximumDepth)"
      throw JSONError(kind: .tooDeep, offset: offset, message: message)
    }
    offset += 1
    skipWhitespace()
  }

  @inline(__always) private func checkMembers(_ count: Int) throws(JSONError) {
    if let maximum = limits.maximumMembers, count >= maximum {
      throw JSONError(
        kind: .tooManyMembers, offset: offset, message: "more than \(maximum) members in one object or array")
    }
  }

  private mutating func readWord(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    for letter in letters {
      if current != letter { throw unexpected("`\(word)`") }
      offset += 1
    }
    return value
  }
}
