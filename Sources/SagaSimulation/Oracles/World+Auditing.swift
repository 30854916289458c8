import SagaCore
import SagaRuntime

extension World {
  /// Reads a whole journal again: the history has no gaps, and folds to what the reader shows.
  func audit(_ store: any Store, _ reader: ShardReader, _ views: [InstanceView], of service: SimulatedService) throws {
    var states: [InstanceID: [UInt8]] = [:]
    var last: [InstanceID: JournalRow] = [:]
    var sequence: JournalSequence = 0
    var books = Books()
    while true {
      let rows = try store.journal(after: sequence, limit: 1_000)
      guard let end = rows.last else { break }
      for row in rows {
        guard row.sequence == sequence + 1 else {
          throw Violation("journal", "\(service.name) has no row \(sequence + 1)")
        }
        sequence = row.sequence
        try books.enter(
          row, sent: observations.sent[service.index] ?? [:], observations.confirmed[service.index] ?? [], service.name)
        guard let id = row.instance else { continue }
        let previous = last.updateValue(row, forKey: id)
        if row.previousSequence != previous?.sequence || row.revision != (previous?.revision ?? 0) + 1 {
          throw Violation("history", "row \(row.sequence) of \(service.name) does not follow its instance's last one")
        }
        let record = try DecidedRecord(decoding: row.decided)
        if row.kind == .reoffer { try checkOffered(row, states[id], at: service, views, store) }
        states[id] = try record.state.applied(to: states[id])
        if !record.facts.isEmpty { note(try Fact.decode(record.facts), of: row, reader, views) }
      }
      sequence = end.sequence
    }
    try books.close(
      taken: observations.taken[service.index] ?? [:], store, sent: observations.sent[service.index] ?? [:],
      service.name)
    for view in views where view.instance?.encode() != states[view.id] {
      throw Violation("history", "the journal of \(service.name) folds to another state of \(view.key) than it shows")
    }
  }

  /// Kept messages are offered oldest first: one is taken only when no older one could be.
  private func checkOffered(
    _ row: JournalRow, _ bytes: [UInt8]?, at service: SimulatedService, _ views: [InstanceView], _ store: any Store
  ) throws {
    guard let taken = row.inputSequence, let state = try bytes.map({ try Instance(decoding: $0) }),
      let machine = views.first(where: { $0.id == row.instance }).flatMap({ service.machine($0.machine) })
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

  private func note(_ facts: [Fact], of row: JournalRow, _ reader: ShardReader, _ views: [InstanceView]) {
    guard let view = views.first(where: { $0.id == row.instance }) else { return }
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
  fileprivate var withoutIndexes: String {
    utf8.firstIndex(of: UInt8(ascii: "[")).map { String(self[..<$0]) } ?? self
  }
}
