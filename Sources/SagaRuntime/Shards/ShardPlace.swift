import SagaCore

/// Which shard of how many: every key belongs to the shard that owns the key's slot.
///
/// A shard owns one run of neighbouring slots, so that the slots alone say which shard of how many they are.
public struct ShardPlace: Sendable, Hashable, CustomStringConvertible {
  /// From 0.
  public let index: Int
  /// How many shards there are.
  public let count: Int

  /// How many shards a journal may be divided into. Up to here every division has runs of lengths of its own.
  public static let maximumCount = 64
  /// The one shard of a journal that is not divided.
  public static let whole = ShardPlace(index: 0, of: 1)

  /// - Precondition: `0 ≤ index < count ≤ maximumCount`.
  public init(index: Int, of count: Int) {
    precondition(
      count >= 1 && count <= ShardPlace.maximumCount && index >= 0 && index < count, "no shard \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// The shards of a journal that is divided into `count`.
  public static func all(of count: Int) -> [ShardPlace] { (0..<count).map { ShardPlace(index: $0, of: count) } }

  /// The number of the shard that owns a slot.
  public static func owner(of slot: Slot, among count: Int) -> Int { Int(slot.value) * count / Slot.count }

  /// Whether the shard owns a slot.
  public func owns(_ slot: Slot) -> Bool { ShardPlace.owner(of: slot, among: count) == index }

  /// The shards that a message is for by its keys: those of the primary keys; what has no key belongs to the first.
  func owner(ofKey key: String?) -> Int {
    key.map { ShardPlace.owner(of: Slot(key: $0), among: count) } ?? 0
  }

  public var description: String { "shard \(index) of \(count)" }
}

extension ShardPlace {
  /// The slots as a store keeps them: a bit for each, the first slot in the highest bit of the first byte.
  public var slots: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Slot.count / 8)
    for value in run { bytes[value / 8] |= 0x80 >> (value % 8) }
    return bytes
  }

  /// The shard that owns exactly these slots; nil where none does.
  public init?(slots: [UInt8]) {
    guard slots.count == Slot.count / 8,
      let first = (0..<Slot.count).first(where: { slots[$0 / 8] & (0x80 >> ($0 % 8)) != 0 })
    else { return nil }
    let length = slots.reduce(0) { $0 + $1.nonzeroBitCount }
    for count in 1...ShardPlace.maximumCount {
      let index = ShardPlace.owner(of: Slot(value: UInt16(first)), among: count)
      let place = ShardPlace(index: index, of: count)
      if place.run == first..<first + length, place.slots == slots {
        self = place
        return
      }
    }
    return nil
  }

  /// The slots that the shard owns.
  private var run: Range<Int> {
    func start(_ index: Int) -> Int { (index * Slot.count + count - 1) / count }
    return start(index)..<start(index + 1)
  }
}
