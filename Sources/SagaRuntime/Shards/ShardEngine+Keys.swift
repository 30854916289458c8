import SagaCore

/// Values recorded with `correlate` where there are several shards.
///
/// A value is in the shard of the instance that recorded it. A message by it goes to the value's home first, the shard of its hash, which
/// looks into the others' stores for the owner and sends the message on. It waits there where there is none.
extension ShardEngine {
  /// The other shard whose instance has a key, as of its last commit.
  func neighbour(having hash: Hash128) throws -> Int? {
    guard let place, let keys = configuration.keys else { return nil }
    for shard in 0..<place.count where shard != place.index {
      if probes[shard] == nil { probes[shard] = try keys.probe(shard) }
      if try probes[shard]?.has(hash) == true { return shard }
    }
    return nil
  }

  /// Makes sure that no other shard has a value or is about to.
  ///
  /// - Returns: why the instance cannot have it.
  func reserve(_ hash: Hash128, _ claim: Correlation, _ batch: Batch) throws -> MessageFault? {
    guard let place, let keys = configuration.keys else { return nil }
    guard keys.reserve(hash, for: place.index) else {
      let text = "\(claim.name) \(claim.value) is being claimed by an instance of another shard."
      return MessageFault(code: FaultCode.keyTaken, message: text, isRetryable: true)
    }
    batch.reserved.append((hash, place.owner(ofKey: claim.value)))
    guard let shard = try neighbour(having: hash) else { return nil }
    let text =
      "\(claim.name) \(claim.value) belongs to an instance of shard \(shard), open or closed; between shards a value does not pass on."
    return MessageFault(code: FaultCode.keyTaken, message: text, isRetryable: true)
  }

  /// Claims are durable, and other shards find them: where messages wait for one of the values, its home is told.
  func settle(_ reserved: [(key: Hash128, home: Int)]) {
    guard !reserved.isEmpty, let place, let keys = configuration.keys else { return }
    keys.release(reserved.lazy.map(\.key))
    for (key, home) in reserved where keys.own(key, home: home) {
      if home != place.index, !nudges.contains(home) { nudges.append(home) }
    }
  }

  /// A message waits no more; where it was the last one for its value, nobody has to be told of that.
  func stopWaiting(_ message: ParkedMessage, _ batch: Batch) throws {
    guard let keys = configuration.keys, try parked(under: message.key, batch).isEmpty else { return }
    batch.onCommit.append { keys.forget(message.key) }
  }

  /// Whether a delivery by a recorded value is for an instance of another shard, where the message goes on to.
  func goesOn(
    _ message: PreparedMessage, _ delivery: PreparedDelivery, _ batch: Batch, _ receipt: inout Receipt
  ) throws -> Bool {
    guard let place, let keys = configuration.keys, !delivery.isPrimary, delivery.fault == nil,
      let hash = delivery.keyHash, try owner(of: hash, batch) == nil
    else { return false }
    if message.isSentOn {
      // Another delivery is meant; where there is none, the owner has been forgotten meanwhile.
      let isMeant = try message.deliveries.contains { try $0.keyHash.flatMap { try owner(of: $0, batch) } != nil }
      if !isMeant { receipt.goOn(to: place.owner(ofKey: delivery.key), sentOn: false) }
      return true
    }
    let waits = if case .park = delivery.router.machine.missing(message.event?.type ?? "") { true } else { false }
    if waits { keys.expect(hash) }
    guard let shard = try neighbour(having: hash) else { return false }
    if try parked(under: hash, batch).isEmpty {
      keys.forget(hash)
      receipt.goOn(to: shard, sentOn: true)
      return true
    }
    // It must not overtake what waits here, and goes on after it.
    _ = keys.own(hash, home: place.index)
    return false
  }

  /// What becomes of a message at every instance of this shard, and where else it has to go.
  func decideDivided(_ message: PreparedMessage, _ event: CloudEvent, _ batch: Batch) throws -> Receipt {
    var receipt = Receipt(deliveries: [])
    for delivery in message.deliveries {
      if try goesOn(message, delivery, batch, &receipt) { continue }
      let outcome = try deliver(message, event, delivery, batch)
      receipt.deliveries.append(
        DeliveryReceipt(machine: delivery.router.machine.identity, key: delivery.key, outcome: outcome))
    }
    return receipt
  }

  /// Messages that waited when the last process ended, and values that got an owner before it could be told.
  func awaitParked() throws {
    guard let place, let keys = configuration.keys, mayHaveParked else { return }
    var token: PageToken?
    repeat {
      let page = try store.page(.parked(expiringBy: nil), after: token, limit: 1000)
      for message in page.parked {
        keys.expect(message.key)
        if try neighbour(having: message.key) != nil { _ = keys.own(message.key, home: place.index) }
      }
      token = page.next
    } while token != nil
  }

  /// Sends on what waits for values that have got an owner: of each value one message at a time, oldest first.
  func sendParkedOn() throws {
    guard let place, let keys = configuration.keys else { return }
    for hash in keys.takeFound(at: place.index) where !leavingKeys.contains(hash) {
      var wanted = LoadRequest()
      wanted.parkedByKey = [hash]
      guard let first = try store.load(wanted).parked[hash]?.first else {
        keys.forget(hash)
        continue
      }
      guard let shard = try neighbour(having: hash) else { continue }
      guard let bytes = try store.rows([first.sequence]).first?.input else {
        throw EngineError.corrupt("row \(first.sequence), which parks a message, is missing")
      }
      leavingKeys.insert(hash)
      let message = IncomingMessage(sentOn: bytes, event: storedEvent(bytes))
      leaving.append(Departure(origin: .parked(first), message: message, shards: [shard]))
    }
  }

  /// A message that waited here is durable at its owner's shard.
  func parkedArrived(_ message: ParkedMessage, now: Timestamp) throws {
    _ = try transact(1, now: now) { _, batch in
      batch.unpark(message)
      return .stop
    }
    leavingKeys.remove(message.key)
    if let place, let keys = configuration.keys { _ = keys.own(message.key, home: place.index) }
  }

  /// Homes whose waiting messages can go on since the last call: their threads may sleep.
  public func takeNudges() -> [Int] {
    defer { nudges.removeAll() }
    return nudges
  }
}

extension Receipt {
  /// - Parameter sentOn: whether the shard has the owner, or is the value's home.
  mutating func goOn(to shard: Int, sentOn: Bool) {
    let step = Onward(shard: shard, isSentOn: sentOn)
    if !onward.contains(step) { onward.append(step) }
  }
}

/// Where a message by a recorded value goes after a shard that has no instance for it.
struct Onward: Sendable, Hashable {
  var shard: Int
  /// Whether that shard has the owner; otherwise it is the value's home.
  var isSentOn: Bool
}

extension IncomingMessage {
  /// A message for the owner of a value, sent on by the value's home.
  init(sentOn bytes: [UInt8], event: CloudEvent?) {
    self.init(bytes: bytes, event: event, isSentOn: true)
  }

  /// The message as it goes on.
  func going(_ step: Onward) -> IncomingMessage {
    IncomingMessage(self, isSentOn: step.isSentOn)
  }
}
