import SagaCore

/// How far a lane is behind the journal.
struct LaneLag {
  var lane: String
  /// Rows after the last one whose messages have all left.
  var rows: Int64
  /// The age of the first message that has not.
  var milliseconds: Int64
  var heldCount: Int
}

extension ShardEngine {
  /// Reads a row of the journal for each lane that is behind.
  ///
  /// - Throws: what the store throws.
  func laneLags(now: Timestamp) throws -> [LaneLag] {
    try lanes.lanes.map { lane in
      let first = lane.position.sequence
      var age: Int64 = 0
      if first <= lastSequence, let row = try store.journal(after: first - 1, limit: 1).first {
        age = max(0, now.milliseconds(since: row.at))
      }
      return LaneLag(
        lane: lane.name, rows: max(0, lastSequence + 1 - first), milliseconds: age, heldCount: lane.held.count)
    }
  }
}
