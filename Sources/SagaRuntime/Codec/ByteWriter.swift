import SagaCore

/// Writes the compact encodings of the journal: LEB128 integers, length-prefixed texts and blobs, big-endian hashes.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

  mutating func append(byte: UInt8) { bytes.append(byte) }

  mutating func append(raw: [UInt8]) { bytes.append(contentsOf: raw) }

  mutating func append(raw: ArraySlice<UInt8>) { bytes.append(contentsOf: raw) }

  /// LEB128: seven bits a byte, the least significant first.
  mutating func append(unsigned value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Zigzag LEB128, so that small negative numbers stay short.
  mutating func append(signed value: Int64) {
    append(unsigned: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  mutating func append(fixed value: UInt64) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ hash: Hash128) {
    append(fixed: hash.high)
    append(fixed: hash.low)
  }

  mutating func append(_ text: String) {
    append(unsigned: UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func append(blob: [UInt8]) {
    append(unsigned: UInt64(blob.count))
    bytes.append(contentsOf: blob)
  }
}
