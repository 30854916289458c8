import ArgumentParser
import SagaRuntime

/// A journal row as people name it: `4711`, and in a database with several shards `1/4711`.
struct RowName: ExpressibleByArgument {
  /// nil where no shard is named.
  var shard: Int?
  var sequence: JournalSequence

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    // Rows are numbered from 1. For what is no name the help of the argument is shown, which says what is wanted.
    guard parts.count <= 2, let last = parts.last, let sequence = Int64(last), sequence >= 1 else { return nil }
    if parts.count == 2 {
      guard let shard = Int(parts[0]) else { return nil }
      self.shard = shard
    }
    self.sequence = sequence
  }

  init(_ sequence: JournalSequence, in snapshot: Snapshot) {
    self.sequence = sequence
    shard = snapshot.place.count > 1 ? snapshot.place.index : nil
  }

  var text: String { RowName.prefix(shard) + "\(sequence)" }

  /// `1/`; empty where there is one shard.
  static func prefix(_ shard: Int?) -> String { shard.map { "\($0)/" } ?? "" }

  /// The shard whose row it is.
  ///
  /// - Throws: `Failure` (usage) where it does not say, or names one that is not there.
  func choose(_ snapshots: [Snapshot]) throws -> Snapshot {
    if snapshots.count == 1, let shard, shard != 0 {
      throw Failure.usage(
        "\(text): \(snapshots[0].path) is not divided into shards; name the row by its number alone, \(sequence)")
    }
    guard let shard = shard ?? (snapshots.count == 1 ? 0 : nil), snapshots.indices.contains(shard) else {
      throw Failure.usage(
        "\(text): \(snapshots[0].path) has \(snapshots.count) shards; name a row by its shard and its number, as in 1/4711"
      )
    }
    return snapshots[shard]
  }
}
