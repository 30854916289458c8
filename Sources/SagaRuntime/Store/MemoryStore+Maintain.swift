import SagaCore

/// Where a `MemoryStore` is in its sweep and its forgetting; a crash forgets it.
struct MemoryPasses {
  /// The last row that the running sweep has looked at.
  var sweepPosition: JournalSequence = 0
  /// The cut of the last sweep that came to its end.
  var finishedCut: Timestamp?
  /// The time of the running forget's first call; nil between two.
  var forgetCut: Timestamp?
}

extension MemoryStore {
  public func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    let rows = max(1, budget.rows)
    switch work {
    case .checkpoint: return MaintenanceProgress(examined: 0, changed: 0, isFinished: true)
    case .sweep(let cut, let through, let archive):
      if passes.forgetCut != nil, passes.finishedCut == cut {
        return MaintenanceProgress(examined: 0, changed: 0, isFinished: true)
      }
      let (progress, last) = try contents.sweep(
        closedBefore: cut, after: passes.sweepPosition, through: through, archive, rows: rows)
      passes.sweepPosition = progress.isFinished ? 0 : last
      if progress.isFinished { passes.finishedCut = cut }
      return progress
    case .forget(let cut):
      let progress = contents.forget(closedBefore: passes.forgetCut ?? cut, rows: rows)
      passes.forgetCut = progress.isFinished ? nil : passes.forgetCut ?? cut
      return progress
    }
  }
}

extension MemoryContents {
  /// Deletes rows that nothing needs any more; see `Maintenance.sweep`.
  ///
  /// - Returns: what was done, and the last row looked at.
  fileprivate mutating func sweep(
    closedBefore cut: Timestamp, after: JournalSequence, through: JournalSequence,
    _ archive: (([JournalRow]) throws -> Void)?, rows: Int
  ) throws -> (MaintenanceProgress, last: JournalSequence) {
    let limit = min(through, foldedSequence, lastSequence - 1)
    let start = index(after: after)
    let window = journal[start..<max(start, index(after: limit))].prefix(rows)
    let kept = referenced
    let swept = window.filter { row in
      guard !kept.contains(row.sequence) else { return false }
      guard let id = row.instance, let stored = instances[id] else { return row.at < cut }
      return stored.closedAt.map { $0 < cut } ?? false
    }
    if !swept.isEmpty { try archive?(swept) }
    let gone = Set(swept.map(\.sequence))
    journal.removeAll { gone.contains($0.sequence) }
    for row in swept { removeDeadLetter(row.sequence) }
    for row in swept {
      if let id = row.instance, let stored = instances[id], row.sequence >= stored.sequence {
        instances[id]?.state = nil
      }
    }
    sweptSequence = max(sweptSequence, swept.last?.sequence ?? 0)
    let progress = MaintenanceProgress(
      examined: window.count, changed: swept.count, isFinished: window.count < rows)
    return (progress, window.last?.sequence ?? after)
  }

  /// Rows that something still points to.
  private var referenced: Set<JournalSequence> {
    var kept = Set(held.values.map(\.sequence))
    kept.formUnion(parked.values.flatMap { $0 }.map(\.sequence))
    kept.formUnion(deadLetters.values.filter { $0.resolvedSequence == nil }.map(\.sequence))
    return kept
  }

  /// Forgets instances that closed long ago and have no state; see `Maintenance.forget`.
  fileprivate mutating func forget(closedBefore cut: Timestamp, rows: Int) -> MaintenanceProgress {
    let old = instances.values.filter { $0.state == nil && ($0.closedAt.map { $0 < cut } ?? false) }
    let chosen = Set(old.map(\.id).sorted().prefix(rows))
    for id in chosen { instances[id] = nil }
    keys = keys.filter { !chosen.contains($0.value) }
    seen = seen.filter { !chosen.contains($0.key.instance) }
    guard chosen.count == old.count else {
      return MaintenanceProgress(examined: chosen.count, changed: chosen.count, isFinished: false)
    }
    let inherited = forgetConsumed(before: cut, rows: rows - chosen.count)
    let count = chosen.count + inherited.count
    return MaintenanceProgress(examined: count, changed: count, isFinished: inherited.isFinished)
  }
}
