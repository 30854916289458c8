import SagaCore

extension MemoryStore {
  public func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    var page = Page()
    switch query {
    case .instances(let statuses, let machines):
      let all = contents.instances.values.filter {
        (statuses?.contains($0.status) ?? true) && (machines?.contains($0.machine) ?? true)
      }
      page.instances = cut(all, by: { [$0.id] }, after, limit, &page.next)
    case .deadLetters(let onlyUnresolved):
      let all = contents.deadLetters.values.filter { !onlyUnresolved || $0.resolution == nil }
      page.deadLetters = cut(all, by: { [$0.sequence] }, after, limit, &page.next)
    case .parked(let expiringBy):
      let all = contents.parked.values.flatMap { $0 }.filter { message in
        expiringBy.map { message.expiresAt <= $0 } ?? true
      }
      page.parked = cut(all, by: { [$0.expiresAt.milliseconds, $0.sequence] }, after, limit, &page.next)
    case .held(let lane):
      let all = contents.held.values.filter { lane == nil || $0.lane == lane }
      page.held = cut(all, by: { [$0.lane, $0.sequence, $0.effect] }, after, limit, &page.next)
    }
    return page
  }

  private func cut<Row>(
    _ rows: [Row], by place: (Row) -> [Int64], _ after: PageToken?, _ limit: Int, _ next: inout PageToken?
  ) -> [Row] {
    let placed = rows.map { (row: $0, place: place($0)) }
      .filter { placed in after.map { $0.parts.lexicographicallyPrecedes(placed.place) } ?? true }
      .sorted { $0.place.lexicographicallyPrecedes($1.place) }
    if placed.count > limit { next = placed.prefix(limit).last.map { PageToken($0.place) } }
    return placed.prefix(limit).map(\.row)
  }
}

extension MemoryContents {
  /// Deletes rows that nothing needs any more; see `Maintenance.sweep`.
  mutating func sweep(
    closedBefore cut: Timestamp, through: JournalSequence, _ archive: (([JournalRow]) throws -> Void)?,
    budget: PageBudget
  ) throws -> MaintenanceProgress {
    let limit = min(through, lastSequence - 1)
    let window = journal[index(after: sweptSequence)..<max(index(after: sweptSequence), index(after: limit))]
      .prefix(budget.rows)
    var kept = Set(held.values.map(\.sequence))
    kept.formUnion(parked.values.flatMap { $0 }.map(\.sequence))
    kept.formUnion(deadLetters.values.filter { $0.resolution == nil }.map(\.sequence))
    let swept = window.filter { row in
      guard !kept.contains(row.sequence) else { return false }
      guard let id = row.instance, let stored = instances[id] else { return true }
      return stored.closedAt.map { $0 < cut } ?? false
    }
    if !swept.isEmpty { try archive?(swept) }
    let gone = Set(swept.map(\.sequence))
    journal.removeAll { gone.contains($0.sequence) }
    for (fingerprint, entry) in deadLetters where gone.contains(entry.sequence) { deadLetters[fingerprint] = nil }
    for row in swept {
      if let id = row.instance { instances[id]?.state = nil }
    }
    let isFinished = window.count < budget.rows
    sweptSequence = isFinished ? max(sweptSequence, limit) : window.last?.sequence ?? sweptSequence
    return MaintenanceProgress(examined: window.count, changed: swept.count, isFinished: isFinished)
  }

  /// Forgets instances that closed long ago and have no state; see `Maintenance.forget`.
  mutating func forget(closedBefore cut: Timestamp, budget: PageBudget) -> MaintenanceProgress {
    let old = instances.values.filter { $0.state == nil && ($0.closedAt.map { $0 < cut } ?? false) }
    let chosen = Set(old.map(\.id).sorted().prefix(budget.rows))
    for id in chosen { instances[id] = nil }
    keys = keys.filter { !chosen.contains($0.value) }
    seen = seen.filter { !chosen.contains($0.key.instance) }
    return MaintenanceProgress(
      examined: chosen.count, changed: chosen.count, isFinished: chosen.count == old.count)
  }
}
