import SagaCore

/// A message decoded, identified and routed; what a batch decides on, once or again.
final class PreparedMessage {
  let bytes: [UInt8]
  /// nil when the bytes are no message; `fault` says why.
  let event: CloudEvent?
  /// What a duplicate is recognised by. Computed when it is first asked for, unless it is known: whoever only wants to know the
  /// shards does without.
  private(set) lazy var identity = known ?? event.map { MessageIdentity($0) } ?? .none
  private let known: MessageIdentity?
  let fault: MessageFault?
  let deliveries: [PreparedDelivery]
  /// The dead letter that is being replayed, which must not count as a duplicate.
  let replay: Replay?
  /// The shards that have deliveries of it, in their order; empty where there is one shard.
  let shards: [Int]
  /// Whether it is for owners of recorded values, which its home has found here.
  let isSentOn: Bool

  init(
    bytes: [UInt8], event: CloudEvent?, identity: MessageIdentity? = nil, fault: MessageFault? = nil,
    deliveries: [PreparedDelivery],
    replay: Replay? = nil, shards: [Int] = [], isSentOn: Bool = false
  ) {
    self.bytes = bytes
    self.event = event
    known = identity
    self.fault = fault
    self.deliveries = deliveries
    self.replay = replay
    self.shards = shards
    self.isSentOn = isSentOn
  }

  /// What cannot be decided on.
  convenience init(bytes: [UInt8], fault: MessageFault) {
    self.init(bytes: bytes, event: nil, fault: fault, deliveries: [])
  }

  /// The same as the replay of a dead letter, for some of its addressees.
  func replaying(_ replay: Replay, to deliveries: [PreparedDelivery]) -> PreparedMessage {
    PreparedMessage(
      bytes: bytes, event: event, identity: known, fault: fault, deliveries: deliveries, replay: replay, shards: shards,
      isSentOn: isSentOn)
  }

  struct Replay {
    var fingerprint: Hash128
    /// The instance that refused the message.
    var instance: InstanceID?
  }
}

/// One (role, key value) that a message is addressed to.
struct PreparedDelivery {
  let group: RoleGroup
  /// The version whose key expression found the key.
  let router: LoadedMachine
  /// nil when the key could not be computed.
  var keyHash: Hash128?
  /// The primary key or the correlated value.
  var key: String?
  /// Whether `key` is a primary key, under which an instance can start.
  var isPrimary = false
  var fault: MessageFault?

  /// What redelivery is recognised by if the delivery is refused.
  func fingerprint(_ identity: MessageIdentity) -> Hash128 {
    DeadLetterIndex.fingerprint(saga: group.saga, role: group.role, key: keyHash, identity: identity)
  }
}

extension MessageIdentity {
  /// Of what is no message.
  fileprivate static let none = MessageIdentity(id: Hash128(high: 0, low: 0), body: 0)
}

extension ShardEngine {
  /// Decodes and routes a message, unless its transport refused it.
  func prepare(_ incoming: IncomingMessage) -> PreparedMessage {
    guard let fault = incoming.fault else {
      return prepare(
        incoming.bytes, decoded: incoming.event, identity: incoming.identity, isSentOn: incoming.isSentOn)
    }
    return PreparedMessage(bytes: incoming.bytes, fault: fault)
  }

  /// Decodes and routes a message. Depends only on the bytes and the loaded definitions.
  ///
  /// - Parameters:
  ///   - decoded: what the bytes say, where that is known.
  ///   - identity: of `decoded`, where that is known.
  func prepare(
    _ bytes: [UInt8], decoded: CloudEvent? = nil, identity: MessageIdentity? = nil, isSentOn: Bool = false
  ) -> PreparedMessage {
    guard bytes.count <= configuration.maximumMessageBytes else {
      return PreparedMessage(bytes: bytes, fault: oversized(bytes.count))
    }
    do throws(MessageFault) {
      let event = if let decoded { decoded } else { try CloudEvent.decode(bytes) }
      var deliveries: [PreparedDelivery] = []
      for route in machines.routes(for: event.type) { append(route, event, to: &deliveries) }
      if let place {
        return PreparedMessage(
          bytes: bytes, event: event, identity: identity, deliveries: deliveries, at: place, isSentOn: isSentOn)
      }
      return PreparedMessage(bytes: bytes, event: event, identity: identity, deliveries: deliveries)
    } catch {
      return PreparedMessage(bytes: bytes, fault: error)
    }
  }

  /// A message of the journal: this engine made it, or took it by the rules of its time.
  func prepare(stored bytes: [UInt8]) -> PreparedMessage { prepare(bytes, decoded: storedEvent(bytes)) }

  /// What a message of the journal says; nil where it is damaged, of which `prepare` tells.
  func storedEvent(_ bytes: [UInt8]) -> CloudEvent? { try? CloudEvent.decodeStored(bytes) }

  private func append(_ route: TypeRoute, _ event: CloudEvent, to deliveries: inout [PreparedDelivery]) {
    let machine = route.router.machine
    func delivery(_ hash: Hash128?, _ key: String?, isPrimary: Bool, fault: MessageFault? = nil) -> PreparedDelivery {
      PreparedDelivery(
        group: route.group, router: route.router, keyHash: hash, key: key, isPrimary: isPrimary, fault: fault)
    }
    do throws(MessageFault) {
      switch try machine.route(event) {
      case nil: break
      case .named(let correlation):
        deliveries.append(delivery(machine.keyHash(correlation), correlation.value, isPrimary: false))
      case .primary(let keys):
        guard keys.count <= configuration.keysPerMessage else { throw tooManyKeys(keys.count) }
        for key in keys { deliveries.append(delivery(machine.keyHash(primary: key), key, isPrimary: true)) }
      }
    } catch {
      deliveries.append(delivery(nil, nil, isPrimary: false, fault: error))
    }
  }

  private func oversized(_ count: Int) -> MessageFault {
    let kept = min(count, configuration.maximumDeadLetterBytes)
    let cut = kept < count ? "; the first \(kept) bytes are kept" : ""
    let mend = "Send less, or raise maximumMessageBytes."
    return MessageFault(
      code: FaultCode.size,
      message: "The message has \(count) bytes, the limit is \(configuration.maximumMessageBytes)\(cut). \(mend)")
  }

  private func tooManyKeys(_ count: Int) -> MessageFault {
    MessageFault(
      code: FaultCode.keys,
      message: "The message is addressed to \(count) keys, the limit is \(configuration.keysPerMessage).")
  }
}

/// The codes of faults that the engine itself finds.
enum FaultCode {
  /// The message is too large.
  static let size = "message.size"
  /// The message has too many keys.
  static let keys = "message.keys"
  /// The same id came with another body.
  static let conflict = "message.conflict"
  /// A command or reply that no loaded machine takes.
  static let unexpected = "message.unexpected"
  /// No instance came before the message's time was up.
  static let expired = "message.expired"
  /// No instance, and the type says `missing: "reject"`.
  static let missing = "message.missing"
  /// A correlated value belongs to another open instance.
  static let keyTaken = "key.taken"
  /// Too many messages wait at the instance.
  static let deferred = "limit.deferred"
  /// Too many messages wait for an instance of the key.
  static let parked = "limit.parked"
  /// The store refuses what the message leads to.
  static let storeRefused = "store.refused"
  /// The version that instances shall move to is not loaded.
  static let migrationVersion = "migration.version"
  /// The mapping of a migration does not fit the versions.
  static let migrationMapping = "migration.mapping"
  /// A request names a row of a journal and not in which shard.
  static let shard = "shard.unnamed"
  /// A request names too many instances.
  static let instances = "limit.instances"
}
