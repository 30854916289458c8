import Crypto

/// Hashes a sequence of parts so that no other sequence gives the same input: each part is a tag (`s b i h`), its length in
/// bytes as 8 bytes, and its bytes (UTF-8 of a string, 8 bytes of an integer); integers are big-endian.
///
/// The encoding is part of what is stored: ids and idempotency keys are made of it.
public struct HashBuilder: ~Copyable, Sendable {
  /// A writer of JSON, so that canonical texts are written where they are hashed.
  private var input = JSONWriter(reservingCapacity: 240)

  /// A builder without parts.
  public init() {}

  /// Appends a part of the kind `s`.
  public mutating func append(_ string: String) {
    string.withBytes { text in
      startPart("s", length: text.count)
      input.output.append(text)
    }
  }

  /// Appends a part of the kind `b`.
  public mutating func append(_ bytes: [UInt8]) {
    startPart("b", length: bytes.count)
    bytes.withUnsafeBufferPointer { input.output.append($0) }
  }

  /// Appends a part of the kind `i`.
  public mutating func append(_ int: Int64) {
    startPart("i", length: 8)
    input.output.append(bigEndian: UInt64(bitPattern: int))
  }

  /// Appends a part of the kind `h`.
  public mutating func append(_ hash: Hash128) {
    startPart("h", length: 16)
    input.output.append(bigEndian: hash.high)
    input.output.append(bigEndian: hash.low)
  }

  /// Appends the 16 bytes of a hash as a part of bytes, like `append(hash.bytes)`.
  mutating func append(bytesOf hash: Hash128) {
    startPart("b", length: 16)
    input.output.append(bigEndian: hash.high)
    input.output.append(bigEndian: hash.low)
  }

  /// Appends the canonical text of a value as a part of bytes, like `append(JSONWriter.canonical(value))`.
  mutating func append(canonical value: JSON) {
    startPart("b", length: 0)
    let start = input.output.count
    input.writeCanonical(value)
    input.output.replace(at: start - 8, bigEndian: UInt64(input.output.count - start))
  }

  /// The first 16 bytes of the SHA-256 of all parts. More parts may follow; the hash is then of all of them.
  public func finalize() -> Hash128 {
    var hash = SHA256()
    input.output.withBytes { hash.update(bufferPointer: $0) }
    return hash.finalize().withUnsafeBytes { digest in
      Hash128(
        high: UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        low: UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  private mutating func startPart(_ tag: Unicode.Scalar, length: Int) {
    input.output.append(UInt8(ascii: tag))
    input.output.append(bigEndian: UInt64(length))
  }
}
