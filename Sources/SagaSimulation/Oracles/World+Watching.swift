import SagaCore
import SagaRuntime

/// Properties that are checked at the moment at which they could break.
extension World {
  /// An engine has made a commit; where commits are joined it is not durable yet.
  func committed(_ batch: CommitBatch, by service: SimulatedService, in store: ObservedStore) {
    do throws(Violation) {
      // A frozen process may write while its successor is down, whose last words may be lost.
      if service.engine == nil { try findBook(of: service, at: batch.expectedLast) }
      // A frozen process writes beside its successor, and has a memory of its own.
      try check(batch, of: service, by: service.store === store ? service.engine : service.zombie)
    } catch {
      // The engine is in the middle of its commit: the run ends when it is out of it.
      if commitViolation == nil { commitViolation = error }
    }
  }

  private func check(_ batch: CommitBatch, of service: SimulatedService, by engine: ShardEngine?) throws(Violation) {
    var sequence = service.book.lastSequence
    var touched: Set<InstanceID> = []
    for birth in batch.births {
      service.book.births[birth.id] = birth.machine
    }
    for change in batch.keys {
      switch change {
      case .insert(let hash, let id):
        if let other = service.book.keys.updateValue(id, forKey: hash), other != id {
          throw Violation("one-instance-per-key", "\(service.name) has instances \(other) and \(id) for one key")
        }
      case .replace(let hash, let id): try checkTakenOver(hash, by: id, batch, engine, at: service)
      case .remove: break
      }
    }
    for row in batch.rows {
      sequence += 1
      guard row.sequence == sequence else {
        throw Violation("journal", "\(service.name) writes row \(row.sequence) where \(sequence) is next")
      }
      choices.note(UInt64(bitPattern: row.sequence) ^ World.fingerprint(row))
      coverage.rows += 1
      guard let id = row.instance, let revision = row.revision else { continue }
      if row.kind == .operation, let input = row.input,
        case .migration(let migration)? = try? InputRecord(decoding: input)
      {
        service.book.moves[id] = migration.version
      }
      let expected = (service.book.revisions[id] ?? 0) + 1
      guard revision == expected else {
        throw Violation("history", "instance \(id) of \(service.name) has revision \(revision) after \(expected - 1)")
      }
      service.book.revisions[id] = revision
      service.moved.insert(id)
      try checkTime(of: row, id, at: service)
      // Only before its first row of a batch the engine shows what an instance was.
      let before = touched.insert(id).inserted ? engine?.inspect(id) : nil
      if let before {
        try checkLasting(before.instance, id, at: service)
        if !before.instance.deferred.isEmpty { service.book.keeping.insert(id) }
      }
      if row.kind == .timer { try checkFiring(row, id, before, at: service) }
    }
    service.book.lastSequence = sequence
  }

  /// A timer fires when it is due, once, and not after it was cancelled.
  private func checkFiring(
    _ row: JournalRow, _ id: InstanceID, _ before: (machine: MachineIdentity, instance: Instance)?,
    at service: SimulatedService
  ) throws(Violation) {
    guard let input = row.input, case .timer(let firing)? = try? InputRecord(decoding: input) else { return }
    if !service.book.note(firing, of: id, visit: before?.instance.visit) {
      throw Violation("timer", "\(service.name) fires a timer of instance \(id) a second time: \(firing.timer)")
    }
    guard let before else { return }
    let source = source(of: before.machine, key: before.instance.key)
    service.book.firings[source] = row.sequence
    if !service.isJoining { observations.noteFiring(source) }
    let instance = before.instance
    let armed = instance.timers.first { $0.name == firing.timer && $0.armedRevision == firing.armedRevision }
    guard let armed else {
      throw Violation("timer", "\(service.name) fires a timer of \(instance.key) that is not armed: \(firing.timer)")
    }
    if instance.isPaused {
      throw Violation("timer", "\(service.name) fires a timer of \(instance.key), which is paused: \(firing.timer)")
    }
    guard armed.due <= row.at || armed.isDueAgain else {
      let early = armed.due.milliseconds(since: row.at)
      throw Violation("timer", "\(service.name) fires a timer of \(instance.key) \(early) ms early: \(firing.timer)")
    }
  }

  /// For the rolling hash of a run.
  private static func fingerprint(_ row: JournalRow) -> UInt64 {
    guard let outgoing = row.outgoing else { return row.decided.stableHash }
    // Each step of the hash waits for the one before it, so two at once take as long as one.
    let both = min(row.decided.count, outgoing.count)
    var (decided, sent) = (StableHash(), StableHash())
    for index in 0..<both {
      decided.add(row.decided[index])
      sent.add(outgoing[index])
    }
    for byte in row.decided[both...] { decided.add(byte) }
    for byte in outgoing[both...] { sent.add(byte) }
    return decided.value ^ sent.value
  }

  /// What became of a message that a service acknowledges.
  func observe(
    _ parcel: Parcel, _ receipt: Receipt, of taken: SimulatedService.Taken, at service: SimulatedService
  ) throws(Violation) {
    for delivery in receipt.deliveries { coverage.count(delivery.outcome) }
    let isFirst = observations.acknowledge(parcel.identity, at: service.index)
    if !isFirst, !parcel.isPoison { try checkDuplicate(parcel, receipt, at: service) }
    if isFirst {
      try checkTaken(parcel, receipt, at: service)
      noteUnknowing(parcel, receipt, at: service)
    }
    observeAnswer(parcel, receipt, of: taken)
  }

  /// An answer was taken, acknowledged or not.
  func observeAnswer(_ parcel: Parcel, _ receipt: Receipt, of taken: SimulatedService.Taken) {
    guard let key = parcel.correlation else { return }
    observeAnswer(parcel.type, parcel.bytes, to: key, receipt.deliveries, row: taken.row, order: taken.order)
  }

  func observeAnswer(
    _ type: String, _ bytes: [UInt8], to key: String, _ deliveries: [DeliveryReceipt], row: JournalSequence, order: Int
  ) {
    guard var command = observations[key] else { return }
    for delivery in deliveries {
      switch delivery.outcome {
      case .handled:
        if command.answered == nil {
          let meaning = setup.participants.meanings.meaning(
            of: type, (try? CloudEvent.decode(bytes))?.data, to: command.type)
          command.answered = (order, meaning, row)
        }
      // Taken before, by a commit whose receipt was lost: nobody outside knows as what.
      case .duplicate: if command.answered == nil, command.lateAnswer == nil { command.lateAnswer = order }
      case .late, .deferred: if command.lateAnswer == nil { command.lateAnswer = order }
      default: break
      }
    }
    observations[key] = command
  }

  private func checkDuplicate(_ parcel: Parcel, _ receipt: Receipt, at service: SimulatedService) throws(Violation) {
    for delivery in receipt.deliveries {
      switch delivery.outcome {
      case .duplicate, .foreign: continue
      // A parked message whose time ran out is a dead letter; its id is known by that.
      case .deadLettered(let code, _) where code == "message.conflict": continue
      case _ where isUnknowing(delivery, parcel, at: service): continue
      default:
        throw Violation(
          "duplicate", "\(service.name) takes \(parcel.type) again, which it had acknowledged: \(delivery.outcome)")
      }
    }
  }

  /// Roles that know nothing of a message although it was acknowledged: they ignore it as long as they have no instance, or it
  /// waited for one and its time ran out, of which nothing is left where another role has taken it.
  private func noteUnknowing(_ parcel: Parcel, _ receipt: Receipt, at service: SimulatedService) {
    for delivery in receipt.deliveries {
      var until = Timestamp(milliseconds: .min)
      switch delivery.outcome {
      case .foreign: break
      case .parked where receipt.deliveries.count > 1: until = read(service)
      default: continue
      }
      guard let identity = delivery.machine, let machine = service.machine(identity) else { continue }
      if delivery.outcome == .parked, case .park(let milliseconds) = machine.missing(parcel.type) {
        until = until.advanced(byMilliseconds: milliseconds)
      }
      observations.unknowing[service.index, default: [:]][parcel.identity, default: [:]][RoleName(identity)] = until
    }
  }

  private func isUnknowing(_ delivery: DeliveryReceipt, _ parcel: Parcel, at service: SimulatedService) -> Bool {
    guard let role = delivery.machine.map(RoleName.init),
      let until = observations.unknowing[service.index]?[parcel.identity]?[role], until <= service.latestReading
    else { return false }
    // What it makes of it now counts.
    if delivery.outcome != .parked { observations.unknowing[service.index]?[parcel.identity]?[role] = nil }
    return true
  }

  /// A message leaves a service.
  func observeSent(
    _ delivery: OutgoingDelivery, _ event: CloudEvent, by lane: String, from service: SimulatedService
  ) throws {
    let identity = "\(event.source)#\(event.id)"
    let body = delivery.bytes.contentHash
    try checkDurable(delivery, of: service)
    coverage.sent += 1
    if let other = observations.sent[service.index, default: [:]].updateValue(identity, forKey: delivery.position),
      other != identity
    {
      throw Violation("outbox", "\(service.name) sends \(delivery.type) again under another id")
    }
    if let known = observations.sentIDs.updateValue(body, forKey: identity) {
      if known != body {
        throw Violation("outbox", "\(service.name) sends \(delivery.type) twice with one id and two bodies")
      }
      return
    } else {
      // Lanes do not wait for one another.
      let ordered = Observations.OrderedBy(lane: lane, key: delivery.orderingKey)
      let last = observations.lastPositions[service.index, default: [:]].updateValue(
        delivery.position, forKey: ordered)
      if let last, delivery.position < last {
        throw Violation(
          "outbox-order", "\(service.name) sends \(delivery.type) of \(delivery.orderingKey) after a later one")
      }
    }
    guard delivery.kind == .command, let key = event.idempotencykey else { return try checkTold(event) }
    if var known = observations[key] {
      known.attempts += 1
      try checkAttempt(of: known, event, row: delivery.position.sequence)
      observations[key] = known
      return
    }
    observations[key] = Observations.Command(
      key: key, type: event.type, source: event.source, saga: event.saga ?? "", service: service.index,
      undoes: event.undoes, data: event.data ?? .null, firstSent: order, row: delivery.position.sequence)
    // It may have timed out before the network saw it.
    if let fired = service.book.firings[event.source], fired > delivery.position.sequence { observations.doubt(key) }
    if let action = event.undoes {
      try checkUndo(of: action, by: event, before: delivery.position.sequence, at: service)
    }
  }

  /// Recovery brings back what was acknowledged, and nothing else.
  func checkRecovery(of service: SimulatedService, _ engine: ShardEngine) throws {
    service.storage.isLookedAt = true
    defer { service.storage.isLookedAt = false }
    try findBook(of: service, at: engine.lastSequence)
    let known = service.book.lastSequence
    guard engine.lastSequence >= known else {
      throw Violation(
        "acknowledged-implies-recovered",
        "\(service.name) comes back with row \(engine.lastSequence), and had committed \(known)")
    }
    for row in try service.store?.journal(after: known, limit: World.maximumViews) ?? [] {
      noteUnseen(row, engine, service)
    }
    service.book.lastSequence = engine.lastSequence
    let memory = observations.memories[service.index] ?? [:]
    var states: [InstanceID: Instance] = [:]
    var reader: ShardReader?
    for id in Set(service.book.revisions.keys).union(memory.keys).sorted() {
      // Where the engine has it in memory, that is what it goes on with.
      var found = engine.inspect(id)?.instance
      if found == nil {
        let opened = try reader ?? ShardReader(store: try service.storage.reader())
        reader = opened
        let view = try opened.instance(id)
        found = view?.instance
        // Of what has been swept only the end is kept.
        if view != nil, found == nil { continue }
      }
      let before = memory[id]
      guard let instance = found else {
        throw Violation(
          "acknowledged-implies-recovered",
          "instance \(before?.key ?? String(id)) of \(service.name) is not there any more")
      }
      states[id] = instance
      service.book.revisions[id] = instance.revision
      if let before, before.revision >= instance.revision, before != instance {
        throw Violation(
          "acknowledged-implies-recovered",
          "instance \(before.key) of \(service.name) comes back different at revision \(before.revision)")
      }
    }
    service.moved = Set(states.keys)
    if let store = service.store { try auditRecovered(store, states, of: service) }
    observations.forgetMemory(of: service.index)
  }
}

extension World {
  /// A row of a commit that threw and is durable all the same.
  private func noteUnseen(_ row: JournalRow, _ engine: ShardEngine, _ service: SimulatedService) {
    if let id = row.instance, let revision = row.revision { service.book.revisions[id] = revision }
    guard let id = row.instance, let input = row.input, let record = try? InputRecord(decoding: input),
      let after = engine.inspect(id)
    else { return }
    switch record {
    case .timer(let firing):
      _ = service.book.note(firing, of: id, visit: nil)
      let source = source(of: after.machine, key: after.instance.key)
      service.book.firings[source] = row.sequence
      observations.noteFiring(source)
    case .migration(let migration): service.book.moves[id] = migration.version
    default: break
    }
  }
}

extension InstanceTimer {
  /// The engine stands for times that cannot be computed with numbers that are no delays.
  var isDueAgain: Bool { delayMilliseconds < 0 || delayMilliseconds == .max }
}
