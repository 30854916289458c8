import SagaCore

extension ShardEngine {
  /// Hands out messages to send: in journal order per ordering key, and of each key one at a time unless the lane is
  /// pipelined. Held messages whose time has come go first.
  ///
  /// A message that was handed out stays so until `confirm` says what became of it, or the engine is made anew.
  ///
  /// - Throws: `EngineError`, or what the store throws when it cannot be read.
  public func takeOutgoing(lane name: String, limit: Int, now: Timestamp) throws -> [OutgoingDelivery] {
    requireApart()
    try checkUsable()
    guard let lane = lanes[name], limit > 0 else { return [] }
    if let until = lane.stoppedUntil {
      if until > now { return [] }
      lane.stoppedUntil = nil
    }
    try fill(lane)
    try holdRefused(lane, now: now)
    try passBlocked(lane, now: now)
    var taken: [OutgoingDelivery] = []
    for held in lane.held.take(limit: limit, now: now, waits: lane.isBehindWindow) {
      if let message = try entry(at: held.position)?.message {
        taken.append(message.delivery(at: held.position, attempts: held.attempts))
      }
    }
    takeReady(lane, limit: limit, now: now, &taken)
    return taken
  }

  /// When a message of the lane that failed may go again; nil when nothing waits for a time.
  public func nextRetry(lane name: String) -> Timestamp? {
    guard let lane = lanes[name] else { return nil }
    let waiting = lane.window.lazy.filter { $0.status == .ready }.compactMap(\.retryAt).min()
    let next = [lane.held.nextAt(waits: lane.isBehindWindow), waiting].compactMap { $0 }.min()
    guard let until = lane.stoppedUntil else { return next }
    return next.map { max($0, until) } ?? until
  }

  private func takeReady(_ lane: Lane, limit: Int, now: Timestamp, _ taken: inout [OutgoingDelivery]) {
    guard var index = lane.firstReady else { return }
    let pipelined = configuration.isPipelined(lane.name)
    let durable = durableSequence
    var blocked: Set<Hash128> = []
    while index < lane.window.count, taken.count < limit {
      defer { index += 1 }
      let entry = lane.window[index]
      // What is not durable must not leave.
      if entry.position.sequence > durable { return }
      #if SAGA_MUTANTS
        if Mutant.is(.keyOrderBroken), entry.status == .ready, let message = entry.message {
          lane.markInFlight(index)
          taken.append(message.delivery(at: entry.position, attempts: entry.attempts))
          continue
        }
      #endif
      guard entry.status == .ready, !blocked.contains(entry.ordering) else { continue }
      let waits = entry.retryAt.map { $0 > now } ?? false
      if waits || lane.held.holdsKey(entry.ordering, before: entry.position)
        || (!pipelined && lane.inFlight.contains(entry.ordering))
      {
        blocked.insert(entry.ordering)
        continue
      }
      guard let message = entry.message else { continue }
      lane.markInFlight(index)
      taken.append(message.delivery(at: entry.position, attempts: entry.attempts))
    }
  }

  /// Reads on in the journal while the window has room.
  func fill(_ lane: Lane) throws {
    while lane.scanned < lastSequence, lane.window.count < configuration.relayWindow {
      let rows = try store.journal(after: lane.scanned, limit: configuration.relayPage)
      guard !rows.isEmpty else { return lane.advanceScan(to: lastSequence) }
      for row in rows {
        if let outgoing = row.outgoing {
          for (effect, record) in try OutgoingRecord.decode(outgoing).enumerated() {
            let position = OutgoingPosition(sequence: row.sequence, effect: Int64(effect))
            // Most of what a cursor passes is of other lanes, or was sent: it is not read any further.
            guard record.lanes.isEmpty || (record.lanes.contains(lane.id) && lane.takes(position)) else { continue }
            let (lanes, entry) = try entry(record, of: row, at: position)
            if lanes.contains(where: { $0 === lane }) { lane.append(entry) }
          }
        }
        lane.advanceScan(to: row.sequence)
        if lane.window.count >= configuration.relayWindow { break }
      }
    }
  }

  /// A row's message as lanes have it.
  private func entry(
    _ record: OutgoingRecord, of row: JournalRow, at position: OutgoingPosition
  ) throws -> (lanes: [Lane], entry: Lane.Entry) {
    let event: CloudEvent
    do throws(MessageFault) { event = try CloudEvent.decodeStored(record.event) } catch {
      throw EngineError.corrupt("an outgoing message of row \(row.sequence) cannot be read: \(error)")
    }
    let key = event.partitionkey ?? event.sagakey ?? event.source
    let chosen: [Lane]
    if record.lanes.isEmpty {
      let message = OutgoingMessage(
        event: event, kind: record.kind, destination: record.destination, orderingKey: key)
      chosen = lanes(of: message, from: row.sequence)
    } else {
      chosen = record.lanes.compactMap { lanes[id: $0] }
    }
    #if SAGA_MUTANTS
      if Mutant.is(.idOfTheMoment) {
        var again = event
        again.id += "-\(lastSequence)"
        let message = Lane.Message(
          orderingKey: key, id: again.id, type: event.type, kind: record.kind, destination: record.destination,
          instance: row.instance, bytes: again.encode())
        return (chosen, Lane.Entry(position: position, ordering: record.ordering, message: message))
      }
    #endif
    let message = Lane.Message(
      orderingKey: key, id: event.id, type: event.type, kind: record.kind, destination: record.destination,
      instance: row.instance, bytes: record.event)
    return (chosen, Lane.Entry(position: position, ordering: record.ordering, message: message))
  }

  /// A row's messages as lanes have them.
  func entries(of row: JournalRow) throws -> [(lanes: [Lane], entry: Lane.Entry)] {
    guard let outgoing = row.outgoing else { return [] }
    return try OutgoingRecord.decode(outgoing).enumerated().map { effect, record in
      try entry(record, of: row, at: OutgoingPosition(sequence: row.sequence, effect: Int64(effect)))
    }
  }

  /// A message by its position, from the journal.
  func entry(at position: OutgoingPosition) throws -> Lane.Entry? {
    guard let row = try store.rows([position.sequence]).first, let outgoing = row.outgoing else { return nil }
    let records = try OutgoingRecord.decode(outgoing)
    guard records.indices.contains(Int(position.effect)) else { return nil }
    return try entry(records[Int(position.effect)], of: row, at: position).entry
  }

  /// Messages behind a held one of their key would stop the cursor: they are held too when there is time for it, or when
  /// they fill half of the window.
  func passBlocked(_ lane: Lane, isIdle: Bool = false, now: Timestamp) throws {
    guard isIdle || lane.window.count > configuration.relayWindow / 2, let first = lane.window.first,
      lane.held.holdsKey(first.ordering, before: first.position), first.status == .ready
    else { return }
    let room = configuration.heldPerLane - lane.held.count
    let blocked = lane.window.filter {
      $0.status == .ready && lane.held.holdsKey($0.ordering, before: $0.position)
    }.prefix(max(0, room))
    try hold(blocked.map { ($0, HeldMessage(behind: $0, lane: lane.id)) }, lane, now: now)
  }

  /// Holds what was refused while no more could be held, as soon as there is room: an operator sees what is held only.
  func holdRefused(_ lane: Lane, now: Timestamp) throws {
    guard !lane.refused.isEmpty else { return }
    let room = max(0, configuration.heldPerLane - lane.held.count)
    let messages = lane.refused.sorted { $0.key < $1.key }.prefix(room).compactMap { position, reason in
      lane.index(of: position).map { (entry: lane.window[$0], reason: reason) }
    }
    try hold(
      messages.map { entry, reason in
        let held = HeldMessage(
          lane: lane.id, sequence: entry.position.sequence, effect: entry.position.effect, ordering: entry.ordering,
          attempts: entry.attempts, nextAt: nil, reason: reason)
        return (entry, held)
      }, lane, now: now)
  }

  /// Writes held messages; the cursor may then pass them.
  func hold(_ messages: [(entry: Lane.Entry, held: HeldMessage)], _ lane: Lane, now: Timestamp) throws {
    if messages.isEmpty { return }
    _ = try transact(1, now: now) { _, batch in
      batch.held.written += messages.map(\.held)
      batch.onCommit.append {
        for (_, held) in messages {
          lane.held.put(held)
          lane.finish(held.position)
        }
      }
      return .stop
    }
  }
}

extension HeldMessage {
  init(behind entry: Lane.Entry, lane: LaneID) {
    self.init(
      lane: lane, sequence: entry.position.sequence, effect: entry.position.effect, ordering: entry.ordering,
      attempts: 0, nextAt: nil, reason: "behind another message of its key")
  }
}

extension Lane {
  /// The first message of the window that is not on its way; everything before it is.
  var firstReady: Int? { window.firstIndex { $0.status == .ready } }
}

extension Lane.Message {
  func delivery(at position: OutgoingPosition, attempts: Int64) -> OutgoingDelivery {
    OutgoingDelivery(
      position: position, id: id, type: type, kind: kind, destination: destination, orderingKey: orderingKey,
      attempts: attempts, bytes: bytes)
  }
}
