import SagaCore
import SagaRuntime

/// The files of a journal that is divided into shards: `FILE` is the first, `FILE.shard-1`, `FILE.shard-2`, … the others.
///
/// Each file's slots say which shard of how many it is, and its identity is made of the first file's, so that a file that is
/// missing, misplaced or of another journal is noticed when it is opened.
public enum SQLiteShards {
  /// Where a shard's file is.
  ///
  /// - Parameters:
  ///   - path: the first file.
  ///   - index: the shard's number, from 0.
  public static func path(_ path: String, shard index: Int) -> String { index == 0 ? path : "\(path).shard-\(index)" }

  /// How many shards the journal has; nil where there is no file, or nothing in it yet.
  ///
  /// - Throws: `StoreOpenError`, also for a file that is a shard and not the first.
  public static func count(at path: String) throws -> Int? {
    guard FileReplacement.exists(path) else { return nil }
    let resolved = try FileInspection.resolve(path)
    // A symbolic link may lead to a file that is not made yet.
    guard FileReplacement.exists(resolved) else { return nil }
    guard try FileInspection.check(resolved, for: .read) else { return nil }
    do {
      let store = try SQLiteStore(path: path, mode: .reader)
      defer { store.close() }
      return unmarkedCount(store, at: path)
    } catch let error as StoreOpenError {
      if case .empty = error.cause { return nil }
      guard case .otherShard(let found?, _) = error.cause else { throw error }
      guard found.index == 0 else { throw error }
      return found.count
    }
  }

  /// Opens every shard for writing; makes them where there is none.
  ///
  /// - Parameters:
  ///   - path: the first file.
  ///   - wanted: how many shards there must be; nil takes what the file says, and one for a new file.
  ///   - options: how the files are opened; its `shard` is set for each.
  /// - Returns: the shards in their order; the first one's lock has the operator socket of all.
  /// - Throws: `StoreOpenError`, which names the file, the cause and the mend.
  public static func open(
    _ path: String, count wanted: Int? = nil, options: SQLiteOptions = SQLiteOptions()
  ) throws -> [SQLiteStore] {
    guard let found = try count(at: path) else {
      if let made = try make(path, count: wanted ?? 1, options: options) { return made }
      return try open(path, count: wanted, options: options)
    }
    if let wanted, wanted != found {
      throw StoreOpenError(path: path, cause: .otherShardCount(found: found, wanted: wanted))
    }
    var options = options
    options.createIfMissing = false
    var stores: [SQLiteStore] = []
    do {
      for place in ShardPlace.all(of: found) {
        options.shard = place
        let shardPath = self.path(path, shard: place.index)
        guard place.index == 0 || FileReplacement.exists(shardPath) else {
          throw StoreOpenError(path: shardPath, cause: .shardMissing(place, of: path))
        }
        let store = try SQLiteStore(path: shardPath, options: options)
        stores.append(store)
        try requireKin(store, place, of: stores[0])
        // Under the first file's lock: a division that was cut off at its end is ended.
        if place.index == 0 { try nameNew(store.path, count: found) }
        // Whoever finds any of the files locked is sent to the one socket.
        if options.socketPath == nil { options.socketPath = store.lock?.socketPath }
      }
      return stores
    } catch {
      for store in stores { store.close() }
      throw error
    }
  }

  /// A snapshot of every shard, one after the other: a message between two of them may be in the later one only.
  ///
  /// - Throws: `StoreOpenError`.
  public static func readers(_ path: String, options: SQLiteOptions = SQLiteOptions()) throws -> [SQLiteStore] {
    try readers(path, options: options) { $0.epoch == $1.epoch }
  }

  /// - Parameter agrees: whether the epochs of a shard and of the first one fit together.
  static func readers(
    _ path: String, options: SQLiteOptions, agrees: (SQLiteStore, SQLiteStore) -> Bool
  ) throws -> [SQLiteStore] {
    var options = options
    var stores: [SQLiteStore] = []
    do {
      for place in ShardPlace.all(of: try count(at: path) ?? 1) {
        options.shard = place
        var shardPath = self.path(path, shard: place.index)
        if place.index > 0, !FileReplacement.exists(shardPath) {
          // A division that was cut off at its end has made it and not named it.
          let new = newPath(path, shard: place.index)
          guard FileReplacement.exists(new) else {
            throw StoreOpenError(path: shardPath, cause: .shardMissing(place, of: path))
          }
          shardPath = new
        }
        let store = try SQLiteStore(path: shardPath, options: options, mode: .reader)
        stores.append(store)
        if try store.isUnmarkedPart() {
          try requireOwnKeys(store, place)
        } else if try !stores[0].isUnmarkedPart() {
          try requireKin(store, place, of: stores[0], agrees: agrees)
        }
      }
      return stores
    } catch {
      for store in stores { store.close() }
      throw error
    }
  }

  /// The first file is made last: until it is there, there is no journal, and what a crash has left is made anew.
  ///
  /// - Returns: nil where another process has made it meanwhile.
  private static func make(_ path: String, count: Int, options: SQLiteOptions) throws -> [SQLiteStore]? {
    // Before any of the others is touched.
    let resolved = try FileInspection.resolve(path)
    if MakingMark.isMissing(beside: resolved) { throw StoreOpenError(path: resolved, cause: .empty) }
    for place in ShardPlace.all(of: count) {
      let shardPath = try FileInspection.resolve(self.path(path, shard: place.index))
      _ = try FileInspection.check(shardPath, for: .write(create: options.createIfMissing))
    }
    var options = options
    let first = options.journalID ?? Migrator.randomID()
    var stores: [SQLiteStore] = []
    do {
      for place in ShardPlace.all(of: count).reversed() {
        options.shard = place
        options.journalID = journalID(of: place, first: first)
        let shardPath = self.path(path, shard: place.index)
        if place.index > 0, try !removeUnused(shardPath, place, of: path, options: options) {
          for store in stores { store.close() }
          return nil
        }
        stores.insert(try SQLiteStore(path: shardPath, options: options), at: 0)
      }
      for (store, place) in zip(stores, ShardPlace.all(of: count)) { try requireKin(store, place, of: stores[0]) }
    } catch {
      for store in stores { store.close() }
      throw error
    }
    return stores
  }

  /// A shard without a first file is what a crash has left of making them, unless it has rows.
  ///
  /// - Returns: false where there is a first file by now.
  private static func removeUnused(
    _ shardPath: String, _ place: ShardPlace, of path: String, options: SQLiteOptions
  ) throws -> Bool {
    // SQLite's first step is an empty file.
    guard FileInspection.size(of: shardPath) > 0 else { return true }
    var options = options
    options.createIfMissing = false
    let left = try SQLiteStore(path: shardPath, options: options)
    // Whoever waits for it must not make the file before it is removed.
    let lock = left.lock
    let isUsed = left.lastSequence > 0
    left.close()
    return try withExtendedLifetime(lock) {
      if try count(at: path) != nil { return false }
      if isUsed {
        throw StoreOpenError(path: path, cause: .shardMissing(ShardPlace(index: 0, of: place.count), of: shardPath))
      }
      FileReplacement.remove(shardPath)
      return true
    }
  }

  private static func requireKin(
    _ store: SQLiteStore, _ place: ShardPlace, of first: SQLiteStore,
    agrees: (SQLiteStore, SQLiteStore) -> Bool = { $0.epoch == $1.epoch }
  ) throws {
    guard place.index > 0 else { return }
    guard store.journalID == journalID(of: place, first: first.journalID) else {
      throw StoreOpenError(path: store.path, cause: .foreignShard(of: first.path))
    }
    guard agrees(store, first) else {
      throw StoreOpenError(
        path: store.path, cause: .otherEpoch(found: store.epoch, first: first.epoch, of: first.path))
    }
  }

  /// The identity of a shard's journal, made of the first one's.
  static func journalID(of place: ShardPlace, first: [UInt8]) -> [UInt8] {
    if place.index == 0 { return first }
    var builder = HashBuilder()
    builder.append(first)
    builder.append(Int64(place.index))
    builder.append(Int64(place.count))
    return builder.finalize().bytes
  }
}
