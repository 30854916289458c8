import SagaCore

/// Looks for late instances and for too many dead letters.
///
/// An actor, because what it has looked at already goes from one look to the next.
actor AlertWatch {
  private let policy: AlertPolicy
  private let sagas: [String]
  /// By saga and shard: instances up to this id were looked at when they were due. Ids grow with the time of start.
  private var lookedAt: [Place: InstanceID] = [:]
  private var hasTooManyDeadLetters = false
  /// The name under which it is remembered which dead letters were reported.
  private static let deadLetterMemory = "alerts/dead-letters"

  private struct Place: Hashable {
    var saga: String
    var shard: Int
  }

  /// - Parameter sagas: the sagas of the service.
  init(_ policy: AlertPolicy, sagas: [String]) {
    self.policy = policy
    self.sagas = sagas.sorted()
  }

  /// Raises what there is to raise.
  ///
  /// - Throws: what the engine or the store throws; the next look finds it again.
  func look(_ engine: SagaEngine, now: Timestamp) async throws {
    for saga in sagas {
      guard let limit = policy.lateAfter(saga) else { continue }
      for shard in engine.runners.indices {
        let place = Place(saga: saga, shard: shard)
        try await raiseLate(place, startedBefore: now.advanced(byMilliseconds: -limit), engine, now: now)
      }
    }
    if let threshold = policy.deadLetterThreshold { try await raiseDeadLetters(threshold, engine) }
  }

  private func raiseLate(
    _ place: Place, startedBefore cut: Timestamp, _ engine: SagaEngine, now: Timestamp
  ) async throws {
    // By a clock that is wrong everything is late, or nothing.
    if try await engine.runners[place.shard].ask({ $0.isClockHeld || $0.isClockAhead }) { return }
    let filter = InstanceFilter(saga: place.saga, statuses: [.running, .compensating, .stuck])
    // What has started since this look began is not far ahead.
    let limit = now.advanced(byMilliseconds: EngineConfiguration().maxClockLeapMilliseconds)
    while true {
      let after = lookedAt[place] ?? 0
      let (late, last) = try await engine.read(shard: place.shard) { reader in
        let finder = InstanceFinder(reader)
        // Ids grow with the time of the start, but for those that a clock far ahead has started: they are passed over, as the
        // others behind them must not wait for that time.
        let page = try reader.instances(filter, after: after, limit: 500)
          .prefix { view in view.instance.map { $0.startedAt < cut || $0.startedAt > limit } ?? true }
        let late = page.filter { view in view.instance.map { $0.startedAt < cut } ?? false }
        return (late.map { LateAlert(view: $0, state: finder.state(of: $0), now: now) }, page.last?.id)
      }
      guard let last else { return }
      try await engine.runners[place.shard].transact { (transaction: any ServiceTransaction) in
        for alert in late { try alert.raise(in: transaction) }
      }
      lookedAt[place] = last
    }
  }

  private func raiseDeadLetters(_ threshold: Int, _ engine: SagaEngine) async throws {
    let waiting = try await engine.deadLetters(limit: max(1, threshold)).map { ($0.sequence, $0.fault, $0.shard) }
    guard waiting.count >= max(1, threshold), let oldest = waiting.first, let newest = waiting.last else {
      hasTooManyDeadLetters = false
      return
    }
    if hasTooManyDeadLetters { return }
    // A restart forgets that it was said, not the dead letter that has waited since.
    let id = Hash128.of(oldest.2 == 0 ? String(oldest.0) : "\(oldest.2)/\(oldest.0)")
    try await engine.transaction { (transaction: any ServiceTransaction) in
      guard try transaction.consumed(by: AlertWatch.deadLetterMemory, id: id) == nil else { return }
      try transaction.remember(
        ConsumedMessage(consumer: AlertWatch.deadLetterMemory, id: id, at: transaction.now, body: []))
      let data: JSON = [
        "threshold": .int(Int64(threshold)), "sequence": .int(newest.0), "code": .string(newest.1.code),
        "reason": .string("\(threshold) dead letters or more wait; saga dlq list shows them"),
      ]
      let event = CloudEvent(
        id: transaction.nextMessageID(), source: "/sagas", type: SagaAlert.Kind.deadLetters.rawValue,
        time: transaction.now.rfc3339, datacontenttype: "application/json", data: data)
      try transaction.raise(event, orderingKey: "/sagas")
    }
    hasTooManyDeadLetters = true
  }
}

/// That an instance has been open for too long.
private struct LateAlert: Sendable {
  var view: InstanceView
  var state: String
  var now: Timestamp

  /// Publishes the alert, once in the life of an instance.
  func raise(in transaction: any ServiceTransaction) throws {
    guard let startedAt = view.instance?.startedAt else { return }
    let memory = LateAlertMemory.message(of: view, at: transaction.now)
    let known = try transaction.consumed(by: memory.consumer, id: memory.id)
    // What an earlier version has remembered does not say of which instance it is, and would be forgotten before it.
    if known?.body != memory.body { try transaction.remember(memory) }
    if known != nil { return }
    let key = LateAlert.readable(view.key)
    let age = Text.duration(milliseconds: now.milliseconds(since: startedAt))
    let data: JSON = [
      "saga": .string(view.machine.saga), "version": .int(view.machine.version), "role": .string(view.machine.role),
      "key": .string(view.key), "state": .string(state), "step": "", "startedAt": .string(startedAt.rfc3339),
      "reason": .string("open for \(age)\(view.isPaused ? ", paused" : "")"),
    ]
    var event = CloudEvent(
      id: transaction.nextMessageID(),
      source: Machine.sourceURI(of: view.machine, key: key),
      type: SagaAlert.Kind.late.rawValue, time: transaction.now.rfc3339, datacontenttype: "application/json", data: data
    )
    event.sagakey = key
    event.saga = view.machine.saga
    if !view.machine.role.isEmpty { event.sagarole = view.machine.role }
    event.traceparent = view.instance?.traceParent
    try transaction.raise(event, orderingKey: key)
  }

  /// The key as an attribute may have it: instances of earlier versions may have one that no message can carry, and one alert that
  /// cannot be published must not end all others.
  private static func readable(_ key: String) -> String {
    let scalars = key.unicodeScalars.prefix(MachineLimits.maximumKeyBytes / 4).map { scalar in
      scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

extension ServiceTransaction {
  fileprivate func raise(_ event: CloudEvent, orderingKey: String) throws {
    var event = event
    event.partitionkey = orderingKey
    event.messagekind = MessageKind.alert.rawValue
    try append(OutgoingMessage(event: event, kind: .alert, destination: nil, orderingKey: orderingKey))
  }
}
