import SagaCore

extension ShardEngine {
  /// Does what is due by itself, in this order and at most `maximumBatch` of each: cascades left by an earlier crash,
  /// messages of the `local` lane, timers by (due, instance, name), parked messages whose time is up.
  ///
  /// - Returns: how much was done, whether more is ready now, and when the next thing is due.
  /// - Throws: `EngineError`, or what the store throws when it cannot be read.
  public func tick(now: Timestamp) throws -> TickReport {
    try checkUsable()
    var report = TickReport()
    _ = logicalTime(now)
    report.isClockAhead = isClockAhead
    try finishCascades(now: now)
    report.localMessages = try place == nil ? takeLocal(now: now) : takeOwnLocal(now: now)
    if !isClockHeld { report.firedTimers = try fireTimers(now: now) }
    report.expiredMessages = try expireParked(now: now)
    try finishCascades(now: now)
    let limit = configuration.maximumBatch
    let hasLocal = place == nil ? hasLocalWork : hasOwnLocalWork
    report.hasMore = hasLocal || report.firedTimers == limit || report.expiredMessages == limit
    if !report.hasMore { report.nextDue = try nextDue(now: now) }
    if let due = report.nextDue, due <= now { report.hasMore = true }
    report.isClockHeld = isClockHeld
    return report
  }

  /// Whether messages of the `local` lane can be taken now.
  private var hasLocalWork: Bool {
    lanes[localLane].map { $0.firstReady != nil || $0.scanned < lastSequence } ?? false
  }

  /// The messages that sagas of this shard sent to sagas of this shard.
  private func takeLocal(now: Timestamp) throws -> Int {
    guard let lane = lanes[localLane] else { return 0 }
    try fill(lane)
    var positions: [OutgoingPosition] = []
    var messages: [PreparedMessage] = []
    for entry in lane.window where entry.status == .ready && messages.count < configuration.maximumBatch {
      guard let message = entry.message else { continue }
      positions.append(entry.position)
      messages.append(prepare(stored: message.bytes))
    }
    if messages.isEmpty { return 0 }
    let receipts = try take(messages, now: now)
    for position in positions.prefix(receipts.count) { lane.finish(position) }
    return receipts.count
  }

  /// When a timer or an expiry is due next, or was due already; nil when nothing ever is.
  ///
  /// - Throws: what the store throws when it cannot be read.
  public func nextDue(now: Timestamp) throws -> Timestamp? {
    let wake = isClockHeld ? nil : try nextLook(now: now)
    guard let nextExpiry else { return wake }
    return wake.map { min($0, nextExpiry) } ?? nextExpiry
  }

  /// When a timer is due, or where that would have to be asked for while commits are collected, the time up to which the queue
  /// knows: to look again then costs less than to wait for the disk now.
  private func nextLook(now: Timestamp) throws -> Timestamp? {
    guard pipeline != nil, isJoining, timers.cursor.at > now else { return try nextWake()?.at }
    return knownWake()?.at ?? timers.cursor.at
  }

  /// Parked messages that nobody came for.
  private func expireParked(now: Timestamp) throws -> Int {
    let time = logicalTime(now)
    guard let next = nextExpiry, next <= time else { return 0 }
    let expired = try store.page(.parked(expiringBy: time), after: nil, limit: configuration.maximumBatch).parked
    let done = try transact(expired.count, now: now) { index, batch in
      try self.expire(expired[index], batch)
      return .withNext
    }
    nextExpiry = try store.page(.parked(expiringBy: nil), after: nil, limit: 1).parked.first?.expiresAt
    return done
  }

  private func expire(_ parked: ParkedMessage, _ batch: Batch) throws {
    batch.unpark(parked)
    if place != nil { try stopWaiting(parked, batch) }
    #if SAGA_MUTANTS
      if Mutant.is(.expiredDroppedSilently) { return }
    #endif
    guard let row = try store.rows([parked.sequence]).first, let bytes = row.input else {
      throw EngineError.corrupt("row \(parked.sequence), which parks a message, is missing")
    }
    let record = try DecidedRecord(decoding: row.decided)
    let router = record.machine.flatMap { machines.machine($0) }
    let message = prepare(bytes)
    guard let event = message.event else {
      return try refuseUnreadable(message, record, key: parked.key, router: router, batch)
    }
    for delivery in message.deliveries where delivery.keyHash != parked.key {
      guard let hash = delivery.keyHash, let instance = try owner(of: hash, batch) else { continue }
      // Another addressee took it: the message did reach someone.
      if try seenBody(message.identity.id, at: instance) == message.identity.body { return }
    }
    let delivery = message.deliveries.first { $0.keyHash == parked.key }
    let text = "No instance came for \(event.type) with key \(delivery?.key ?? "?") before \(parked.expiresAt)."
    let fault = MessageFault(code: FaultCode.expired, message: text, isRetryable: true)
    let fingerprint = delivery?.fingerprint(message.identity) ?? DeadLetterIndex.fingerprint(bytes: bytes)
    _ = try refuse(bytes, fault, fingerprint, machine: delivery?.router ?? router, batch)
  }
}
