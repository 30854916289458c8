import SagaCore
import SagaRuntime

/// Which file of the archive of a divided database an archive is: its slots and its identity are those of the shard whose rows go
/// there, so that the first file says how many there are, and the others that they belong to it.
struct ArchivePart {
  var place: ShardPlace
  /// The identity of the shard's journal.
  var journalID: [UInt8]
}

extension SQLiteShards {
  /// Opens the archive of a database, with a file for each shard; makes what there is not yet. `SQLiteShards.readers` and whatever
  /// else looks at a database take the first file for all of them.
  ///
  /// - Parameters:
  ///   - path: the archive's first file.
  ///   - database: the first file of the database whose rows go there; new files get the permissions of its files.
  /// - Returns: the archives in the order of the shards.
  /// - Throws: `StoreOpenError`: also where the archive is that of a database that is divided otherwise, or of another one.
  ///   `SQLiteStoreError.file`.
  public static func archives(_ path: String, of database: String) throws -> [SQLiteArchive] {
    let parts = try archiveParts(of: database)
    // A link that leads nowhere yet is where the archive is to be made.
    let found = FileInspection.size(of: path) > 0 ? try count(at: path) : nil
    if let found, found > 1, found != parts.count, try parts.count == 1 || found > parts.count || !isUnmarked(path) {
      let first = ShardPlace(index: 0, of: found)
      throw StoreOpenError(path: path, cause: .otherArchive(found: first, wanted: parts[0].place))
    }
    guard parts.count > 1 else { return [try SQLiteArchive(path: path, permissionsOf: database)] }
    var archives: [Int: SQLiteArchive] = [:]
    // The first one last: what has a first file has them all.
    func open(_ parts: [ArchivePart]) throws {
      for part in parts.reversed() {
        let index = part.place.index
        let archive = try SQLiteArchive(
          path: self.path(path, shard: index), part, permissionsOf: self.path(database, shard: index))
        archives[index] = archive
        try archive.requireKeys(of: part)
      }
    }
    do {
      let missing = parts.filter { !FileReplacement.exists(self.path(path, shard: $0.place.index)) }.map(\.place)
      try open(parts.filter { !missing.contains($0.place) })
      // What a crash has left of making them has nothing in it.
      if let lost = missing.first, try archives.values.contains(where: { try $0.isPartInUse() }) {
        throw StoreOpenError(path: self.path(path, shard: lost.index), cause: .shardMissing(lost, of: path))
      }
      try open(parts.filter { missing.contains($0.place) })
      for part in parts.reversed() { try archives[part.place.index]?.mark(as: part) }
    } catch {
      for archive in archives.values { archive.close() }
      throw error
    }
    return parts.compactMap { archives[$0.place.index] }
  }

  /// Opens the archive of one shard, and sees to it that those of the others are there.
  ///
  /// - Parameters:
  ///   - path: the archive's first file.
  ///   - store: the shard whose rows go there.
  /// - Throws: as `archives`.
  static func archive(_ path: String, of store: SQLiteStore) throws -> SQLiteArchive {
    let (place, suffix) = (store.options.shard, self.path("", shard: store.options.shard.index))
    let areThere = ShardPlace.all(of: place.count).allSatisfy {
      FileReplacement.exists(self.path(path, shard: $0.index))
    }
    // Where a shard's file is a link, its name does not say where the others are.
    if !areThere, store.path.hasSuffix(suffix) {
      for archive in try archives(path, of: String(store.path.dropLast(suffix.count))) { archive.close() }
    }
    let part = ArchivePart(place: place, journalID: store.journalID)
    let archive = try SQLiteArchive(path: self.path(path, shard: place.index), part, permissionsOf: store.path)
    try archive.requireKeys(of: part)
    try archive.mark(as: part)
    return archive
  }

  /// The parts that the archive of a database has.
  private static func archiveParts(of database: String) throws -> [ArchivePart] {
    let stores = try readers(database)
    defer { for store in stores { store.close() } }
    return stores.map { ArchivePart(place: $0.options.shard, journalID: $0.journalID) }
  }

  /// Whether the first file of an archive says of itself that it is the whole, as each file did that earlier versions have made.
  private static func isUnmarked(_ path: String) throws -> Bool {
    do {
      try SQLiteStore(path: path, mode: .reader).close()
      return true
    } catch let error as StoreOpenError {
      guard case .otherShard = error.cause else { throw error }
      return false
    }
  }
}

/// Archives of divided databases that earlier versions have made: every file says that it is the whole.
extension SQLiteShards {
  /// How many files there are of an archive whose first one says that it is the whole.
  static func unmarkedCount(_ store: SQLiteStore, at path: String) -> Int {
    guard store.epoch == SQLiteArchive.epoch else { return 1 }
    return 1 + (1..<ShardPlace.maximumCount).prefix { FileReplacement.exists(self.path(path, shard: $0)) }.count
  }

  /// Refuses a file that is read as a shard's archive, says that it is the whole, and has sagas of other shards: a key would not be
  /// looked for where it is.
  ///
  /// - Throws: `StoreOpenError.mixedArchive`.
  static func requireOwnKeys(_ store: SQLiteStore, _ place: ShardPlace) throws {
    guard try hasForeignKeys(store.connection, place) else { return }
    throw StoreOpenError(path: store.path, cause: .mixedArchive(place))
  }

  static func hasForeignKeys(_ connection: Connection, _ place: ShardPlace) throws(SQLiteError) -> Bool {
    let keys = try connection.prepare("SELECT key FROM instance")
    defer { keys.reset() }
    while try keys.step() {
      if !place.owns(Slot(key: keys.text(0))) { return true }
    }
    return false
  }
}

extension SQLiteStore {
  /// Whether the file says that it is the whole, where it was opened as a shard: only archives of earlier versions may.
  func isUnmarkedPart() throws -> Bool {
    guard epoch == SQLiteArchive.epoch, options.shard != .whole else { return false }
    let meta = try connection.prepare("SELECT slots FROM meta")
    return try meta.first { meta.bytes(0) } == ShardPlace.whole.slots
  }
}
