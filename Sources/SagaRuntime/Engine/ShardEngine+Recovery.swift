import SagaCore

extension ShardEngine {
  /// Makes memory what it was after the last durable commit.
  func recover(_ recovered: Recovered, now: Timestamp) throws {
    let leap = configuration.clock == .events ? .max : configuration.maxClockLeapMilliseconds
    let tail = try TailFold(store, recovered, maxClockLeapMilliseconds: leap)
    clock = tail.clock
    lastSequence = max(lastSequence, tail.lastSequence)
    try compileStored(recovered.machines, tail)
    for id in tail.order.sorted() { try admit(id, from: tail) }
    recoverLanes(recovered, tail)
    try noteLanes(of: tail.serviceRows)
    try recoverDeadLetters()
    let parked = try store.page(.parked(expiringBy: nil), after: nil, limit: 1).parked
    mayHaveParked = !parked.isEmpty
    mayHaveInherited = recovered.hasInheritedIDs
    nextExpiry = parked.first?.expiresAt
    #if SAGA_MUTANTS
      if Mutant.is(.parkedForgottenAtRecovery) { (mayHaveParked, nextExpiry) = (false, nil) }
    #endif
    try recoverCascades(tail)
    isClockAhead = clock.milliseconds(since: now) > configuration.maxClockLeapMilliseconds
    // Timers may have been set by a clock that has come back since.
    if tail.latest.milliseconds(since: now) > configuration.maxClockLeapMilliseconds {
      rearmCursor = Wake(at: now.advanced(byMilliseconds: configuration.maxClockLeapMilliseconds), instance: .max)
    }
  }

  /// Definitions that open instances still need and nobody loaded are compiled from their stored source.
  private func compileStored(_ stored: [StoredMachine], _ tail: TailFold) throws {
    let open: [Int64] = [InstanceStatus.running, .compensating, .stuck].map(\.rawValue)
    for machine in stored where machines.machine(machine.id) == nil {
      let query = StoreQuery.instances(statuses: open, machines: [machine.id])
      let isNeeded =
        try tail.instances.values.contains { $0.stored.machine == machine.id }
        || !store.page(query, after: nil, limit: 1).instances.isEmpty
      if isNeeded { try compile(machine) }
    }
    storedMachines = Dictionary(uniqueKeysWithValues: stored.map { ($0.id, $0) })
  }

  private func compile(_ stored: StoredMachine) throws {
    let identity = MachineIdentity(saga: stored.saga, version: stored.version, role: stored.role)
    guard let compile = configuration.compile else {
      throw EngineError.definitionMissing(identity, reason: "it was not loaded, and nothing can compile it")
    }
    do {
      let machine = try compile(stored.source, stored.role)
      machines.add(LoadedMachine(machine: machine, id: stored.id, isStored: true, startsInstances: false))
    } catch {
      throw EngineError.definitionMissing(identity, reason: "its stored source does not compile: \(error)")
    }
  }

  /// The machine of a stored instance; for a closed one whose definition is gone, the newest of its role.
  func machine(of stored: StoredInstance) throws -> LoadedMachine {
    #if SAGA_MUTANTS
      if Mutant.is(.movedToNewestDefinition), let known = storedMachines[stored.machine],
        let newest = machines.group(saga: known.saga, role: known.role)?.newest
      {
        return newest
      }
    #endif
    if let machine = machines.machine(stored.machine) { return machine }
    guard let known = storedMachines[stored.machine] else {
      // Every machine that this engine or one before it has written is known: somebody else writes here.
      isPoisoned = true
      throw EngineError.foreignWriter(stored.sequence)
    }
    if let newest = machines.group(saga: known.saga, role: known.role)?.newest, stored.closedAt != nil {
      return newest
    }
    try compile(known)
    guard let machine = machines.machine(stored.machine) else {
      throw EngineError.corrupt("machine \(stored.machine) compiled to another one")
    }
    return machine
  }

  private func admit(_ id: InstanceID, from tail: TailFold) throws {
    guard let (stored, seen, state) = try tail.instance(id), let folded = tail.instances[id] else { return }
    let version = LiveInstance.Version(
      instance: state, encoded: stored.state ?? [], sequence: stored.sequence, revision: stored.revision)
    let instance = LiveInstance(
      id: id, machine: try machine(of: stored), uid: stored.uid, key: stored.key, seen: seen, committed: version,
      foldedSequence: folded.tableSequence, tombstone: state == nil ? (stored.status, stored.closedAt) : nil,
      machineID: stored.machine)
    live.add(instance)
    live.link(instance.machine.machine.keyHash(primary: stored.key), to: instance)
    if !instance.isFolded { fold.markDirty(instance) }
    #if SAGA_MUTANTS
      if Mutant.is(.timersForgottenAtRecovery) { return }
    #endif
    if let wakeAt = version.wakeAt { timers.push(Wake(at: wakeAt, instance: id)) }
  }

  private func recoverLanes(_ recovered: Recovered, _ tail: TailFold) {
    let inTable = Set(recovered.lanes.map(\.id))
    for position in tail.lanes.sorted(by: { $0.id < $1.id }) {
      let start = OutgoingPosition(sequence: position.sequence, effect: position.effect)
      let lane = Lane(
        id: position.id, name: position.name, position: start, isAnnounced: true,
        isInTable: inTable.contains(position.id))
      for held in recovered.held where held.lane == position.id { lane.held.put(held) }
      #if SAGA_MUTANTS
        if Mutant.is(.heldForgottenAtRecovery) { lane.held = HeldQueue() }
      #endif
      lanes.add(lane)
    }
  }

  private func recoverDeadLetters() throws {
    #if SAGA_MUTANTS
      if Mutant.is(.deadLettersForgottenAtRecovery) { return }
    #endif
    var token: PageToken?
    repeat {
      let page = try store.page(.deadLetters(onlyUnresolved: false), after: token, limit: 1000)
      for entry in page.deadLetters { deadLetters.insert(entry.fingerprint) }
      if deadLetters.count > configuration.maximumFingerprints { return deadLetters.overflow() }
      token = page.next
    } while token != nil
  }

  /// A crash may have come between an input and what it set off: instances of the tail with anything waiting go first.
  private func recoverCascades(_ tail: TailFold) throws {
    #if SAGA_MUTANTS
      if Mutant.is(.cascadeForgottenAtRecovery) { return }
    #endif
    var waiting: [(LiveInstance, [Hash128])] = []
    for id in tail.order {
      guard let instance = live[id], let state = instance.current.instance else { continue }
      guard mayHaveParked || !state.deferred.isEmpty else { continue }
      waiting.append((instance, keys(of: instance)))
    }
    var wanted = LoadRequest()
    wanted.parkedByKey = waiting.flatMap(\.1)
    let parked = wanted.parkedByKey.isEmpty ? [:] : try store.load(wanted).parked
    for (instance, keys) in waiting {
      let keeps = !(instance.current.instance?.deferred.isEmpty ?? true)
      guard keeps || keys.contains(where: { parked[$0] != nil }) else { continue }
      instance.isBusy = true
      busy.append(instance)
    }
  }
}
