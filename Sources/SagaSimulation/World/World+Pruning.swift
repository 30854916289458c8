import SagaCore
import SagaRuntime

/// Keeping: what has ended is swept from a shard, as a service's retention policy has it done, while everything else goes on.
///
/// Ids and keys are never forgotten here: whoever forgets them takes what comes again for something new, and how long that may
/// be is the user's to say.
extension World {
  /// How long what has ended is kept in this run, in milliseconds; nil where nothing is swept.
  func drawKeeping() -> Int64? {
    guard choices.choose(4, .pruning) == 3 else { return nil }
    return [0, 3_600_000, 4 * 86_400_000][choices.choose(3, .pruning)]
  }

  /// Sweeps a few rows, in the midst of what the service does.
  func prune(_ service: SimulatedService, _ engine: ShardEngine, keepMilliseconds: Int64, _ reading: Timestamp) throws {
    let cut = reading.advanced(byMilliseconds: -keepMilliseconds)
    for (id, instance) in try ending(before: cut, at: service) { service.swept[id] = instance }
    let progress = try engine.prune(
      closedBefore: cut, forgetBefore: Timestamp(milliseconds: 0),
      archive: { rows in for row in rows { self.keep(row, sweptFrom: service) } },
      budget: PageBudget(rows: 4))
    coverage.swept += progress.changed
  }

  private func keep(_ row: JournalRow, sweptFrom service: SimulatedService) {
    service.archive[row.sequence] = row
    guard let id = row.instance, service.book.lastRows[id]?.sequence == row.sequence,
      let closedAt = service.swept[id]?.closedAt
    else { return }
    service.book.lastRows[id]?.at = closedAt
  }

  /// Instances that a sweep may take: nothing but their ends is left of them then.
  private func ending(before cut: Timestamp, at service: SimulatedService) throws -> [InstanceID: Instance] {
    service.storage.isLookedAt = true
    defer { service.storage.isLookedAt = false }
    let reader = try ShardReader(store: try service.storage.reader())
    let closed = InstanceFilter(statuses: InstanceStatus.allCases.filter(\.isFinal))
    var found: [InstanceID: Instance] = [:]
    for view in try reader.instances(closed, limit: World.maximumViews) {
      guard let instance = view.instance, let closedAt = instance.closedAt, closedAt < cut else { continue }
      found[view.id] = instance
      observations.swept.insert(source(of: view.machine, key: view.key))
    }
    return found
  }
}
