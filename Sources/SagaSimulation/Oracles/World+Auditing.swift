import SagaCore
import SagaRuntime

extension World {
  /// Reads a whole journal again: everything that was sent and taken stands in it, and it tells what timers did.
  func audit(
    _ store: any Store, _ views: [InstanceView], of service: SimulatedService, _ reader: ShardReader
  ) throws {
    var books = Books(local: reader.laneID(named: localLane))
    let began = views
    var timekeeping = Timekeeping()
    var pivots = PivotRecord()
    let views = Dictionary(uniqueKeysWithValues: views.map { ($0.id, $0) })
    var fold = JournalFold()
    try fold.read(store, archive: service.archive, service.name) { row, record, before, after in
      try books.enter(
        row, role: role(of: row, views, service, reader), sent: observations.sent[service.index] ?? [:],
        observations.confirmed[service.index] ?? [], service.name)
      guard let record, let view = row.instance.flatMap({ views[$0] }) else { return }
      try checkAddress(of: row, view, at: service)
      if row.kind == .reoffer { try checkOffered(row, before, view, at: service, store) }
      let facts = try record.facts.isEmpty ? [] : Fact.decode(record.facts)
      note(facts, of: view)
      if let after {
        try checkTransition(
          row, record, facts, from: before, to: after,
          input: {
            row.kind == .reoffer ? try row.inputSequence.flatMap { try store.rows([$0]).first?.input } : row.input
          },
          view, at: service)
      }
      if let delays = setup.delays[RoleName(view.machine)] {
        try pivots.enter(row, facts, of: view.id, key: view.key, tried: delays.tried, service.name)
        try timekeeping.enter(row, facts, of: view.id, key: view.key, delays, service.name)
      }
    }
    try fold.compare(views.compactMapValues(\.instance), service.name)
    try books.close(
      taken: observations.taken[service.index] ?? [:], store, sent: observations.sent[service.index] ?? [:],
      service.name
    ) { parked in
      // Another role has taken it, so that nothing is left of it when its time is up; no instance may have come before that.
      plan[.clock] > 0 || !hasComeInTime(for: parked, began, at: service)
    }
    try checkLocal(books, at: service)
  }

  /// Whose row it is, where several roles share an engine and a message may be for each of them.
  private func role(
    of row: JournalRow, _ views: [InstanceID: InstanceView], _ service: SimulatedService, _ reader: ShardReader
  ) throws -> RoleName? {
    guard service.hasSeveralRoles else { return nil }
    if let id = row.instance { return views[id].map { RoleName($0.machine) } }
    guard row.kind == .parked || row.kind == .dead else { return nil }
    return try DecidedRecord(decoding: row.decided).machine.map { RoleName(reader.identity(of: $0)) }
  }

  /// Whether an instance that a parked message was for has begun while it waited.
  private func hasComeInTime(
    for parked: Books.Parked, _ views: [InstanceView], at service: SimulatedService
  ) -> Bool {
    guard case .key(let key)? = observations.addresses[parked.hash],
      let event = try? CloudEvent.decode(parked.row.input ?? []),
      let machine = service.definition.machines.first(where: { RoleName($0.identity) == parked.role }),
      case .park(let milliseconds) = machine.missing(event.type)
    else { return false }
    let end = parked.row.at.advanced(byMilliseconds: milliseconds)
    // An instance's number is that of its first row.
    return views.contains { view in
      view.key == key && RoleName(view.machine) == parked.role && view.id > parked.row.sequence
        && (view.instance?.startedAt ?? end) < end
    }
  }

  /// Every message between roles of one engine has reached the roles that take it.
  private func checkLocal(_ books: Books, at service: SimulatedService) throws {
    for (row, effect, record) in books.untaken {
      let type = try CloudEvent.decode(record.event).type
      // What a role ignores leaves nothing.
      if service.definition.machines.contains(where: { $0.takenTypes.contains(type) && $0.missing(type) == .ignore }) {
        continue
      }
      throw Violation("local", "\(type), message \(effect) of row \(row) of \(service.name), reached none of its roles")
    }
  }

  /// Reads on in the journal of a service that has started again: it folds to the instances that came back.
  func auditRecovered(
    _ store: any Store, _ states: [InstanceID: Instance], of service: SimulatedService
  ) throws {
    var fold = service.audited
    // On a disk that lied about what is there, from the beginning.
    if fold.sequence > service.book.lastSequence { fold = JournalFold() }
    try fold.read(store, archive: service.archive, service.name)
    try fold.compare(states, service.name)
    service.audited = fold
  }

  /// A message moves the instance that it is for, and no other.
  private func checkAddress(of row: JournalRow, _ view: InstanceView, at service: SimulatedService) throws(Violation) {
    guard let input = row.input, let address = observations.addresses[input.contentHash] else { return }
    let source = source(of: view.machine, key: view.key)
    switch address {
    case .key(let key): if key == view.key { return }
    case .call(let key): if (observations[key]?.source ?? source) == source { return }
    }
    throw Violation(
      "other-sagas", "row \(row.sequence) of \(service.name): \(view.key) takes what is for another: \(address)")
  }

  /// Kept messages are offered oldest first: one is taken only when no older one could be.
  private func checkOffered(
    _ row: JournalRow, _ bytes: [UInt8]?, _ view: InstanceView, at service: SimulatedService, _ store: any Store
  ) throws {
    guard let taken = row.inputSequence, let state = try bytes.map({ try Instance(decoding: $0) }),
      let machine = service.machine(view.machine)
    else { return }
    for older in state.deferred where older.sequence < taken {
      if try isStillKept(older, at: state, machine, now: row.at, store) { continue }
      throw Violation(
        "deferred-order", "\(state.key) of \(service.name) takes the kept row \(taken) before row \(older.sequence)")
    }
  }

  /// A service at rest keeps only messages that their instances do not take yet.
  func checkKept(at service: SimulatedService) throws {
    guard let engine = service.engine, let store = service.store else { return }
    for id in service.book.keeping.sorted() {
      guard let (identity, state) = engine.inspect(id), !state.deferred.isEmpty,
        let machine = service.machine(identity)
      else {
        service.book.keeping.remove(id)
        continue
      }
      // As of its last decision: a guard may depend on the time, and nothing is offered again because time goes by.
      for kept in state.deferred where !state.isPaused {
        if try isStillKept(kept, at: state, machine, now: state.updatedAt, store) { continue }
        throw Violation("kept", "\(state.key) of \(service.name) keeps a \(kept.type) that it would take now")
      }
    }
  }

  private func isStillKept(
    _ kept: DeferredMessage, at state: Instance, _ machine: Machine, now: Timestamp, _ store: any Store
  ) throws -> Bool {
    guard let input = try store.rows([kept.sequence]).first?.input else { return true }
    var candidate = state
    candidate.deferred.removeAll { $0 == kept }
    let event = try machine.normalise(try CloudEvent.decode(input))
    return machine.advance(candidate, .message(event), context: DecisionContext(now: now, epoch: 1)).outcome
      == .deferred
  }

  private func note(_ facts: [Fact], of view: InstanceView) {
    let role = view.machine.role.isEmpty ? view.machine.saga : "\(view.machine.saga)/\(view.machine.role)"
    for fact in facts {
      guard let text = fact.coverageText else { continue }
      coverage.note("\(role): \(text)")
    }
  }
}

extension Fact {
  /// What the coverage report counts; nil for what is in it by other names.
  fileprivate var coverageText: String? {
    switch self {
    case .started(let type): "started by \(type)"
    case .entered(let state): "entered \(state)"
    case .replied(let step, let type): "\(step.withoutIndexes) answered \(type)"
    case .stepFailed(let step, let kind, _): "\(step.withoutIndexes) failed (\(kind.rawValue))"
    case .retrying(let step, _, _): "\(step.withoutIndexes) retried"
    case .again(let step, _, _): "\(step.withoutIndexes) put off"
    case .chose(_, let branch): "chose branch \(branch)"
    case .caught(let step): "caught \(step.withoutIndexes)"
    case .compensating(let kind, _): "compensating (\(kind.rawValue))"
    case .undone(let step): "undone \(step.withoutIndexes)"
    case .pivoted(let step): "pivot \(step.withoutIndexes)"
    case .timerFired(let name): "timer \(name)"
    case .stuck(let step, _): "stuck at \(step.withoutIndexes)"
    case .handled(let type): "handled \(type)"
    case .called, .waiting, .timedOut, .published, .undoing, .operated, .deferred, .late, .noted, .closed, .refused,
      .migrated:
      nil
    }
  }
}

extension String {
  /// `reserve[2]` is `reserve`.
  var withoutIndexes: String {
    utf8.firstIndex(of: UInt8(ascii: "[")).map { String(self[..<$0]) } ?? self
  }
}
