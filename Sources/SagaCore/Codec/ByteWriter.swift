/// Writes the compact binary forms that a journal stores. Integers are variable-length (LEB128, zigzag when signed),
/// texts and blobs carry their length.
public struct ByteWriter: ~Copyable, Sendable {
  private var output: GrowingBytes

  /// An empty writer with room for so many bytes.
  public init(reservingCapacity capacity: Int = 256) { output = GrowingBytes(reservingCapacity: capacity) }

  /// What has been written.
  public var bytes: [UInt8] { output.array }

  /// One byte as it is.
  public mutating func write(byte: UInt8) { output.append(byte) }

  /// LEB128: seven bits a byte, least significant first.
  public mutating func write(unsigned value: UInt64) {
    var value = value
    while value >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    output.append(UInt8(truncatingIfNeeded: value))
  }

  /// Zigzag and LEB128, so that small negative numbers are short.
  public mutating func write(_ value: Int64) {
    write(unsigned: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  /// As an `Int64`.
  public mutating func write(_ value: Int) { write(Int64(value)) }
  /// One byte, 1 or 0.
  public mutating func write(_ value: Bool) { output.append(value ? 1 : 0) }
  /// Its milliseconds, as an `Int64`.
  public mutating func write(_ value: Timestamp) { write(value.milliseconds) }

  /// Eight bytes, most significant first.
  public mutating func write(fixed value: UInt64) {
    output.append(bigEndian: value)
  }

  /// Sixteen bytes, most significant first.
  public mutating func write(_ value: Hash128) {
    write(fixed: value.high)
    write(fixed: value.low)
  }

  /// The length of its UTF-8 and the UTF-8.
  public mutating func write(_ text: String) {
    text.withBytes { utf8 in
      write(unsigned: UInt64(utf8.count))
      output.append(utf8)
    }
  }

  /// The length and the bytes.
  public mutating func write(_ blob: [UInt8]) {
    write(unsigned: UInt64(blob.count))
    blob.withUnsafeBufferPointer { output.append($0) }
  }

  /// The length and the bytes.
  mutating func write(_ blob: UnsafeRawBufferPointer) {
    write(unsigned: UInt64(blob.count))
    output.append(blob)
  }

  /// A flag, and what `body` writes where there is a value.
  public mutating func write<Value>(_ value: Value?, _ body: (inout ByteWriter, Value) -> Void) {
    write(value != nil)
    if let value { body(&self, value) }
  }

  /// The count, and what `body` writes for each.
  public mutating func write<Value>(_ values: [Value], _ body: (inout ByteWriter, Value) -> Void) {
    write(unsigned: UInt64(values.count))
    for value in values { body(&self, value) }
  }

  /// A tag and the value; objects keep their order, and ints stay ints.
  public mutating func write(_ value: JSON) {
    switch value {
    case .null: output.append(0)
    case .bool(false): output.append(1)
    case .bool(true): output.append(2)
    case .int(let number):
      output.append(3)
      write(number)
    case .double(let number):
      output.append(4)
      write(fixed: number.bitPattern)
    case .string(let text):
      output.append(5)
      write(text)
    case .array(let elements):
      output.append(6)
      write(unsigned: UInt64(elements.count))
      for index in elements.indices { write(elements[index]) }
    case .object(let members):
      output.append(7)
      write(unsigned: UInt64(members.count))
      // By its place: an iterator would copy each member.
      for index in members.members.indices {
        write(members.members[index].key)
        write(members.members[index].value)
      }
    }
  }
}
