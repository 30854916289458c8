/// Stored bytes that are not what this version wrote.
public struct DecodingFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// Which encoding, as the subject of a sentence.
  public var subject: String
  /// Bytes from the start of the value.
  public var offset: Int
  /// What is wrong with the bytes.
  public var message: String
  /// For decoders of further encodings.
  public init(subject: String, offset: Int, message: String) {
    self.subject = subject
    self.offset = offset
    self.message = message
  }
  public var description: String { "\(subject) cannot be read: \(message) at byte \(offset)" }
}

/// Reads what `ByteWriter` wrote; every length is checked against what is left.
public struct ByteReader: Sendable {
  /// All bytes, not only those that are left.
  public let bytes: [UInt8]
  /// The next byte to be read.
  public private(set) var offset: Int
  /// How deep the value being read nests. Damaged bytes can claim any depth, and reading recurses.
  private var depth = 0
  private let subject: String

  /// - Parameters:
  ///   - bytes: what holds the value.
  ///   - offset: where the value begins.
  ///   - subject: which encoding it is, for the messages of faults.
  public init(_ bytes: [UInt8], offset: Int = 0, subject: String = "a stored value") {
    self.bytes = bytes
    self.offset = offset
    self.subject = subject
  }

  /// Whether everything has been read.
  public var isAtEnd: Bool { offset >= bytes.count }

  /// A fault at the current offset.
  public func fault(_ message: String) -> DecodingFault {
    DecodingFault(subject: subject, offset: offset, message: message)
  }

  /// One byte.
  public mutating func byte() throws(DecodingFault) -> UInt8 {
    guard offset < bytes.count else { throw fault("it ends too early") }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// The version byte that an encoding begins with.
  public mutating func version(atMost newest: UInt8) throws(DecodingFault) {
    let version = try byte()
    guard version >= 1, version <= newest else { throw fault("format version \(version) is unknown") }
  }

  /// A variable-length number (LEB128) of at most 64 bits.
  public mutating func unsigned() throws(DecodingFault) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      if shift == 63, next > 1 { throw fault("an integer is too long") }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
      if shift > 63 { throw fault("an integer is too long") }
    }
  }

  /// A variable-length number with sign (zigzag).
  public mutating func int64() throws(DecodingFault) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A number with sign that this machine can hold.
  public mutating func int() throws(DecodingFault) -> Int { Int(try int64()) }

  /// One byte that is 0 or 1.
  public mutating func bool() throws(DecodingFault) -> Bool {
    switch try byte() {
    case 0: return false
    case 1: return true
    default: throw fault("not a bool")
    }
  }

  /// Milliseconds since 1970, variable-length.
  public mutating func timestamp() throws(DecodingFault) -> Timestamp { Timestamp(milliseconds: try int64()) }

  /// Eight bytes, most significant first.
  public mutating func fixed() throws(DecodingFault) -> UInt64 {
    guard bytes.count - offset >= 8 else { throw fault("it ends too early") }
    defer { offset += 8 }
    return bytes.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
  }

  /// Sixteen bytes.
  public mutating func hash() throws(DecodingFault) -> Hash128 {
    let high = try fixed()
    return Hash128(high: high, low: try fixed())
  }

  /// A count of things of at least one byte each.
  public mutating func count() throws(DecodingFault) -> Int {
    let value = try unsigned()
    guard value <= UInt64(bytes.count - offset) else { throw fault("a length of \(value) runs past the end") }
    return Int(value)
  }

  /// A length in bytes and UTF-8.
  public mutating func string() throws(DecodingFault) -> String {
    let length = try count()
    defer { offset += length }
    return bytes.withUnsafeBufferPointer { buffer in
      String(decoding: UnsafeBufferPointer(rebasing: buffer[offset..<(offset + length)]), as: UTF8.self)
    }
  }

  /// A length and bytes.
  public mutating func blob() throws(DecodingFault) -> [UInt8] {
    let length = try count()
    defer { offset += length }
    return Array(bytes[offset..<(offset + length)])
  }

  /// A length and bytes, put behind others.
  mutating func appendBlob(to other: inout GrowingBytes) throws(DecodingFault) {
    let length = try count()
    bytes.withUnsafeBytes { other.append(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + length])) }
    offset += length
  }

  /// A flag, and the value where there is one.
  public mutating func optional<Value>(_ body: (inout ByteReader) throws(DecodingFault) -> Value)
    throws(DecodingFault) -> Value?
  {
    try bool() ? try body(&self) : nil
  }

  /// A count, and so many values.
  public mutating func list<Value>(_ body: (inout ByteReader) throws(DecodingFault) -> Value) throws(DecodingFault)
    -> [Value]
  {
    let length = try count()
    var result: [Value] = []
    if length == 0 { return result }
    // A damaged length must not cost memory.
    result.reserveCapacity(min(length, 1_024))
    for _ in 0..<length { result.append(try body(&self)) }
    return result
  }

  /// Reads a value that may contain others of its kind.
  ///
  /// - Throws: `DecodingFault` past `JSONLimits.greatestDepth`, which nothing that is written reaches.
  mutating func nested<Value>(_ body: (inout ByteReader) throws(DecodingFault) -> Value) throws(DecodingFault) -> Value
  {
    guard depth < JSONLimits.greatestDepth else { throw fault("nested deeper than \(JSONLimits.greatestDepth) levels") }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  /// A value as `ByteWriter.write(_: JSON)` writes it.
  public mutating func json() throws(DecodingFault) -> JSON {
    try nested { reader throws(DecodingFault) in try reader.jsonValue() }
  }

  private mutating func jsonValue() throws(DecodingFault) -> JSON {
    switch try byte() {
    case 0: return .null
    case 1: return .bool(false)
    case 2: return .bool(true)
    case 3: return .int(try int64())
    case 4: return .double(Double(bitPattern: try fixed()))
    case 5: return .string(try string())
    case 6: return .array(try list { reader throws(DecodingFault) in try reader.json() })
    case 7:
      let length = try count()
      var members = JSONObject(reservingCapacity: min(length, 1_024))
      for _ in 0..<length {
        let key = try string()
        members[key] = try json()
      }
      return .object(members)
    case let other: throw fault("no JSON value begins with \(other)")
    }
  }
}
