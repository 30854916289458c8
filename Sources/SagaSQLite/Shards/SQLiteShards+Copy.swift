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
    try requireFree(path, count: stores.count)
    var copies: [ShardCopy] = []
    do {
      for (index, store) in stores.enumerated() {
        let destination = self.path(path, shard: index)
        copies.append(
          ShardCopy(partial: try store.copyUnnamed(for: BackupDestination(path: destination)), path: destination))
      }
    } catch {
      for copy in copies { FileReplacement.remove(copy.partial) }
      throw error
    }
    try publish(copies)
  }

  /// A copy that is whole and has no name yet.
  struct ShardCopy: Sendable {
    var partial: String
    var path: String
  }

  /// Gives copies their names, the first shard's last: until it is there, there is no backup.
  ///
  /// - Parameter copies: in the order of the shards.
  /// - Throws: `SQLiteStoreError.destinationExists`, `.file`; then none has its name.
  static func publish(_ copies: [ShardCopy]) throws {
    var published: [String] = []
    do {
      for copy in copies.reversed() {
        try FileReplacement.publish(copy.partial, as: copy.path)
        published.append(copy.path)
      }
    } catch {
      for file in published + copies.map(\.partial) { FileReplacement.remove(file) }
      throw error
    }
  }

  /// Nothing is overwritten: also what is there may be all that is left of a backup.
  ///
  /// - Throws: `SQLiteStoreError.destinationExists`, `.file`.
  static func requireFree(_ path: String, count: Int) throws {
    let taken = (0..<count).map { self.path(path, shard: $0) }.filter(FileReplacement.exists)
    guard let first = taken.first else { return }
    if first == path { throw SQLiteStoreError.destinationExists(path: path) }
    throw SQLiteStoreError.file(
      path: taken.joined(separator: ", "), operation: "be written",
      reason: "this is left of a backup of which \(path) is missing, as one that was cut off leaves it; "
        + "remove it, unless a backup is being made there now, or name another file")
  }

  /// Makes a backup of all shards (or a plain copy of their files) a journal again, as `SQLiteStore.restore` does for
  /// one. It may be run again after a crash.
  ///
  /// Files that are in part a backup's and in part the database's are refused (`StoreOpenError.mixedBackup`).
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
    do {
      defer { for store in readers { store.close() } }
      try requireOneBackup(readers)
    }
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

  /// What a restoring that was cut off had come to has a later epoch, and nothing after the row that says so. The other files are all a
  /// backup's, or none is: a backup has the identity and the epoch of the database that it was made of.
  ///
  /// - Throws: `StoreOpenError.mixedBackup`, `SQLiteError`, `SQLiteStoreError`.
  private static func requireOneBackup(_ stores: [SQLiteStore]) throws {
    let first = stores[0]
    var backup: SQLiteStore?
    var other: SQLiteStore?
    for store in stores {
      if store.epoch == first.epoch {
        if try store.isCopy() { backup = backup ?? store } else { other = other ?? store }
      } else if try store.rows([store.lastSequence]).first?.kind != .restore {
        throw StoreOpenError(path: store.path, cause: .mixedBackup(with: first.path, first: first.path))
      }
    }
    guard let backup, let other else { return }
    throw StoreOpenError(path: other.path, cause: .mixedBackup(with: backup.path, first: first.path))
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
