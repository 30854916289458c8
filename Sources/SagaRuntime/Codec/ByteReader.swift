import SagaCore

/// Bytes of the journal that do not say what they should: the file was damaged, or written by a newer version.
public struct CodecError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Which encoding.
  public var subject: String
  /// What is wrong and where.
  public var problem: String
  public var description: String { "\(subject) cannot be read: \(problem)" }
}

/// Reads what `ByteWriter` wrote; never past the end, whatever the bytes say.
struct ByteReader {
  private let bytes: [UInt8]
  private var offset = 0
  private let subject: String

  init(_ bytes: [UInt8], subject: String) {
    self.bytes = bytes
    self.subject = subject
  }

  var isAtEnd: Bool { offset == bytes.count }

  func fail(_ problem: String) -> CodecError { CodecError(subject: subject, problem: "\(problem) at byte \(offset)") }

  mutating func byte() throws(CodecError) -> UInt8 {
    guard offset < bytes.count else { throw fail("it ends early") }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// Reads the leading version byte of an encoding.
  mutating func version(atMost newest: UInt8) throws(CodecError) {
    let version = try byte()
    guard version >= 1, version <= newest else { throw fail("format version \(version) is unknown") }
  }

  mutating func unsigned() throws(CodecError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let next = try byte()
      value |= UInt64(next & 0x7f) << shift
      if next < 0x80 { return value }
    }
    throw fail("an integer is too long")
  }

  mutating func signed() throws(CodecError) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A count or length that what follows can still hold.
  mutating func count() throws(CodecError) -> Int {
    let value = try unsigned()
    guard value <= UInt64(bytes.count - offset) else { throw fail("a length of \(value) is past the end") }
    return Int(value)
  }

  mutating func fixed() throws(CodecError) -> UInt64 {
    guard bytes.count - offset >= 8 else { throw fail("it ends early") }
    defer { offset += 8 }
    return bytes.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
  }

  mutating func hash() throws(CodecError) -> Hash128 {
    let high = try fixed()
    return Hash128(high: high, low: try fixed())
  }

  mutating func blob() throws(CodecError) -> [UInt8] {
    let length = try count()
    defer { offset += length }
    return Array(bytes[offset..<offset + length])
  }

  mutating func string() throws(CodecError) -> String {
    let length = try count()
    defer { offset += length }
    return String(decoding: bytes[offset..<offset + length], as: UTF8.self)
  }
}
