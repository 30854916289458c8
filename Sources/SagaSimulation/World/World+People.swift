import SagaCore
import SagaRuntime

/// Operators and clocks.
extension World {
  /// The instances of a saga, in the order of services.
  func places(ofSaga saga: Int) -> [(place: InstancePlace, instance: Instance)] {
    services.flatMap { service in
      (service.engine?.inspected ?? []).filter { isSaga($0.instance.key, saga) }.map { inspected in
        let identity = inspected.machine.identity
        return (
          InstancePlace(
            service: service.index, saga: identity.saga, role: identity.role, key: inspected.instance.key),
          inspected.instance
        )
      }
    }
  }

  /// An operator does something to one of a saga's instances.
  func operate(saga: Int) throws {
    let stream = 1 + saga % 7
    let found = places(ofSaga: saga)
    guard !found.isEmpty else { return }
    let (place, instance) = found[choices.choose(found.count, .operation, stream)]
    // Cancelling one role by hand tells the others nothing: there an operator sends the event that they know.
    let open: [Operation.Verb] = place.role.isEmpty ? [.cancel, .pause, .retry] : [.pause, .retry]
    let verbs: [Operation.Verb] = instance.status == .stuck ? [.retry, .retry, .skip, .resolve] : open
    let verb = verbs[choices.choose(verbs.count, .operation, stream)]
    coverage.strike(.operator, Coverage.Phase(instance.status))
    try operate(verb, on: place)
    if verb == .pause {
      let pause: [Int64] = [60_000, 1_000, 10_000_000]
      agenda.plan(
        .resume(place), at: now.advanced(byMilliseconds: pause[choices.choose(pause.count, .operation, stream)]))
    }
  }

  /// An operator moves some of a service's instances to the newer version.
  func migrate(_ service: SimulatedService) throws {
    for inspected in service.engine?.inspected ?? [] where !inspected.instance.status.isFinal {
      guard choices.choose(3, .migration, service.stream) != 1 else { continue }
      // What came of the move before this one may have ended it.
      guard service.engine?.inspect(inspected.id)?.instance.status.isFinal == false else { continue }
      let identity = inspected.machine.identity
      try migrate(
        InstancePlace(
          service: service.index, saga: identity.saga, role: identity.role, key: inspected.instance.key))
    }
  }

  /// The newer version says the same: nothing may stand in the way of the move, and nothing changes.
  private func migrate(_ place: InstancePlace) throws {
    let service = services[place.service]
    let ofRole = service.machines.first { RoleName($0.identity) == RoleName(saga: place.saga, role: place.role) }
    guard let engine = service.engine, let version = ofRole?.identity.version else { return }
    tell(.environment, "operator", to: service.name, "migrate \(place.key) to version \(version)")
    let address = InstanceAddress(saga: place.saga, role: place.role, key: place.key)
    do {
      let request = OperatorRequest.migrate([address], Migration(to: version, by: "operator", reason: "simulated"))
      let reply = try engine.operate(request, now: read(service))
      guard case .each(let replies) = reply, replies == [.done] || replies == [.unchanged] else {
        throw Violation("migration", "\(place.key) cannot move to a version that says the same: \(reply)")
      }
      coverage.migrations += replies == [.done] ? 1 : 0
    } catch {
      return try failed(service, error, while: "moving an instance to another version")
    }
    try pump(service)
  }

  func operate(_ verb: Operation.Verb, to state: String? = nil, on place: InstancePlace) throws {
    let service = services[place.service]
    guard let engine = service.engine else { return }
    tell(.environment, "operator", to: service.name, "\(verb.rawValue) \(place.key)")
    let address = InstanceAddress(saga: place.saga, role: place.role, key: place.key)
    let operation = Operation(verb: verb, by: "operator", reason: "simulated", state: state, isUnsafe: state != nil)
    let before = instance(at: place, engine)
    do {
      let reply = try engine.operate(.instance(address, operation), now: read(service))
      if reply == .done, verb == .cancel { try checkCancelled(place, before: before, engine) }
      // What people put right by hand is theirs to answer for.
      if reply == .done { noteHandled(place, verb) }
    } catch {
      // It may have happened all the same.
      noteHandled(place, verb)
      return try failed(service, error, while: "taking an operator's \(verb.rawValue)")
    }
    try pump(service)
  }

  private func instance(at place: InstancePlace, _ engine: ShardEngine) -> Instance? {
    engine.inspected.first {
      $0.instance.key == place.key && RoleName($0.machine.identity) == RoleName(saga: place.saga, role: place.role)
    }?.instance
  }

  private func noteHandled(_ place: InstancePlace, _ verb: Operation.Verb) {
    guard verb == .skip || verb == .resolve else { return }
    let identity = MachineIdentity(saga: place.saga, version: 1, role: place.role)
    let name = World.handled(place.saga, source(of: identity, key: place.key))
    observations.handled.insert(name)
    if verb == .resolve { observations.closedByHand.insert(name) }
  }

  /// A cancel that was acknowledged is under way, unless the pivot's outcome is awaited first.
  private func checkCancelled(_ place: InstancePlace, before: Instance?, _ engine: ShardEngine) throws {
    guard let before, before.status == .running,
      let after = instance(at: place, engine)
    else { return }
    if after.status == .running, after.failure == nil, after.pending.isEmpty {
      throw Violation("operator", "the cancel of \(place.key) was acknowledged and nothing came of it")
    }
  }

  /// Replays every unresolved dead letter, twice: the second time changes nothing.
  ///
  /// - Returns: whether any was handled.
  func replayDeadLetters(_ service: SimulatedService) throws -> Bool {
    guard let engine = service.engine, let store = service.store else { return false }
    var isChanged = false
    var replayed: (type: String, bytes: [UInt8], key: String)?
    do {
      let entries = try store.page(.deadLetters(onlyUnresolved: true), after: nil, limit: 100).deadLetters
      if !entries.isEmpty, !isHealed { coverage.strike(.replay, phases[service.stream]) }
      for entry in entries {
        let request = OperatorRequest.replay(deadLetter: entry.sequence, by: "operator", reason: "simulated")
        let reading = read(service)
        replayed = try answer(inLetter: entry.sequence, at: service)
        guard case .replayed(let deliveries) = try engine.operate(request, now: reading) else { continue }
        isChanged = true
        if let replayed {
          let row = service.book.lastSequence
          observeAnswer(replayed.type, replayed.bytes, to: replayed.key, deliveries, row: row, order: order)
        }
        let before = engine.lastSequence
        let second = try engine.operate(request, now: reading)
        if second != .unchanged || engine.lastSequence != before {
          // A foreign message stays unresolved: replaying it again says the same and writes one more row about it.
          guard case .replayed(let deliveries) = second, deliveries.allSatisfy({ $0.outcome == .foreign }) else {
            throw Violation("replay", "\(service.name) replays dead letter \(entry.sequence) twice: \(second)")
          }
        }
      }
    } catch {
      // It may have happened all the same.
      if let replayed { observations.loseSight(of: replayed.key, order: order) }
      try failed(service, error, while: "replaying dead letters")
      return true
    }
    if isChanged { tell(.environment, "operator", to: service.name, "replays dead letters, each twice") }
    try pump(service)
    return isChanged
  }

  /// The answer that is a dead letter, and the call that it answers; nil for other messages.
  private func answer(
    inLetter sequence: JournalSequence, at service: SimulatedService
  ) throws -> (type: String, bytes: [UInt8], key: String)? {
    let reader = try ShardReader(store: try service.storage.reader())
    guard let letter = try reader.deadLetters(onlyUnresolved: false, after: sequence - 1, limit: 1).first,
      let event = try? CloudEvent.decode(letter.bytes), event.messagekind == MessageKind.reply.rawValue,
      let key = event.callKey
    else { return nil }
    return (event.type, letter.bytes, key.hex)
  }

  /// A clock goes wrong.
  func disturbClock(_ service: SimulatedService) throws {
    if isHealed { return }
    let stream = service.stream
    coverage.strike(.clock, phases[stream])
    switch choices.choose(6, .clock, stream) {
    case 0: jump(service, 1_000)
    case 1: jump(service, -1_000)
    case 2: jump(service, 600_000 * (choices.choose(2, .clock, stream) == 0 ? 1 : -1))
    case 3:
      // More than a correction: the shell sees that wall and monotonic clock disagree, and holds the timers.
      let years: Int64 = 3_650 * 86_400_000
      // Far ahead most often: what is set then has the longest to wait.
      let leaps: [Int64] = [90_000_000, -90_000_000, years, -years, years]
      jump(service, leaps[choices.choose(leaps.count, .clock, stream)])
      service.engine?.holdClock()
      planToConfirmClock(of: service)
    case 4:
      service.clock.set(rate: 0, at: now)
      tell(.environment, service.name, "its clock stands still")
    default:
      let rate: [Int64] = [1_010, 990, 2_000, 500]
      service.clock.set(rate: rate[choices.choose(rate.count, .clock, stream)], at: now)
      tell(.environment, service.name, "its clock runs at \(service.clock.rate) thousandths")
    }
    try pump(service)
  }

  private func jump(_ service: SimulatedService, _ milliseconds: Int64) {
    service.clock.jump(byMilliseconds: milliseconds, at: now)
    tell(.environment, service.name, "its clock jumps by \(milliseconds / 1000) s")
  }

  func planToConfirmClock(of service: SimulatedService) {
    agenda.plan(.confirmClock(service: service.index), at: now.advanced(byMilliseconds: 1_800_000))
  }

  /// An operator has looked at the clock, and it is right now.
  func confirmClock(_ service: SimulatedService) throws {
    let error = service.clock.read(at: now).milliseconds(since: now)
    service.clock.correct(at: now)
    guard let engine = service.engine else { return }
    // The shell sees that it is put right, too.
    if abs(error) > configuration.maxClockLeapMilliseconds { engine.holdClock() }
    do {
      _ = try engine.operate(
        .confirmClock(by: "operator", reason: "simulated"), now: read(service))
    } catch {
      return try failed(service, error, while: "confirming the clock")
    }
    try pump(service)
  }

  /// Instances of one service that are looked at.
  static let maximumViews = 10_000

  /// Faults end: services run, clocks are right, disks work, participants do as they are asked.
  func heal() throws {
    isHealed = true
    eventLimit = order + options.maximumEvents
    settlesBy(after: max(now, lastPlanned))
    tell(.environment, "world", "faults end here; everything must settle now")
    participants.temper = .honest
    for service in services {
      if service.storage.isDown, service.engine != nil { crash(service, "with the power of its machine") }
      service.storage.heal()
      if service.engine == nil, service.upAt == nil { try start(service) }
      try confirmClock(service)
    }
  }

  /// What people do when everything is quiet: they look after what is stuck, paused, held or refused.
  ///
  /// - Parameter round: how often they have looked before.
  /// - Returns: whether anything was done that may go on.
  func careForWhatIsLeft(round: Int) throws -> Bool {
    var isChanged = false
    for service in services {
      guard let engine = service.engine else {
        try start(service)
        isChanged = true
        continue
      }
      let reader = try ShardReader(store: try service.storage.reader())
      for view in try reader.instances(InstanceFilter(), limit: World.maximumViews) {
        let place = InstancePlace(
          service: service.index, saga: view.machine.saga, role: view.machine.role, key: view.key)
        if view.isPaused {
          try operate(.resume, on: place)
          isChanged = true
        } else if view.status == .stuck {
          try operate(.retry, on: place)
          isChanged = true
        }
      }
      isChanged = try replayDeadLetters(service) || isChanged
      guard service.engine === engine, try !reader.held().isEmpty else { continue }
      for lane in service.lanes.names where service.engine === engine {
        let request = OperatorRequest.retryOutgoing(lane: lane, position: nil, by: "operator", reason: "simulated")
        guard try engine.operate(request, now: read(service)) == .done else { continue }
        isChanged = true
        service.hindered.insert(lane)
        try pump(service)
      }
    }
    // Others first have all that may still lead them on; some of it is done anew each time, and comes to nothing.
    if isChanged, round < World.maximumRounds / 2 { return true }
    return try leadOthersToTheirEnds() || isChanged
  }

  /// Whoever closes a role by hand sees to those that wait for what it would have sent.
  ///
  /// - Returns: whether there was one.
  private func leadOthersToTheirEnds() throws -> Bool {
    guard !observations.closedByHand.isEmpty else { return false }
    var isChanged = false
    for service in services where service.engine != nil {
      let reader = try ShardReader(store: try service.storage.reader())
      for view in try reader.instances(InstanceFilter(), limit: World.maximumViews)
      where !view.status.isFinal && waitsForOneClosedByHand(view.machine, key: view.key) {
        guard let end = setup.end(of: RoleName(view.machine)) else { continue }
        let place = InstancePlace(
          service: service.index, saga: view.machine.saga, role: view.machine.role, key: view.key)
        try operate(.force, to: end, on: place)
        isChanged = true
      }
    }
    return isChanged
  }
}
