import SagaCore
import SagaRuntime

/// Every open saga always has something that moves it on: a timer that will fire, an answer, a message that it takes, or a
/// person who must act. Asked at the moment at which it could be forgotten, not when the world is at rest.
extension World {
  /// Checks the instances that have changed since a service was last at rest; after a start, all.
  ///
  /// - Parameter isClockHeld: no timer fires until an operator has looked at the clock.
  func checkProgress(of service: SimulatedService, isClockHeld: Bool) throws {
    guard let engine = service.engine, !service.moved.isEmpty, !service.storage.isDown else { return }
    // A frozen process wrote before its successor did, which finds that out at its next commit and starts again: it is asked then.
    guard engine.lastSequence >= service.book.lastSequence else { return }
    service.storage.isLookedAt = true
    defer { service.storage.isLookedAt = false }
    let moved = service.moved.sorted()
    service.moved.removeAll(keepingCapacity: true)
    var reader: ShardReader?
    for id in moved {
      if let (identity, instance) = engine.inspect(id) {
        try checkProgress(of: instance, id, identity, at: service, isClockHeld)
        continue
      }
      // What has left memory and is on its way to the disk nobody can read beside the engine: it is asked when it is there.
      if engine.durableSequence < engine.lastSequence {
        service.moved.insert(id)
        continue
      }
      let opened = try reader ?? ShardReader(store: try service.storage.reader())
      reader = opened
      if let view = try opened.instance(id), let instance = view.instance {
        try checkProgress(of: instance, id, view.machine, at: service, isClockHeld)
      }
    }
  }

  private func checkProgress(
    of instance: Instance, _ id: InstanceID, _ identity: MachineIdentity, at service: SimulatedService,
    _ isClockHeld: Bool
  ) throws(Violation) {
    guard !instance.status.isFinal, let machine = service.machine(identity) else { return }
    try checkTimers(of: instance, machine, at: service)
    func forgotten(_ what: String) -> Violation {
      Violation(
        "never-forgotten",
        "\(instance.key) of \(service.name) is \(instance.status.name) in \(machine.stateName(of: instance)): \(what)")
    }
    if instance.status == .stuck {
      if machine.problem(of: instance) == nil { throw forgotten("nobody can see what an operator should do") }
      return
    }
    if let step = machine.callWithoutTimer(of: instance) { throw forgotten("\(step) is awaited without a timer") }
    // What was skipped by hand is nobody's any more.
    if instance.status == .running, isStrict(source(of: identity, key: instance.key), identity.saga) {
      let fired = service.book.fired[id] ?? []
      let missing = machine.standingTimers(of: instance).first { name in
        // A role's deadline that was over while it compensated is only noted.
        if case .role = name, instance.failure != nil { return false }
        return !instance.timers.contains { $0.name == name }
          && !fired.contains { $0.stands(for: name, in: instance.visit) }
      }
      if missing != nil { throw forgotten("an `after` is not armed and has not fired") }
    }
    // Nor does anything come of an `after` that was skipped, where it was the only way on.
    if !machine.waits(instance), instance.wakeAt == nil, !instance.isPaused,
      isStrict(source(of: identity, key: instance.key), identity.saga)
    {
      throw forgotten("it waits for nothing")
    }
    // Not the engine's own `wakeAt`: whoever gets that wrong looks at the wrong time.
    let active = instance.isPaused ? [] : instance.activeTimers
    guard !isClockHeld, let due = active.map(\.due).min(), let time = service.clock.trueTime(of: due, now: now) else {
      return
    }
    guard let wakeAt = service.wakeAt, wakeAt <= time else {
      throw forgotten("its timer is due in \(time.milliseconds(since: now)) ms, and nobody looks then")
    }
  }

  /// Timers are armed for as long as the definition says, from a time that has been. That none is over too early
  /// `Timekeeping` sees; one that is over too late nobody would notice, as long as the saga ends.
  private func checkTimers(
    of instance: Instance, _ machine: Machine, at service: SimulatedService
  ) throws(Violation) {
    guard let delays = setup.delays[RoleName(machine.identity)] else { return }
    let state = machine.stateName(of: instance)
    func wrong(_ what: String, _ milliseconds: Int64) -> Violation {
      Violation("timer", "\(instance.key) of \(service.name) waits \(milliseconds) ms in \(state): \(what)")
    }
    for timer in instance.timers where !timer.isFaulty {
      if timer.setAt > instance.updatedAt { throw wrong("a timer is set in the future", timer.delayMilliseconds) }
      guard let delay = delays.delay(of: timer.name, in: state), delay != timer.delayMilliseconds else { continue }
      throw wrong("its `after` says \(delay) ms", timer.delayMilliseconds)
    }
    for awaited in machine.awaitedAttempts(of: instance) {
      let said = (awaited.isUndo ? delays.undoAttempts : delays.attempts)[awaited.step]
      // One that came back to a paused saga is over at once.
      guard let timeout = said?.timeout, awaited.timeout > timeout else { continue }
      throw wrong("the timeout of \(awaited.step) is \(timeout) ms", awaited.timeout)
    }
  }
}
