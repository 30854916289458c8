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
    recoverLanes(recovered, tail, now: now)
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
    latest = tail.latest
    isClockAhead = clock.milliseconds(since: now) > configuration.maxClockLeapMilliseconds
    // One of two clocks is wrong, this one or the one before, and only a person can say which.
    if configuration.clock == .wall, latest.milliseconds(since: now) > leap { holdClock() }
  }

  /// Definitions that open instances still need and nobody loaded are compiled from their stored source.
  private func compileStored(_ stored: [StoredMachine], _ tail: TailFold) throws {
    let missing = stored.filter { machines.machine($0.id) == nil }
    let needed = try machinesOfOpenInstances(among: Set(missing.map(\.id)), tail)
    for machine in missing where needed.contains(machine.id) { machines.add(try compiled(machine)) }
    storedMachines = Dictionary(uniqueKeysWithValues: stored.map { ($0.id, $0) })
  }

  /// The machines, among some, that open instances have.
  private func machinesOfOpenInstances(among machines: Set<MachineID>, _ tail: TailFold) throws -> Set<MachineID> {
    var left = machines
    for id in tail.order {
      guard let machine = tail.instances[id]?.stored.machine, left.contains(machine) else { continue }
      if try tail.instance(id)?.stored.closedAt == nil { left.remove(machine) }
    }
    let open: [Int64] = [InstanceStatus.running, .compensating, .stuck].map(\.rawValue)
    var cursor: PageToken?
    while !left.isEmpty {
      // A page may be empty and not the last: a store looks at so many instances at a time.
      let page = try store.page(.headers(statuses: open, machines: left.sorted()), after: cursor, limit: 1)
      left.subtract(page.headers.map(\.machine))
      guard let next = page.next else { break }
      cursor = next
    }
    return machines.subtracting(left)
  }

  private func compiled(_ stored: StoredMachine) throws -> LoadedMachine {
    let identity = MachineIdentity(saga: stored.saga, version: stored.version, role: stored.role)
    guard let compile = configuration.compile else {
      throw EngineError.definitionMissing(identity, reason: "it was not loaded, and nothing can compile it")
    }
    do {
      let machine = try compile(stored.source, stored.role)
      return LoadedMachine(machine: machine, id: stored.id, isStored: true, startsInstances: false)
    } catch {
      throw EngineError.definitionMissing(identity, reason: "its stored source does not compile: \(error)")
    }
  }

  /// The machine of a stored instance.
  ///
  /// - Returns: whether it is the instance's own, besides; for a closed one whose definition is gone and cannot be compiled it is
  ///   the newest of its role, which finds it by its key and must not decide: its steps and states are others.
  func machine(of stored: StoredInstance) throws -> (machine: LoadedMachine, isOwn: Bool) {
    #if SAGA_MUTANTS
      if Mutant.is(.movedToNewestDefinition), let known = storedMachines[stored.machine],
        let newest = machines.group(saga: known.saga, role: known.role)?.newest
      {
        return (newest, true)
      }
    #endif
    if let machine = machines.machine(stored.machine) { return (machine, true) }
    guard let known = storedMachines[stored.machine] else {
      // Every machine that this engine or one before it has written is known: somebody else writes here.
      isPoisoned = true
      throw EngineError.foreignWriter(stored.sequence)
    }
    guard stored.closedAt != nil else {
      let machine = try compiled(known)
      machines.add(machine)
      return (machine, true)
    }
    do {
      let machine = try compiled(known)
      machines.addRetired(machine)
      return (machine, true)
    } catch {
      guard let newest = machines.group(saga: known.saga, role: known.role)?.newest else { throw error }
      return (newest, false)
    }
  }

  /// An instance in memory. One that no machine fits is like one whose state was pruned, and keeps its state in the store.
  func decoded(
    _ stored: StoredInstance, _ state: Instance?, _ seen: SeenIDs, foldedSequence: JournalSequence
  ) throws -> LiveInstance {
    let (machine, isOwn) = try machine(of: stored)
    var state = isOwn ? state : nil
    // Messages that came while no machine fitted have counted revisions.
    if let known = state?.revision, known != stored.revision { state?.revision = stored.revision }
    let version = LiveInstance.Version(
      instance: state, encoded: stored.state ?? [], sequence: stored.sequence, revision: stored.revision)
    return LiveInstance(
      id: stored.id, machine: machine, uid: stored.uid, key: stored.key, seen: seen, committed: version,
      foldedSequence: foldedSequence, tombstone: state == nil ? (stored.status, stored.closedAt) : nil,
      machineID: stored.machine)
  }

  private func admit(_ id: InstanceID, from tail: TailFold) throws {
    guard let (stored, seen, state) = try tail.instance(id), let folded = tail.instances[id] else { return }
    let instance = try decoded(stored, state, seen, foldedSequence: folded.tableSequence)
    live.add(instance)
    live.link(instance.machine.machine.keyHash(primary: stored.key), to: instance)
    if !instance.isFolded { fold.markDirty(instance) }
    #if SAGA_MUTANTS
      if Mutant.is(.timersForgottenAtRecovery) { return }
    #endif
    if let wakeAt = instance.current.wakeAt { timers.push(Wake(at: wakeAt, instance: id)) }
  }

  private func recoverLanes(_ recovered: Recovered, _ tail: TailFold, now: Timestamp) {
    let inTable = Set(recovered.lanes.map(\.id))
    for position in tail.lanes.sorted(by: { $0.id < $1.id }) {
      let start = OutgoingPosition(sequence: position.sequence, effect: position.effect)
      let lane = Lane(
        id: position.id, name: position.name, position: start, isAnnounced: true,
        isInTable: inTable.contains(position.id))
      for var held in recovered.held where held.lane == position.id {
        // A clock far ahead may have put it off for years, with no row to show it. To try it too early does no harm.
        if configuration.clock == .wall, let nextAt = held.nextAt,
          nextAt.milliseconds(since: now) > configuration.maxClockLeapMilliseconds
        {
          held.nextAt = now
        }
        lane.held.put(held)
      }
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
