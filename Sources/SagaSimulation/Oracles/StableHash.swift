/// A hash that is the same in every process (FNV-1a).
struct StableHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  @inline(__always) mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
}

extension Sequence<UInt8> {
  var stableHash: UInt64 {
    var hash = StableHash()
    for byte in self { hash.add(byte) }
    return hash.value
  }
}

extension [UInt8] {
  /// A hash by which an oracle knows a message again: eight bytes at a time, each word multiplied to 128 bits that are
  /// folded, after wyhash (Wang Yi, 2019).
  var contentHash: UInt64 {
    withUnsafeBytes { bytes in
      var hash = 0x9e37_79b9_7f4a_7c15 ^ UInt64(bytes.count)
      func mix(_ word: UInt64) {
        let product = (hash ^ word).multipliedFullWidth(by: 0xd134_2543_de82_ef95)
        hash = (product.high ^ product.low) &+ 0xa076_1d64_78bd_642f
      }
      var index = 0
      while index + 8 <= bytes.count {
        mix(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        index += 8
      }
      var rest: UInt64 = 0
      for byte in bytes[index...] { rest = rest << 8 | UInt64(byte) }
      mix(rest)
      return hash
    }
  }
}
