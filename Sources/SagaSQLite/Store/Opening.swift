import CSQLite
import SagaRuntime

/// A connection that has been checked and set up.
struct Opening {
  var connection: Connection
  var lock: WriterLock?

  /// What a writer wants of a file that is there.
  enum Purpose {
    case journal
    /// A backup may be written to.
    case restoring
    case archive
  }

  /// - Parameter source: a file whose permissions a new one gets; nil leaves it to SQLite.
  static func writer(
    path: String, options: SQLiteOptions, for aim: Purpose = .journal, permissionsOf source: String? = nil
  ) throws -> Opening {
    try requireLibrary(path)
    guard options.fileSystem == .operatingSystem else {
      return Opening(
        connection: try explaining(path) {
          try writerConnection(
            path: path, options: options, for: aim, mayCreate: options.createIfMissing)
        })
    }
    let path = try FileInspection.resolve(path)
    let purpose = FileInspection.Purpose.write(create: options.createIfMissing)
    _ = try FileInspection.check(path, for: purpose)
    let lock = try WriterLock(
      database: path, waitMilliseconds: options.lockWaitMilliseconds, socketPath: options.socketPath)
    // Its previous owner may have done anything to the file until now.
    let hasContent = try FileInspection.check(path, for: purpose)
    switch aim {
    case .restoring: try ForeignLog.remove(beside: path)
    case .journal:
      if ForeignLog.isBeside(path) { throw StoreOpenError(path: path, cause: .foreignLog) }
      if hasContent, MakingMark.isMissing(beside: path) { throw StoreOpenError(path: path, cause: .empty) }
    case .archive: break
    }
    if !hasContent, options.createIfMissing {
      try MakingMark.set(beside: path)
      // Before SQLite makes it, which lets everybody read it.
      if let source { try FileReplacement.makeMissing(path, permissionsOf: source) }
    }
    let connection = try explaining(path) {
      try writerConnection(
        path: path, options: options, for: aim, mayCreate: options.createIfMissing || hasContent)
    }
    MakingMark.remove(beside: path)
    return Opening(connection: connection, lock: lock)
  }

  /// A writer's connection of the embedding service: looked at, and changed only by its tables.
  static func guest(_ handle: OpaquePointer, options: SQLiteOptions) throws -> Opening {
    let connection = Connection(borrowing: handle)
    guard !connection.path.isEmpty else { throw StoreOpenError(path: "(memory)", cause: .noFile) }
    let path = try FileInspection.resolve(connection.path)
    try requireLibrary(path)
    try FileInspection.requireOneName(path)
    let lock = try WriterLock(
      database: path, waitMilliseconds: options.lockWaitMilliseconds, socketPath: options.socketPath)
    try explaining(path) {
      try Pragmas.requireSuitable(connection, options, path: path)
      try connection.requireUnshadowed()
      let found = try SchemaState(of: connection)
      switch found {
      case .newer(let version):
        throw StoreOpenError(path: path, cause: .newerVersion(found: version, supported: Schema.version))
      case .empty: try requireFreeNames(connection, path: path)
      case .current, .older, .foreign:
        guard try connection.integer("SELECT copied FROM meta") == 0 else {
          throw StoreOpenError(path: path, cause: .isCopy)
        }
      }
      if options.synchronous != .off { try connection.makeDurable(.writeAheadLog) }
      try Migrator.migrate(connection, from: found, journalID: options.journalID)
      try requireShard(connection, .whole, path: path)
    }
    return Opening(connection: connection, lock: lock)
  }

  private static func requireFreeNames(_ connection: Connection, path: String) throws {
    for name in Schema.tables.sorted() {
      guard try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name='\(name)'") == 0 else {
        throw StoreOpenError(path: path, cause: .nameTaken(name))
      }
    }
  }

  private static func explaining<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as SQLiteError {
      throw StoreOpenError(error, path: path)
    }
  }

  static func reader(path: String, options: SQLiteOptions) throws -> Opening {
    try requireLibrary(path)
    var path = path
    if options.fileSystem == .operatingSystem {
      path = try FileInspection.resolve(path)
      guard try FileInspection.check(path, for: .read) else { throw StoreOpenError(path: path, cause: .notADatabase) }
      if ForeignLog.isBeside(path, suffixes: ["-wal"]) { throw StoreOpenError(path: path, cause: .foreignLog) }
    }
    do {
      return try snapshot(path, options)
    } catch let error as SQLiteError where error.extendedCode == hotJournal && options.fileSystem == .operatingSystem {
      try rollBack(path, options)
      return try explaining(path) { try snapshot(path, options) }
    } catch let error as SQLiteError {
      // A log that a reader has to index, or a missing index, needs a file beside the database.
      if error.code == SQLITE_CANTOPEN || error.code == SQLITE_READONLY {
        throw StoreOpenError(path: path, cause: .directoryNotWritable(FileInspection.split(path).directory))
      }
      throw StoreOpenError(error, path: path)
    }
  }

  private static func snapshot(_ path: String, _ options: SQLiteOptions) throws -> Opening {
    let connection = try Connection(
      path: path, access: .readOnly, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds,
      fileSystem: options.fileSystem)
    try connection.execute(Pragmas.common(options))
    try connection.statement(.beginRead).run()
    let found = try SchemaState(of: connection)
    switch found {
    case .older(let version) where version < Schema.oldestReadableVersion:
      throw StoreOpenError(path: path, cause: .olderVersion(found: version, supported: Schema.oldestReadableVersion))
    case .current, .older: try requireShard(connection, options.shard, path: path)
    case .empty: throw StoreOpenError(path: path, cause: .empty)
    case .foreign: throw StoreOpenError(path: path, cause: .otherApplication)
    case .newer(let version):
      throw StoreOpenError(path: path, cause: .newerVersion(found: version, supported: Schema.version))
    }
    return Opening(connection: connection)
  }

  /// `SQLITE_READONLY_ROLLBACK`, which is a macro of several numbers: a process died in the midst of a transaction, and a reader may not
  /// take it back.
  private static let hotJournal = SQLITE_READONLY | (3 << 8)

  /// Takes back what a process that died has left half done. SQLite does it at a writer's first look, unless the process lives.
  private static func rollBack(_ path: String, _ options: SQLiteOptions) throws {
    do {
      _ = try FileInspection.check(path, for: .write(create: false))
    } catch {
      switch error.cause {
      case .notWritable, .directoryNotWritable: throw StoreOpenError(path: path, cause: .unfinished)
      default: throw error
      }
    }
    if ForeignLog.isBeside(path) { throw StoreOpenError(path: path, cause: .foreignLog) }
    try explaining(path) {
      let connection = try Connection(
        path: path, access: .readWrite(create: false), busyTimeoutMilliseconds: options.busyTimeoutMilliseconds)
      defer { connection.close() }
      _ = try SchemaState(of: connection)
    }
  }

  /// A connection for the process that holds the lock.
  static func writerConnection(
    path: String, options: SQLiteOptions, for aim: Purpose = .journal, mayCreate: Bool
  ) throws -> Connection {
    let connection = try Connection(
      path: path, access: .readWrite(create: mayCreate), busyTimeoutMilliseconds: options.busyTimeoutMilliseconds,
      fileSystem: options.fileSystem)
    guard sqlite3_db_readonly(connection.handle, "main") == 0 else {
      throw StoreOpenError(path: path, cause: .notWritable)
    }
    // Everything that may refuse the file comes before the first PRAGMA that changes it.
    let found = try SchemaState(of: connection)
    switch found {
    case .current, .older: break
    case .empty:
      guard mayCreate else { throw StoreOpenError(path: path, cause: .notADatabase) }
      if case .restoring = aim { throw StoreOpenError(path: path, cause: .empty) }
      try connection.execute(Pragmas.newFile(options))
    case .foreign: throw StoreOpenError(path: path, cause: .otherApplication)
    case .newer(let version):
      throw StoreOpenError(path: path, cause: .newerVersion(found: version, supported: Schema.version))
    }
    if found != .empty {
      try requireSuitable(connection, for: aim, path: path)
      try requireShard(connection, options.shard, for: aim, path: path)
    }
    try connection.execute(Pragmas.writer(options))
    do {
      // Before the first write: it would go behind what may not be there.
      if found != .empty, options.synchronous != .off {
        // Of a log as much is moved as readers let it. With a rollback journal there is no commit before they have done.
        if options.journalMode == .writeAheadLog { connection.setBusyTimeout(milliseconds: 0) }
        try connection.makeDurable(options.journalMode)
        connection.setBusyTimeout(milliseconds: options.busyTimeoutMilliseconds)
      }
      try Migrator.migrate(
        connection, from: found, journalID: options.journalID, shard: options.shard, isArchive: aim == .archive)
      if options.synchronous != .off { try DirectorySync.run(connection, options.fileSystem) }
    } catch {
      connection.abandon()
      throw error
    }
    connection.observeLog()
    return connection
  }

  /// A journal, a backup of one, and an archive are not taken for each other.
  private static func requireSuitable(_ connection: Connection, for aim: Purpose, path: String) throws {
    let isCopy = try connection.integer("SELECT copied FROM meta") != 0
    let isArchive = try isCopy && connection.integer("SELECT epoch FROM meta") == SQLiteArchive.epoch
    switch aim {
    case .archive: if !isArchive { throw StoreOpenError(path: path, cause: .isNoArchive) }
    case .journal, .restoring:
      if isArchive { throw StoreOpenError(path: path, cause: .isArchive) }
      if isCopy, aim == .journal { throw StoreOpenError(path: path, cause: .isCopy) }
    }
  }

  /// One file is not taken for all of a journal that is divided, nor for another of its files.
  private static func requireShard(
    _ connection: Connection, _ wanted: ShardPlace, for aim: Purpose = .journal, path: String
  ) throws {
    let meta = try connection.prepare("SELECT slots, copied<>0 AND epoch=\(SQLiteArchive.epoch) FROM meta")
    let row = try meta.first { (slots: meta.bytes(0), isArchive: meta.integer(1) != 0) }
    let found = row.flatMap { ShardPlace(slots: $0.slots) }
    if found == wanted { return }
    // Earlier versions made each file of an archive as if it were all of it.
    if row?.isArchive == true, found == .whole { return }
    if case .archive = aim { throw StoreOpenError(path: path, cause: .otherArchive(found: found, wanted: wanted)) }
    throw StoreOpenError(path: path, cause: .otherShard(found: found, wanted: wanted))
  }

  /// STRICT tables came with 3.37.
  private static func requireLibrary(_ path: String) throws(StoreOpenError) {
    guard sqlite3_libversion_number() >= 3_037_000 else {
      throw StoreOpenError(path: path, cause: .libraryTooOld(String(cString: sqlite3_libversion())))
    }
  }
}
