import SagaCore
import SagaRuntime

/// The world itself cannot go on: not a fault of what is simulated.
struct SimulationFailure: Error, CustomStringConvertible {
  var description: String
}

extension World {
  /// Starts a service's process: opens the store and recovers.
  func start(_ service: SimulatedService) throws {
    service.upAt = nil
    if service.isUpgraded == false, service.book.lastSequence > 0, strikes(.upgrade, .upgrade, service.stream) {
      service.isUpgraded = true
      tell(.environment, service.name, "starts with a newer version of the definition beside the old one")
      if choices.choose(2, .migration, service.stream) == 1 {
        let pause: [Int64] = [0, 1_000, 60_000, 3_600_000]
        let wait = pause[choices.choose(pause.count, .migration, service.stream)]
        agenda.plan(.migrate(service: service.index), at: now.advanced(byMilliseconds: wait))
      }
    }
    do {
      let store = watched(try service.storage.open(), of: service)
      service.store = store
      let engine = try ShardEngine(
        store: store, machines: service.machines, configuration: limits(of: service),
        now: read(service))
      try checkRecovery(of: service, engine)
      service.engine = engine
      service.hindered = try hasHeld(service) ? Set(service.lanes.names) : []
      if engine.isClockHeld { planToConfirmClock(of: service) }
    } catch let error where !(error is Violation) {
      return try failed(service, error, while: "recovering")
    }
    if strikes(.crash, .crash, service.stream) { return crash(service, "right after recovering") }
    // What waits is offered before overdue timers fire.
    if service.inbox.isEmpty { try pump(service) } else { try flush(service) }
  }

  /// Whether something waits that did not arrive before.
  private func hasHeld(_ service: SimulatedService) throws -> Bool {
    service.storage.isLookedAt = true
    defer { service.storage.isLookedAt = false }
    return try service.store?.page(.held(lane: nil), after: nil, limit: 1).held.isEmpty == false
  }

  private func limits(of service: SimulatedService) -> EngineConfiguration {
    var limits = configuration
    let lanes = service.lanes
    limits.lanes = { lanes.lanes(of: $0) }
    let known = service.definition.machines + service.definition.upgraded
    limits.compile = { source, role in
      guard let machine = known.first(where: { $0.source == source && $0.identity.role == role }) else {
        throw SimulationFailure(description: "the stored definition is none that was loaded")
      }
      return machine
    }
    return limits
  }

  /// What the engine of a service commits to: each decision is looked at, and transactions below may fail.
  private func watched(_ opened: any Store, of service: SimulatedService) -> ObservedStore {
    let failing = FailingStore(opened) { [unowned self, unowned service] isPart in
      self.fateOfCommit(of: service, isPart: isPart)
    }
    service.durableStore = failing
    let below = service.commitStyle == .pipelined ? PipelinedStore(failing, lookup: nil, worker: .caller) : failing
    return ObservedStore(below) { [unowned self, unowned service] batch, store in
      self.committed(batch, by: service, in: store)
    }
  }

  private func fateOfCommit(of service: SimulatedService, isPart: Bool) -> FailingStore.Fate {
    guard strikes(.commit, .commit, service.stream) else { return .done }
    switch choices.choose(isPart ? 2 : 3, .commit, service.stream) {
    case 0:
      tell(.environment, service.name, "a commit fails, nothing of it is there")
      return .failsUndone
    case 1 where !isPart:
      tell(.environment, service.name, "a commit happens and is reported as failed")
      return .failsDone
    default:
      tell(.environment, service.name, "the disk is full")
      return .full
    }
  }

  /// The process dies: what was in memory is gone, messages it had not acknowledged come again.
  func crash(_ service: SimulatedService, _ point: @autoclosure () -> String) {
    tell(.process, service.name, "crashes \(point())")
    coverage.crashes += 1
    if !service.underWay.isEmpty { coverage.crashesWhileSending += 1 }
    bury(service)
    let pause = [1_000, 100, 30_000, 600_000, 7_200_000][choices.choose(5, .downtime, service.stream)]
    service.upAt = now.advanced(byMilliseconds: Int64(pause))
    agenda.plan(.restart(service: service.index), at: service.upAt ?? now)
  }

  private func bury(_ service: SimulatedService) {
    observations.remember(service)
    loseWhatIsNotDurable(service)
    service.store = nil
    service.durableStore = nil
    service.wakeAt = nil
    service.underWay = [:]
    service.downUntil = [:]
    service.storage.crash(choices, service.stream)
    service.storage.arm(perMille: rate(.disk), choices, service.stream)
  }

  /// An engine's call threw: what a real process does then.
  func failed(_ service: SimulatedService, _ error: any Error, while action: String) throws {
    if let commitViolation { throw commitViolation }
    if let violation = error as? Violation { throw violation }
    switch error {
    case EngineError.full:
      // Nothing was written and nothing acknowledged; the engine stops cleanly and starts again when there is room.
      crash(service, "because there is no room, while \(action)")
    case EngineError.outcomeUnknown, EngineError.poisoned, EngineError.fenced, EngineError.foreignWriter:
      crash(service, "after an error of the store while \(action)")
    case CommitError.full, CommitError.fenced, CommitError.moved, CommitError.outcomeUnknown:
      // What was handed over turned out not to be durable when something was read.
      crash(service, "after an error of the store while \(action)")
    case let error as EngineError:
      throw Violation("engine", "\(service.name) stopped while \(action): \(error)")
    default:
      guard rate(.disk) > 0 else { throw Violation("engine", "\(service.name) stopped while \(action): \(error)") }
      crash(service, "after a disk error while \(action)")
    }
  }

  /// The process freezes and another one takes the shard.
  func freeze(_ service: SimulatedService) throws {
    guard service.storage.allowsZombies, service.zombie == nil, let engine = service.engine else { return }
    coverage.strike(.zombie, phases[service.stream])
    do {
      // It freezes between two turns of its loop, when nothing is on its way.
      try engine.commitJoined()
    } catch {
      return try failed(service, error, while: "freezing")
    }
    tell(.process, service.name, "freezes; a successor takes over")
    service.zombie = engine
    (service.zombieUnderWay, service.underWay) = (service.underWay, [:])
    observations.remember(service)
    service.engine = nil
    let pause = [10_000, 1_000, 120_000, 3_600_000][choices.choose(4, .downtime, service.stream)]
    agenda.plan(.thaw(service: service.index), at: now.advanced(byMilliseconds: Int64(pause)))
    try start(service)
  }

  /// The frozen process goes on where it was; what it does must not count once its successor has written.
  func thaw(_ service: SimulatedService) throws {
    guard let zombie = service.zombie else { return }
    defer { (service.zombie, service.zombieUnderWay) = (nil, [:]) }
    if let engine = service.engine {
      do {
        // What its successor had on its way has come to its end by now.
        try engine.commitJoined()
      } catch {
        try failed(service, error, while: "working")
      }
    }
    tell(.process, service.name, "the frozen process wakes up beside its successor")
    do {
      try answer(zombie: zombie, of: service)
      _ = try zombie.tick(now: read(service))
      if let bytes = observations.lastTaken[service.index] {
        _ = try zombie.offer([IncomingMessage(bytes: bytes)], now: read(service))
      }
    } catch let error where error is EngineError || error is CommitError {
      // Whatever it stumbles over: its memory is old and what it reads is new. It must only not write.
      tell(.process, service.name, "the frozen process stops: \(error)")
      coverage.fencedZombies += 1
    }
    // What it collects from here on is decided on rows that are not there: it would find out when it hands that over.
    if service.commitStyle == .pipelined, let engine = service.engine, engine.lastSequence < service.book.lastSequence {
      crash(service, "since the frozen process has written")
    }
  }

  func planWake(_ service: SimulatedService, at time: Timestamp) {
    if let known = service.wakeAt, known <= time { return }
    service.wakeAt = time
    agenda.plan(.wake(service: service.index), at: max(time, now))
  }
}
