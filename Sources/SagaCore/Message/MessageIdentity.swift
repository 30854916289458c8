/// What a duplicate is recognised by, and whether it says the same again.
public struct MessageIdentity: Sendable, Hashable {
  /// Of `source` and `id`: the same in every delivery of a message.
  public var id: Hash128
  /// The first 8 bytes of a SHA-256 over `type`, `subject` and the canonical `data`. Two messages of one id and different
  /// bodies contradict each other.
  public var body: UInt64

  /// An identity that was stored.
  public init(id: Hash128, body: UInt64) {
    self.id = id
    self.body = body
  }

  /// The identity of an event that came in.
  public init(_ event: CloudEvent) {
    var name = HashBuilder()
    name.append(event.source)
    name.append(event.id)
    id = name.finalize()
    var content = HashBuilder()
    content.append(event.type)
    // A subject and data never hash as nothing, which stands for their absence.
    content.append(event.subject.map { [0] + Array($0.utf8) } ?? [])
    if let data = event.data { content.append(canonical: data) } else { content.append([]) }
    content.append(event.dataIsBase64 ? 1 : 0)
    body = content.finalize().high
  }
}

/// One of the 4096 parts into which the keys of instances are divided; a shard owns a range of them.
public struct Slot: Sendable, Hashable, Comparable {
  /// How many slots there are.
  public static let count = 4096

  /// 0 to 4095.
  public var value: UInt16

  /// - Precondition: the value is less than `Slot.count`.
  public init(value: UInt16) {
    precondition(value < Slot.count, "slot \(value) is not below \(Slot.count)")
    self.value = value
  }

  /// The first 12 bits of the key's `Hash128`.
  public init(key: String) { self.init(keyHash: Hash128.of(key)) }

  /// The same where the hash of the key (`Hash128.of`) is known.
  public init(keyHash: Hash128) { value = UInt16(keyHash.high >> 52) }

  /// Three hexadecimal digits.
  var hex: String { String(decoding: (0..<3).map(digit), as: UTF8.self) }

  /// A digit of `hex`, the most significant first.
  func digit(_ index: Int) -> UInt8 { Hash128.digit(UInt8(value >> UInt16(8 - 4 * index) & 15)) }

  public static func < (left: Slot, right: Slot) -> Bool { left.value < right.value }
}
