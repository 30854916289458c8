import Foundation
import SagaCore
import SagaRuntime

extension StoreSource {
  /// The shards of a SQLite database, in their order.
  ///
  /// - Parameter count: how many there must be; nil takes what the file says.
  static func sqliteShards(_ path: String, count: Int?, options: SQLiteOptions) -> [StoreSource] {
    // What is wrong with the file is said when it is opened.
    let found = try? SQLiteShards.count(at: path)
    let number = (found ?? nil) ?? count ?? 1
    if number == 1, count ?? 1 == 1 { return [.sqlite(path, options: options)] }
    let opening = ShardOpening(path, count: count ?? number, options: options)
    return ShardPlace.all(of: number).map { place in
      var shardOptions = options
      shardOptions.shard = place
      let readerOptions = shardOptions
      return StoreSource {
        try SQLiteStore(path: SQLiteShards.path(path, shard: place.index), options: readerOptions, mode: .reader)
      } probe: {
        try SQLiteKeyProbe(path: SQLiteShards.path(path, shard: place.index))
      } open: {
        try opening.take(place.index)
      }
    }
  }
}

/// Opens all shards together, for threads of which each takes its own.
///
/// `@unchecked Sendable`: every access to `stores` holds the lock, and a store is used by nobody before it is taken.
private final class ShardOpening: @unchecked Sendable {
  private let path: String
  private let count: Int
  private let options: SQLiteOptions
  private let lock = NSLock()
  private var stores: [Int: SQLiteStore] = [:]
  /// Why there are none, for those who have not heard it.
  private var failures: [Int: any Error] = [:]

  init(_ path: String, count: Int, options: SQLiteOptions) {
    self.path = path
    self.count = count
    self.options = options
  }

  func take(_ shard: Int) throws -> StoreSource.Opened {
    try lock.withLock {
      if stores[shard] == nil, failures[shard] == nil { open() }
      if let failure = failures.removeValue(forKey: shard) { throw failure }
      guard let store = stores.removeValue(forKey: shard) else { throw StoreOpenError(path: path, cause: .notFound) }
      return StoreSource.Opened(
        store: store, operatorSocketPath: shard == 0 ? store.lock?.socketPath : nil)
    }
  }

  private func open() {
    do {
      for store in try SQLiteShards.open(path, count: count, options: options) {
        stores[store.options.shard.index] = store
      }
    } catch {
      for shard in 0..<count { failures[shard] = error }
    }
  }
}

extension SagaEngine {
  /// Copies every shard while none of them commits: a message between two is then in both copies or still to be sent in one.
  func backUpAll(to path: String) async throws {
    let copies = (0..<shardCount).map { shard in
      let file = SQLiteShards.path(path, shard: shard)
      return SQLiteShards.ShardCopy(partial: FileReplacement.temporaryName(for: file), path: file)
    }
    try await alone {
      try SQLiteShards.requireFree(path, count: copies.count)
      do {
        try await atOneMoment { shard, store in
          guard let store = store as? SQLiteStore else { throw ServiceTransactionError.unsupported }
          let copy = copies[shard]
          _ = try store.copyUnnamed(for: BackupDestination(path: copy.path), as: copy.partial)
        }
      } catch {
        for copy in copies { FileReplacement.remove(copy.partial) }
        throw error
      }
      try SQLiteShards.publish(copies)
    }
  }
}
