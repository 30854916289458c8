import SagaCore

extension ShardEngine {
  /// Lets a portion of the running flush pass ride on a batch; begins a pass when the tail has grown long.
  ///
  /// While a cascade is not done nothing is folded: after a crash the tail is what tells that it must go on.
  func addFold(to batch: Batch) {
    guard batch.fold == nil, busy.isEmpty, batch.busy.isEmpty, !batch.rows.isEmpty else { return }
    let unfolded = lastSequence - foldedSequence
    if !fold.isRunning {
      guard unfolded >= Int64(configuration.foldThreshold) else { return }
      fold.begin(target: lastSequence)
    }
    let isLong = unfolded + Int64(batch.rows.count) > Int64(configuration.maxUnfoldedRows)
    let count = isLong ? Int.max : fold.portion(rows: batch.rows.count, span: configuration.foldSpan)
    batch.fold = fold.next(count, inlineSeenIDs: configuration.inlineSeenIDs)
  }

  /// What a batch folds, as the store takes it.
  ///
  /// Held messages refer to the lane table, which only the end of a pass writes: where one needs a lane that is not
  /// there yet, the lanes are written with the position unchanged.
  func foldPortion(of batch: Batch) -> FoldPortion? {
    let needsLanes = batch.held.written.contains { lanes[id: $0.lane].map { !$0.isInTable } ?? false }
    guard batch.fold != nil || needsLanes else { return nil }
    #if SAGA_MUTANTS
      let latest = Mutant.is(.clockAheadForgotten) ? clock : latest
    #endif
    let time = batch.rows.reduce(latest) { max($0, $1.at) }
    let positions = lanes.lanes.map(\.stored)
    var portion = batch.fold?.stored(clock: time, lanes: positions)
    if needsLanes, portion?.completion == nil {
      if portion == nil { portion = FoldPortion(instances: []) }
      portion?.completion = FoldCompletion(foldedSequence: foldedSequence, clock: time, lanes: positions)
    }
    return portion
  }

  /// Gives what the rows after `previous` send to the lanes that have nothing older to read from the journal.
  func feedLanes(_ outgoing: [(lane: Lane, entry: Lane.Entry)], previous: JournalSequence) {
    let all = lanes.lanes
    for lane in all { lane.isFeeding = lane.scanned >= previous }
    for (lane, entry) in outgoing where lane.isFeeding {
      if lane.window.count >= configuration.relayWindow,
        lane.window.last?.position.sequence != entry.position.sequence
      {
        lane.isFeeding = false
        lane.advanceScan(to: entry.position.sequence - 1)
      } else {
        lane.append(entry)
      }
    }
    let last = lastSequence
    for lane in all where lane.isFeeding { lane.advanceScan(to: last) }
  }
}
