import SagaCore

/// The fingerprints of dead letters in memory, so that only a message that was refused before costs a look.
struct DeadLetterIndex {
  private var known: Set<Hash128> = []
  /// Whether `known` is all there is; if not, the store is asked.
  private(set) var isComplete = true

  /// Whether a fingerprint is there; nil when only the store knows.
  func contains(_ fingerprint: Hash128) -> Bool? {
    if known.contains(fingerprint) { return true }
    return isComplete ? false : nil
  }

  var count: Int { known.count }

  mutating func insert(_ fingerprint: Hash128) { known.insert(fingerprint) }

  /// Gives up on memory: there are too many.
  mutating func overflow() {
    known.removeAll()
    isComplete = false
  }

  /// What redelivery of a refused message is recognised by: where it went, its id and its body.
  static func fingerprint(saga: String, role: String, key: Hash128?, identity: MessageIdentity) -> Hash128 {
    var builder = HashBuilder()
    builder.append(saga)
    builder.append(role)
    builder.append(key?.bytes ?? [])
    builder.append(identity.id)
    builder.append(Int64(bitPattern: identity.body))
    return builder.finalize()
  }

  /// The same for bytes that are no message.
  static func fingerprint(bytes: [UInt8]) -> Hash128 {
    var builder = HashBuilder()
    builder.append(bytes)
    return builder.finalize()
  }
}
