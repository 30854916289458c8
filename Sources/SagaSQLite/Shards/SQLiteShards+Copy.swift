import SagaCore
import SagaRuntime

extension SQLiteShards {
  /// Copies every shard, each to a file of its own beside the first one's copy. Nothing may be written meanwhile, or a message
  /// between two shards would be lost or come twice.
  ///
  /// - Parameters:
  ///   - stores: the shards in their order.
  ///   - path: the first one's copy; none of the files may exist.
  /// - Throws: as `SQLiteStore.copy`; then there is no copy.
  public static func copy(_ stores: [SQLiteStore], to path: String) throws {
    // The files that are there are left for a person to look at: they may be all that is left of a backup.
    if !FileReplacement.exists(path) {
      for shard in stores.indices.map({ self.path(path, shard: $0) }) where FileReplacement.exists(shard) {
        throw SQLiteStoreError.file(
          path: shard, operation: "be written",
          reason: "it is left of a backup of which \(path) is missing, as one that was cut off leaves it; "
            + "remove it, or name another file")
      }
    }
    var made: [String] = []
    do {
      // The first one is made last: until it is there, there is no copy.
      for (index, store) in stores.enumerated().reversed() {
        let destination = self.path(path, shard: index)
        try store.copy(to: BackupDestination(path: destination))
        made.append(destination)
      }
    } catch {
      for file in made { FileReplacement.remove(file) }
      throw error
    }
  }

  /// Makes a backup of all shards (or a plain copy of their files) a journal again, as `SQLiteStore.restore` does for
  /// one. It may be run again after a crash.
  ///
  /// - Returns: the new epoch.
  /// - Throws: `StoreOpenError`, `SQLiteError`, `SQLiteStoreError.file`.
  @discardableResult
  public static func restore(path: String, now: Timestamp, options: SQLiteOptions = SQLiteOptions()) throws -> Epoch {
    try removeForeignLogs(path, options: options)
    // The first goes last: those that have a later epoch were restored before a crash, and the others get the same one.
    var given: Epoch?
    let readers = try readers(path, options: options) { store, first in
      if store.epoch == first.epoch { return true }
      if given == nil { given = store.epoch }
      return store.epoch > first.epoch && store.epoch == given
    }
    let epochs = readers.map(\.epoch)
    for store in readers { store.close() }
    var options = options
    var epoch = epochs[0]
    for place in ShardPlace.all(of: epochs.count).reversed() where epochs[place.index] == epochs[0] {
      options.shard = place
      epoch = try SQLiteStore.restore(
        path: self.path(path, shard: place.index), now: now, options: options, epoch: given)
      given = epoch
    }
    return epoch
  }

  /// Before any of the files is read: the first one says how many there are.
  private static func removeForeignLogs(_ path: String, options: SQLiteOptions) throws {
    try ForeignLog.removeUnderLock(beside: path, options: options)
    let shards = try count(at: path) ?? 1
    for index in 1..<max(1, shards) {
      let shardPath = self.path(path, shard: index)
      if FileReplacement.exists(shardPath) { try ForeignLog.removeUnderLock(beside: shardPath, options: options) }
    }
  }
}
