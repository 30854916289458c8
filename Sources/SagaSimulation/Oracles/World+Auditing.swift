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
      let identity = views.first(where: { $0.id == row.instance })?.machine,
      let machine = (service.definition.machines + service.definition.upgraded).first(where: { $0.identity == identity }
      )
    else { return }
    for older in state.deferred where older.sequence < taken {
      guard let input = try store.rows([older.sequence]).first?.input else { continue }
      var candidate = state
      candidate.deferred.removeAll { $0 == older }
      let event = try machine.normalise(try CloudEvent.decode(input))
      let decision = machine.advance(candidate, .message(event), context: DecisionContext(now: row.at, epoch: 1))
      if decision.outcome != .deferred {
        throw Violation(
          "deferred-order", "\(state.key) of \(service.name) takes the kept row \(taken) before row \(older.sequence)")
      }
    }
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
    case .called, .waiting, .timedOut, .published, .undoing, .operated, .deferred, .late, .noted, .closed, .refused: nil
    }
  }
}

extension String {
  /// `reserve[2]` is `reserve`.
  fileprivate var withoutIndexes: String { split(separator: "[").first.map(String.init) ?? self }
}
