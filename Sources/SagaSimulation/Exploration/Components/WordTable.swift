/// Numbers by words: the memory of local transitions, which every step of a search looks into several times.
///
/// Open addressing with linear probing over two flat arrays; entries are only added.
struct WordTable {
  private var keys: [UInt64]
  /// Number plus one; zero where the slot is free.
  private var values: [UInt32]
  private(set) var count = 0
  private var mask: Int

  init() {
    keys = [UInt64](repeating: 0, count: 1 << 8)
    values = [UInt32](repeating: 0, count: 1 << 8)
    mask = keys.count - 1
  }

  subscript(key: UInt64) -> UInt32? {
    @inline(__always)
    get {
      var slot = WordTable.slot(key, mask)
      while values[slot] != 0 {
        if keys[slot] == key { return values[slot] - 1 }
        slot = (slot + 1) & mask
      }
      return nil
    }
  }

  /// Remembers a number for a key that has none.
  mutating func add(_ key: UInt64, _ value: UInt32) {
    if 4 * (count + 1) > 3 * keys.count { grow() }
    insert(key, value + 1)
    count += 1
  }

  private mutating func insert(_ key: UInt64, _ stored: UInt32) {
    var slot = WordTable.slot(key, mask)
    while values[slot] != 0 { slot = (slot + 1) & mask }
    keys[slot] = key
    values[slot] = stored
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    keys = [UInt64](repeating: 0, count: 2 * oldKeys.count)
    values = [UInt32](repeating: 0, count: 2 * oldKeys.count)
    mask = keys.count - 1
    for index in oldKeys.indices where oldValues[index] != 0 { insert(oldKeys[index], oldValues[index]) }
  }

  @inline(__always)
  private static func slot(_ key: UInt64, _ mask: Int) -> Int {
    let product = (key ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: 0xd134_2543_de82_ef95)
    return Int(truncatingIfNeeded: product.high ^ product.low) & mask
  }

  var bytes: Int { 12 * keys.count }
}
