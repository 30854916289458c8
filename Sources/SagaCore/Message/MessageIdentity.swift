/// What a duplicate is recognised by, and whether it says the same again.
public struct MessageIdentity: Sendable, Hashable {
  /// Of `source` and `id`: the same in every delivery of a message.
  public var id: Hash128
  /// The first 8 bytes of a SHA-256 over `type`, `subject` and the canonical `data`. Two messages of one id and different
  /// bodies contradict each other.
  public var body: UInt64

  public init(id: Hash128, body: UInt64) {
    self.id = id
    self.body = body
  }

  public init(_ event: CloudEvent) {
    id = Hash128.of([.string(event.source), .string(event.id)])
    var builder = HashBuilder()
    builder.append(event.type)
    // A subject and data never hash as nothing, which stands for their absence.
    builder.append(event.subject.map { [0] + Array($0.utf8) } ?? [])
    builder.append(event.data.map(JSONWriter.canonical) ?? [])
    builder.append(event.dataIsBase64 ? 1 : 0)
    body = builder.finalize().high
  }
}

/// One of the 4096 parts into which the keys of instances are divided; a shard owns a range of them.
public struct Slot: Sendable, Hashable, Comparable {
  public static let count = 4096

  /// 0 to 4095.
  public var value: UInt16

  /// - Precondition: the value is less than `Slot.count`.
  public init(value: UInt16) {
    precondition(value < Slot.count, "slot \(value) is not below \(Slot.count)")
    self.value = value
  }

  /// The first 12 bits of the key's `Hash128`.
  public init(key: String) { value = UInt16(Hash128.of([.string(key)]).high >> 52) }

  public static func < (left: Slot, right: Slot) -> Bool { left.value < right.value }
}
