import SagaCore
import SagaRuntime

/// What must hold when everything is at rest.
extension World {
  /// An instance at the end, with what the world knows of it.
  struct Ending {
    var service: SimulatedService
    var view: InstanceView
    /// As its commands name it.
    var source: String
  }

  func judge() throws {
    var endings: [Ending] = []
    for service in services {
      let store = try service.storage.reader()
      let reader = try ShardReader(store: store)
      let views = try reader.instances(InstanceFilter(), limit: World.maximumViews)
      try checkParked(store, at: service)
      for view in views {
        if let instance = view.instance { try checkLasting(instance, view.id, at: service) }
        endings.append(Ending(service: service, view: view, source: source(of: view.machine, key: view.key)))
        try checkPinning(view, at: service, reader)
      }
      try audit(store, views, of: service, reader)
    }
    for ending in endings {
      try checkSettled(ending)
      try checkAtomicity(ending)
      let identity = ending.view.machine
      coverage.end("\(identity.saga)\(identity.role.isEmpty ? "" : "/\(identity.role)"): \(ending.view.status.name)")
    }
    try checkAgreement(endings)
    try checkOnce()
    coverage.undone += participants.ledger.entries.count { $0.effect == .undone }
    try checkReach()
    try noteAnomalies()
  }

  /// The `source` of what an instance sends.
  func source(of machine: MachineIdentity, key: String) -> String {
    Machine.sourceURI(of: machine, key: key)
  }

  /// Anomalies between sagas are reported: sagas are not isolated, and say so.
  private func noteAnomalies() throws {
    for resource in setup.scenario.resources {
      do throws(MessageFault) {
        for (name, count) in try IsolationAudit.anomalies(of: resource, in: participants.ledger) {
          coverage.anomaly(name, count)
        }
      } catch {
        throw SimulationFailure(description: error.message)
      }
    }
  }

  /// An instance keeps the definition that it was started with, or that an operator moved it to.
  private func checkPinning(_ view: InstanceView, at service: SimulatedService, _ reader: ShardReader) throws {
    guard let born = service.book.births[view.id] else { return }
    var identity = reader.identity(of: born)
    let moved = service.book.moves[view.id]
    if let moved { identity.version = moved }
    if identity != view.machine {
      let how = moved == nil ? "started on" : "moved to"
      throw Violation("version-pinning", "instance \(view.key) was \(how) \(identity) and is on \(view.machine)")
    }
  }

  /// No message waits for an instance that is there.
  private func checkParked(_ store: any Store, at service: SimulatedService) throws {
    let parked = try store.page(.parked(expiringBy: nil), after: nil, limit: World.maximumViews).parked
    if let waiting = parked.first(where: { service.book.keys[$0.key] != nil }) {
      throw Violation("parked", "\(service.name) keeps row \(waiting.sequence) parked, and its instance is there")
    }
  }

  /// What is put off is tried again, and what is parked expires when its declaration says, by the clock as it is now.
  private func checkExpiries(at service: SimulatedService) throws {
    let store = try service.storage.reader()
    let reading = read(service)
    for held in try store.page(.held(lane: nil), after: nil, limit: World.maximumViews).held {
      guard let nextAt = held.nextAt, nextAt > reading else { continue }
      let left = nextAt.milliseconds(since: reading)
      throw Violation(
        "settles", "row \(held.sequence) of \(service.name) is sent again in \(left) ms, and nothing says so")
    }
    for parked in try store.page(.parked(expiringBy: nil), after: nil, limit: World.maximumViews).parked {
      guard let bytes = try store.rows([parked.sequence]).first?.input, let event = try? CloudEvent.decode(bytes) else {
        continue
      }
      let declared = service.machines.map { machine -> Int64 in
        if case .park(let milliseconds) = machine.missing(event.type) { milliseconds } else { 0 }
      }
      let left = parked.expiresAt.milliseconds(since: reading)
      if left > declared.max() ?? 0 {
        throw Violation(
          "settles", "\(event.type) is parked at \(service.name) for \(left) ms more, and nothing says so long")
      }
    }
  }

  /// When the time is over that the definitions' own budgets allow, every saga has ended or waits for people.
  func checkSettledInTime() throws {
    var readers: [(service: SimulatedService, reader: ShardReader)] = []
    for service in services { readers.append((service, try ShardReader(store: try service.storage.reader()))) }
    for service in services { try checkExpiries(at: service) }
    guard let waiting = try sagasThatPeopleMustMend(readers.map(\.reader)) else { return }
    for (service, reader) in readers {
      for view in try reader.instances(InstanceFilter(), limit: World.maximumViews)
      where !view.status.isFinal && !waiting.keys.contains(view.key)
        && !waiting.names.contains(World.handled(view.machine.saga, source(of: view.machine, key: view.key)))
      {
        let state = view.instance.flatMap { service.machine(view.machine)?.stateName(of: $0) } ?? "?"
        throw Violation(
          "settles",
          "\(source(of: view.machine, key: view.key)) is \(view.status.name) in \(state) for longer than its attempts, timeouts, `after` and undos allow together"
        )
      }
    }
  }

  /// Sagas of which a role is paused, stuck or closed by hand, or something is held back or was refused: whatever their roles wait for
  /// waits for people.
  ///
  /// - Returns: by key, and by saga and key (`World.handled`); nil where it may be any.
  private func sagasThatPeopleMustMend(
    _ readers: [ShardReader]
  ) throws -> (keys: Set<String>, names: Set<String>)? {
    var keys: Set<String> = []
    var names = observations.closedByHand
    for reader in readers {
      for view in try reader.instances(InstanceFilter(), limit: World.maximumViews)
      where !view.status.isFinal && (view.isPaused || view.status == .stuck) { keys.insert(view.key) }
      for held in try reader.held(limit: World.maximumViews) {
        guard let key = held.message?.orderingKey else { return nil }
        keys.insert(key)
      }
      for letter in try reader.deadLetters(onlyUnresolved: true, limit: World.maximumViews) {
        // For what was forged nobody waits.
        guard let event = try? CloudEvent.decode(letter.bytes), !event.isForged else { continue }
        switch observations.addresses[letter.bytes.contentHash] {
        case .key(let key): keys.insert(key)
        case .call(let key):
          guard let command = observations[key] else { return nil }
          names.insert(World.handled(command.saga, command.source))
        case nil: return nil
        }
      }
    }
    // One under another key may wait for them.
    return setup.hasOneKey || (keys.isEmpty && names.isEmpty) ? (keys, names) : nil
  }

  /// In peace and with honest participants, every saga ends.
  private func checkSettled(_ ending: Ending) throws(Violation) {
    let view = ending.view
    if view.status.isFinal { return }
    let machine = ending.service.machine(view.machine)
    let state = view.instance.flatMap { machine?.stateName(of: $0) } ?? "?"
    if view.status == .stuck {
      let problem = view.instance.flatMap { machine?.problem(of: $0) }
      throw Violation(
        "settles", "\(ending.source) stays stuck in \(state) at \(problem?.step ?? "?"): \(problem?.reason ?? "?")")
    }
    // What a person skipped may have been the only way on.
    let name = World.handled(view.machine.saga, ending.source)
    if observations.handled.contains(name), !observations.closedByHand.contains(name) { return }
    throw Violation(
      "settles",
      "\(ending.source) hangs in \(state) (\(view.status.name)): no timer, no message under way, nothing owed")
  }

  /// All done or all undone, by the participants' ledgers.
  private func checkAtomicity(_ ending: Ending) throws(Violation) {
    guard isStrict(ending.source, ending.view.machine.saga) else { return }
    let traits = setup.traits
    for key in observations.actions[ending.source] ?? [] {
      guard let action = observations[key], traits.undoable.contains(action.type) || traits.pivots.contains(action.type)
      else { continue }
      // What a saga does for another one is in no participant's ledger.
      if services.contains(where: { $0.takes(action.type) }) { continue }
      guard let entry = participants.ledger[key] else {
        if ending.view.status == .completed, traits.answered.contains(action.type),
          !traits.undoesAndCompletes.contains(action.saga)
        {
          throw Violation("atomicity", "\(ending.source) is completed, but \(action.type) was never done")
        }
        continue
      }
      switch (ending.view.status, entry.effect) {
      case (.compensated, .done):
        throw Violation("atomicity", "\(ending.source) is compensated, but \(action.type) was done and never undone")
      case (.completed, .done):
        // What only the saga can tell it knows.
        let isKnown = action.answered.map { $0.meaning == nil || $0.meaning == .done } ?? false
        if !isKnown, action.lateAnswer == nil {
          throw Violation(
            "atomicity",
            "\(ending.source) is completed, but \(action.type) was done without its knowing, and never undone")
        }
      case (.completed, .undone):
        if action.answered?.meaning == .done, action.lateAnswer == nil, !action.isDoubtful,
          !traits.undoesAndCompletes.contains(action.saga)
        {
          throw Violation("atomicity", "\(ending.source) is completed, but its \(action.type) was undone")
        }
      default: break
      }
    }
  }

  /// The roles of one key end alike: not one completed and another compensated.
  private func checkAgreement(_ endings: [Ending]) throws(Violation) {
    var first: [String: Ending] = [:]
    for ending in endings where ending.view.status.isFinal && isStrict(ending.source, ending.view.machine.saga) {
      let key = "\(ending.view.machine.saga)|\(ending.view.key)"
      guard let other = first[key] else {
        first[key] = ending
        continue
      }
      if isHandled(ending.view.machine.saga, key: ending.view.key) { continue }
      if hasContradiction(key: ending.view.key) { continue }
      if other.view.status != ending.view.status {
        throw Violation(
          "agreement",
          "\(other.source) is \(other.view.status.name) and \(ending.source) is \(ending.view.status.name)")
      }
    }
  }

  private func hasContradiction(key: String) -> Bool {
    observations.contradicted.contains { participants.ledger[$0]?.sagaKey == key }
  }

  /// Effects exactly once: one key for one action, one undo for one action.
  private func checkOnce() throws(Violation) {
    var done: [String: String] = [:]
    for entry in participants.ledger.entries where entry.effect == .done || entry.effect == .undone {
      if entry.undoes == nil, !setup.traits.repeatable.contains(entry.command) {
        let name = "\(entry.source)|\(entry.command)"
        if let other = done[name], other != entry.key {
          throw Violation("exactly-once", "\(entry.source) did \(entry.command) twice, under two idempotency keys")
        }
        done[name] = entry.key
      }
      guard Set(entry.undoKeys).count > 1, let action = observations[entry.key], isStrict(entry.source, action.saga)
      else {
        continue
      }
      // An undo that went out without the reply is owed once more when the reply comes.
      let firstUndo = (observations.undos[entry.key] ?? []).compactMap { observations[$0]?.row }.min() ?? 0
      let isRepair = action.lateAnswer != nil || (action.answered?.row ?? 0) > firstUndo
      if !isRepair || Set(entry.undoKeys).count > 2 {
        throw Violation(
          "exactly-once",
          "\(entry.source) undid \(entry.command) too often, under \(Set(entry.undoKeys).count) idempotency keys")
      }
    }
  }
}
