import SagaCore

/// The ids that a key's former owner has taken, for the key's next owner: whoever has the key recognises them.
///
/// A correlated value passes to another instance when its owner has closed. What the owner took by it may come again
/// afterwards, and must not count as new because somebody else answers now.
public struct InheritedIDs: Sendable, Hashable {
  /// The key that passes on.
  public var key: Hash128
  /// The former owner. Those of its ids that are in the table of spilled ids are inherited besides `recent`.
  public var formerOwner: InstanceID
  /// When the former owner closed: they are kept as long as its own.
  public var closedAt: Timestamp
  /// The ids that its row has, and those not yet folded into it.
  public var recent: [MessageIdentity]

  /// What passes on with a key.
  public init(key: Hash128, formerOwner: InstanceID, closedAt: Timestamp, recent: [MessageIdentity]) {
    self.key = key
    self.formerOwner = formerOwner
    self.closedAt = closedAt
    self.recent = recent
  }
}

/// Whether a message was taken by a former owner of a key.
public struct InheritedProbe: Sendable, Hashable {
  /// The key that the message was addressed to.
  public var key: Hash128
  /// The hash of the message's source and id.
  public var id: Hash128
  /// A question to `Store.load`.
  public init(key: Hash128, id: Hash128) {
    self.key = key
    self.id = id
  }
}

/// Inherited ids are rows of the table `consumed`, under the name of their key.
package enum InheritedConsumer {
  /// What their names begin with; no consumer of a service may have such a name.
  package static let prefix = "key/"
  /// The first text after all that begin with `prefix`.
  package static let end = "key0"

  package static func name(of key: Hash128) -> String { prefix + key.hex }

  /// - Throws: `ServiceTransactionError.reservedConsumer`.
  package static func refuse(_ consumer: String) throws(ServiceTransactionError) {
    if consumer.utf8.starts(with: prefix.utf8) { throw .reservedConsumer(consumer) }
  }
}

extension MemoryContents {
  var hasInheritedIDs: Bool { consumed.keys.contains { $0.isInherited } }

  func inheritedBody(_ probe: InheritedProbe) -> UInt64? {
    let place = ConsumedPlace(consumer: InheritedConsumer.name(of: probe.key), id: probe.id)
    return consumed[place]?.body.reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func write(_ inherited: InheritedIDs) {
    let spilled = seen.filter { $0.key.instance == inherited.formerOwner }
      .map { MessageIdentity(id: $0.key.id, body: $0.value) }
    let consumer = InheritedConsumer.name(of: inherited.key)
    for identity in spilled + inherited.recent {
      let place = ConsumedPlace(consumer: consumer, id: identity.id)
      if let known = consumed[place] {
        consumed[place]?.at = max(known.at, inherited.closedAt)
      } else {
        consumed[place] = ConsumedMessage(
          consumer: consumer, id: identity.id, at: inherited.closedAt,
          body: withUnsafeBytes(of: identity.body.bigEndian) { Array($0) })
      }
    }
  }

  /// Forgets ids inherited from owners that closed before a time, and what participants and consumers remembered before it; of late
  /// alerts that of instances which are gone.
  ///
  /// - Returns: how many went, and whether that was all.
  mutating func forgetConsumed(before cut: Timestamp, rows: Int) -> (count: Int, isFinished: Bool) {
    let old = consumed.values.filter { $0.at < cut && !isOfKnownInstance($0) }
      .map { ConsumedPlace(consumer: $0.consumer, id: $0.id) }
      .sorted { ($0.consumer, $0.id) < ($1.consumer, $1.id) }
    for place in old.prefix(rows) { consumed[place] = nil }
    return (min(rows, old.count), old.count <= rows)
  }

  private func isOfKnownInstance(_ message: ConsumedMessage) -> Bool {
    LateAlertMemory.instance(consumer: message.consumer, body: message.body).map { instances[$0] != nil } ?? false
  }
}

extension ConsumedPlace {
  fileprivate var isInherited: Bool { consumer.utf8.starts(with: InheritedConsumer.prefix.utf8) }
}
