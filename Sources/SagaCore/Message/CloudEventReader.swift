/// Reads an ordinary event in one pass, straight into its fields.
///
/// Ordinary is: an object whose members are all there once, under names without escapes, attributes as strings without
/// control characters, extensions also as integers and booleans. Everything else, and everything wrong, gives nil, and the
/// event is read by way of its JSON value, which says what is wrong with it.
struct CloudEventReader {
  private var reader: JSONReader
  private var fields = CloudEvent.Fields(id: "", source: "", type: "", extensions: JSONObject(reservingCapacity: 8))
  private var hasVersion = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) { reader = JSONReader(bytes, limits: limits) }

  mutating func read() -> CloudEvent? {
    let bytes = reader.bytes
    guard bytes.count <= reader.limits.maximumBytes, reader.limits.maximumDepth > 0 else { return nil }
    reader.skipWhitespace()
    guard take("{") else { return nil }
    var count = 0
    repeat {
      count += 1
      if let maximum = reader.limits.maximumMembers, count > maximum { return nil }
      reader.skipWhitespace()
      guard let name = name() else { return nil }
      reader.skipWhitespace()
      guard take(":") else { return nil }
      reader.skipWhitespace()
      guard readValue(of: name) else { return nil }
      reader.skipWhitespace()
    } while take(",")
    guard take("}") else { return nil }
    reader.skipWhitespace()
    guard reader.offset == bytes.count, hasVersion, !fields.id.isEmpty, !fields.source.isEmpty, !fields.type.isEmpty
    else { return nil }
    if let time = fields.time, Timestamp(rfc3339: time) == nil { return nil }
    // Given away instead of copied.
    var read = CloudEvent.Fields(id: "", source: "", type: "")
    swap(&read, &fields)
    return CloudEvent(read)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard reader.current == UInt8(ascii: character) else { return false }
    reader.offset += 1
    return true
  }

  /// The text between two quotes, if it is lower-case letters, digits and underscores.
  private mutating func name() -> UnsafeBufferPointer<UInt8>? {
    guard take("\"") else { return nil }
    let start = reader.offset
    while true {
      switch reader.current {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        reader.offset += 1
      case UInt8(ascii: "\"") where reader.offset > start:
        let name = UnsafeBufferPointer(rebasing: reader.bytes[start..<reader.offset])
        reader.offset += 1
        if let maximum = reader.limits.maximumStringBytes, name.count > maximum { return nil }
        return name
      default: return nil
      }
    }
  }

  /// - Returns: false where the member is not ordinary.
  private mutating func readValue(of name: UnsafeBufferPointer<UInt8>) -> Bool {
    switch name.count {
    case 2 where spells(name, "id"):
      guard fields.id.isEmpty, let text = attribute() else { return false }
      fields.id = text
    case 4 where spells(name, "type"):
      guard fields.type.isEmpty, let text = attribute() else { return false }
      fields.type = text
    case 4 where spells(name, "time"):
      guard fields.time == nil, let text = attribute() else { return false }
      fields.time = text
    case 4 where spells(name, "data"):
      guard fields.data == nil, let value = try? reader.readValue(depth: 1, keyOffset: reader.offset) else {
        return false
      }
      fields.data = value
    case 6 where spells(name, "source"):
      guard fields.source.isEmpty, let text = attribute() else { return false }
      fields.source = text
    case 7 where spells(name, "subject"):
      guard fields.subject == nil, let text = attribute() else { return false }
      fields.subject = text
    case 10 where spells(name, "dataschema"):
      guard fields.dataschema == nil, let text = attribute() else { return false }
      fields.dataschema = text
    case 11 where spells(name, "specversion"):
      guard !hasVersion, attribute() == CloudEvent.specversion else { return false }
      hasVersion = true
    case 15 where spells(name, "datacontenttype"):
      guard fields.datacontenttype == nil, let text = attribute() else { return false }
      fields.datacontenttype = text
    default: return readExtension(name)
    }
    return true
  }

  private func spells(_ name: UnsafeBufferPointer<UInt8>, _ expected: StaticString) -> Bool {
    for index in 0..<name.count where name[index] != expected.utf8Start[index] { return false }
    return true
  }

  /// An attribute that may not be empty.
  private mutating func attribute() -> String? { text().flatMap { $0.isEmpty ? nil : $0 } }

  private mutating func readExtension(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    // `data_base64` is the one name with an underscore.
    if name.contains(UInt8(ascii: "_")) { return false }
    guard let value = extensionValue() else { return false }
    return fields.extensions.insert(String(decoding: name, as: UTF8.self), value)
  }

  private mutating func extensionValue() -> JSON? {
    if reader.current == UInt8(ascii: "\"") { return text().map { .string($0) } }
    switch try? reader.readValue(depth: 1, keyOffset: reader.offset) {
    case .bool(let value)?: return .bool(value)
    case .int(let value)?: return .int(value)
    default: return nil
    }
  }

  /// A string without escapes and control characters; nil for anything else.
  private mutating func text() -> String? {
    guard reader.current == UInt8(ascii: "\"") else { return nil }
    var end = reader.offset + 1
    let bytes = reader.bytes
    end += UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[end...]).plainPrefix
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      // Beyond ASCII there are control characters too; they are looked for by way of the JSON value.
      guard bytes[end] >= 0x20, bytes[end] < 0x7F, bytes[end] != UInt8(ascii: "\\") else { return nil }
      end += 1
    }
    guard end < bytes.count else { return nil }
    let text = UnsafeBufferPointer(rebasing: bytes[(reader.offset + 1)..<end])
    if text.count > CloudEvent.maximumAttributeBytes { return nil }
    if let maximum = reader.limits.maximumStringBytes, text.count > maximum { return nil }
    reader.offset = end + 1
    return String(decoding: text, as: UTF8.self)
  }
}
