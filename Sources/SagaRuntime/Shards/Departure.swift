import SagaCore

/// A message that leaves a shard for others: of its sagas to theirs, or by a value that one of theirs has recorded.
///
/// It is confirmed at its own shard once all that it is for have committed it; until then it goes again after a crash, with
/// the same id, which they recognise.
public struct Departure: Sendable {
  /// Where a message comes from.
  public enum Origin: Sendable, Hashable {
    /// From the lane `local`.
    case lane(OutgoingPosition)
    /// It waited for the value.
    case parked(ParkedMessage)
  }
  /// Where it stands in its shard's journal; `arrived` names it by this.
  public var origin: Origin
  /// What the others are given.
  public var message: IncomingMessage
  /// The shards that it is for, in their order; its own may be among them.
  public var shards: [Int]
}

extension PreparedMessage {
  /// A message for a shard: only what is addressed to its keys.
  convenience init(
    bytes: [UInt8], event: CloudEvent, identity: MessageIdentity?, deliveries: [PreparedDelivery],
    at place: ShardPlace, isSentOn: Bool
  ) {
    if isSentOn {
      let named = deliveries.filter { !$0.isPrimary && $0.fault == nil }
      self.init(
        bytes: bytes, event: event, identity: identity, deliveries: named, shards: [place.index], isSentOn: true)
      return
    }
    let owners = deliveries.map { place.owner(ofKey: $0.keyHash == nil ? nil : $0.key) }
    let own = zip(deliveries, owners).filter { $0.1 == place.index }.map(\.0)
    self.init(
      bytes: bytes, event: event, identity: identity, deliveries: own,
      shards: owners.isEmpty ? [0] : Set(owners).sorted())
  }
}

extension ShardEngine {
  /// Whether the store is the shard that the engine is to run, and the definitions can be divided.
  func checkShard(_ recovered: Recovered) throws {
    guard recovered.shard == configuration.shard else {
      throw EngineError.wrongShard(recovered.shard, expected: configuration.shard)
    }
    if place == nil { return }
    if configuration.keys != nil { return try awaitParked() }
    for machine in machines.groups.flatMap(\.versions).map(\.machine) {
      if let type = machine.correlatedTypes.first { throw EngineError.undividable(machine.identity, type: type) }
    }
  }

  /// Takes the messages of the `local` lane that are for this shard alone, and sets the others aside for `depart`.
  func takeOwnLocal(now: Timestamp) throws -> Int {
    try sendParkedOn()
    guard let place, let lane = lanes[localLane] else { return 0 }
    try fill(lane)
    var positions: [OutgoingPosition] = []
    var messages: [PreparedMessage] = []
    var blocked: Set<Hash128> = []
    for entry in lane.window where entry.status != .done && messages.count < configuration.maximumBatch {
      guard entry.status == .ready, departures[entry.position] == nil, !blocked.contains(entry.ordering),
        let message = entry.message
      else {
        blocked.insert(entry.ordering)
        continue
      }
      let prepared = prepare(stored: message.bytes)
      if prepared.shards == [place.index] || prepared.event == nil {
        positions.append(entry.position)
        messages.append(prepared)
        // It may have to go on to a value's owner, and what follows it must not be there before.
        if prepared.deliveries.contains(where: { !$0.isPrimary }) { blocked.insert(entry.ordering) }
      } else if let event = prepared.event {
        departures[entry.position] = Departure(
          origin: .lane(entry.position), message: IncomingMessage(bytes: message.bytes, event: event),
          shards: prepared.shards)
        blocked.insert(entry.ordering)
      }
    }
    if messages.isEmpty { return 0 }
    let receipts = try take(messages, now: now)
    for ((position, message), receipt) in zip(zip(positions, messages), receipts) {
      // All steps are of one kind: this shard is the value's home.
      guard let step = receipt.onward.first, let event = message.event else {
        lane.finish(position)
        continue
      }
      let incoming = IncomingMessage(bytes: message.bytes, event: event).going(step)
      departures[position] = Departure(
        origin: .lane(position), message: incoming, shards: receipt.onward.map(\.shard))
    }
    return receipts.count
  }

  /// Whether `takeOwnLocal` would find anything.
  var hasOwnLocalWork: Bool {
    if let place, configuration.keys?.hasFound(at: place.index) == true { return true }
    guard let lane = lanes[localLane] else { return false }
    var blocked: Set<Hash128> = []
    for entry in lane.window where entry.status != .done {
      if entry.status != .ready || departures[entry.position] != nil {
        blocked.insert(entry.ordering)
      } else if !blocked.contains(entry.ordering) {
        return true
      }
    }
    return lane.scanned < lastSequence && lane.window.count < configuration.relayWindow
  }

  /// Hands out messages for other shards: in journal order per ordering key, and of each key one at a time. Each is
  /// confirmed with `arrived`, or comes again from a new engine.
  ///
  /// - Throws: `EngineError.poisoned`.
  public func depart() throws -> [Departure] {
    requireApart()
    try finishHandedOver()
    try checkUsable()
    var leaving = self.leaving
    self.leaving = []
    guard !departures.isEmpty, let lane = lanes[localLane] else { return leaving }
    var blocked: Set<Hash128> = []
    for index in lane.window.indices {
      let entry = lane.window[index]
      guard entry.status != .done, blocked.insert(entry.ordering).inserted, entry.status == .ready,
        let departure = departures.removeValue(forKey: entry.position)
      else { continue }
      lane.markInFlight(index)
      leaving.append(departure)
    }
    return leaving
  }

  /// Messages that `depart` handed out are durable at every shard that they are for.
  ///
  /// - Throws: as `confirm`.
  public func arrived(_ origins: [Departure.Origin], now: Timestamp) throws {
    var confirmed: [DeliveryResult] = []
    for origin in origins {
      switch origin {
      case .lane(let position): confirmed.append(DeliveryResult(position: position, outcome: .confirmed))
      case .parked(let message): try parkedArrived(message, now: now)
      }
    }
    if !confirmed.isEmpty { try confirm(lane: localLane, confirmed, now: now) }
  }
}
