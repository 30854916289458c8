import SagaCore

/// The messages an instance has taken: the latest inline in its row, older ones in the table of spilled ids.
///
/// Ids beyond `committedCount` belong to a batch that is not durable yet; `rollBack` forgets them.
///
/// ```
/// version 1 · spilled · count · ( id 16 · body 8 )*
/// ```
package struct SeenIDs: Equatable {
  package private(set) var recent: [MessageIdentity] = []
  private(set) var committedCount = 0
  /// How many ids are in the table of spilled ids.
  private(set) var spilled: UInt64 = 0

  static let version: UInt8 = 1

  package init() {}

  /// The body hash of an id among the recent ones.
  func body(of id: Hash128) -> UInt64? {
    for known in recent.reversed() where known.id == id { return known.body }
    return nil
  }

  package mutating func append(_ identity: MessageIdentity) { recent.append(identity) }

  package mutating func commit() { committedCount = recent.count }

  mutating func rollBack() { recent.removeLast(recent.count - committedCount) }

  /// The oldest ids, which do not fit inline any more.
  func overflow(inline limit: Int) -> ArraySlice<MessageIdentity> { recent.prefix(max(0, recent.count - limit)) }

  /// Forgets `count` of the oldest ids, which are in the table now.
  mutating func spill(_ count: Int) {
    recent.removeFirst(count)
    committedCount -= count
    spilled += UInt64(count)
  }

  /// The column's value when the first `skipped` ids have been spilled.
  package func encode(skipping skipped: Int) -> [UInt8] {
    var writer = ByteWriter(reservingCapacity: 8 + 24 * recent.count)
    writer.write(byte: SeenIDs.version)
    writer.write(unsigned: spilled + UInt64(skipped))
    writer.write(unsigned: UInt64(recent.count - skipped))
    for identity in recent.dropFirst(skipped) {
      writer.write(identity.id)
      writer.write(fixed: identity.body)
    }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes, subject: "an instance's seen ids")
    try reader.version(atMost: SeenIDs.version)
    spilled = try reader.unsigned()
    for _ in 0..<(try reader.count()) {
      let id = try reader.hash()
      recent.append(MessageIdentity(id: id, body: try reader.fixed()))
    }
    guard reader.isAtEnd else { throw reader.fault("bytes are left over") }
    committedCount = recent.count
  }
}
