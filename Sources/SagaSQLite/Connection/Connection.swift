import CSQLite

/// One connection to a database file, confined to one thread, with its statements prepared once.
final class Connection {
  enum Access {
    case readOnly
    /// The file as it lies there, whatever log or journal is beside it; nothing of these is looked at or changed.
    case mainFileAlone
    case readWrite(create: Bool)
  }

  let path: String
  /// Whether the handle belongs to the embedding service: neither closed nor set up here.
  let isBorrowed: Bool
  /// Whether the database is the embedding service's, whose header is its own: also where it is opened by its path, as for restoring it.
  /// `SchemaState` says so at the first look.
  var isGuest: Bool
  private(set) var handle: OpaquePointer?
  private var statements: [Statement?]
  /// Frames in the write-ahead log after this connection's last commit.
  private let log = LogSize()
  /// What the embedding service's SQL may do on a writer's connection.
  let serviceGuard = ServiceGuard()

  private final class LogSize {
    var frames = 0
  }

  /// - Parameter path: absolute, so that SQLite takes it neither for a URI nor for a name of its own.
  init(
    path: String, access: Access, busyTimeoutMilliseconds: Int, fileSystem: SQLiteOptions.FileSystem = .operatingSystem
  ) throws(SQLiteError) {
    self.path = path
    self.isBorrowed = false
    self.isGuest = false
    self.statements = Array(repeating: nil, count: Query.allCases.count)
    var flags = SQLITE_OPEN_NOMUTEX
    var name = path
    switch access {
    case .readOnly: flags |= SQLITE_OPEN_READONLY
    case .mainFileAlone:
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      name = Connection.immutable(path)
    case .readWrite(let create): flags |= SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0)
    }
    var opened: OpaquePointer?
    let code =
      switch fileSystem {
      case .operatingSystem: sqlite3_open_v2(name, &opened, flags, nil)
      case .named(let system): sqlite3_open_v2(name, &opened, flags, system)
      }
    guard code == SQLITE_OK, let opened else {
      let error = SQLiteError(code, on: opened, path: path)
      sqlite3_close_v2(opened)
      throw error
    }
    self.handle = opened
    sqlite3_extended_result_codes(opened, 1)
    sqlite3_busy_timeout(opened, Int32(clamping: busyTimeoutMilliseconds))
    switch access {
    case .readOnly, .mainFileAlone: csqlite_disable_checkpoint_on_close(opened)
    case .readWrite: serviceGuard.install(on: opened)
    }
  }

  /// The URI by which SQLite takes a file for one that nobody writes (https://sqlite.org/uri.html): it then looks for
  /// no log and no journal beside it.
  private static func immutable(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let plain = Array("/._-".utf8)
    var uri = Array("file:".utf8)
    for byte in path.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: uri.append(byte)
      case let byte where plain.contains(byte): uri.append(byte)
      default: uri += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: uri, as: UTF8.self) + "?immutable=1"
  }

  /// Uses a connection of somebody else's, which stays open.
  ///
  /// - Parameter handle: used only while its owner lends it.
  init(borrowing handle: OpaquePointer) {
    path = sqlite3_db_filename(handle, "main").map { String(cString: $0) } ?? ""
    isBorrowed = true
    isGuest = true
    statements = Array(repeating: nil, count: Query.allCases.count)
    self.handle = handle
  }

  deinit { close() }

  /// Finalizes the statements and closes. Of the last connection to a file it also empties the write-ahead log.
  func close() {
    for index in statements.indices { statements[index] = nil }
    if !isBorrowed { sqlite3_close_v2(handle) }
    handle = nil
  }

  /// The statement of a query, prepared on first use.
  func statement(_ query: Query) throws(SQLiteError) -> Statement {
    if let prepared = statements[query.rawValue] { return prepared }
    let prepared = try prepare(query.sql)
    statements[query.rawValue] = prepared
    return prepared
  }

  func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    guard let handle else { throw closedError }
    return try Statement(sql, on: handle, path: path)
  }

  /// Runs SQL of our own without parameters or results, any number of statements.
  func execute(_ sql: String) throws(SQLiteError) {
    guard let handle else { throw closedError }
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw SQLiteError(code, on: handle, path: path) }
  }

  /// The first column of the first row.
  func integer(_ sql: String) throws(SQLiteError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.first { statement.integer(0) } ?? 0
  }

  /// The first column of the first row.
  func text(_ sql: String) throws(SQLiteError) -> String {
    let statement = try prepare(sql)
    return try statement.first { statement.text(0) } ?? ""
  }

  private var closedError: SQLiteError {
    SQLiteError(extendedCode: SQLITE_MISUSE, message: "the connection is closed", path: path)
  }
}

extension Connection {
  var isInTransaction: Bool { handle.map { sqlite3_get_autocommit($0) == 0 } ?? false }

  /// Rows that the last statement inserted, updated or deleted.
  var changes: Int { Int(handle.map(sqlite3_changes) ?? 0) }

  /// Rows that all statements so far inserted, updated or deleted, those of triggers too.
  var totalChanges: Int { Int(handle.map(sqlite3_total_changes) ?? 0) }

  /// Rolls back what is open; SQLite itself has done so after some errors.
  func rollBack() {
    if isInTransaction { try? statement(.rollback).run() }
  }

  /// On a lent connection nothing keeps the service from a temporary table, view or trigger that takes the rows of a table of the engine's.
  ///
  /// - Throws: `SQLiteStoreError.shadowed`, `SQLiteError`.
  func requireUnshadowed() throws {
    let shadow = try statement(.shadow)
    if let name = try shadow.first({ shadow.text(0) }) { throw SQLiteStoreError.shadowed(path: path, name: name) }
  }

  func setBusyTimeout(milliseconds: Int) {
    if let handle { sqlite3_busy_timeout(handle, Int32(clamping: milliseconds)) }
  }

  /// Counts the frames of the write-ahead log from now on. `PRAGMA wal_autocheckpoint` would take the hook away again.
  func observeLog() {
    sqlite3_wal_hook(
      handle,
      { context, _, _, frames in
        Unmanaged<LogSize>.fromOpaque(context!).takeUnretainedValue().frames = Int(frames)
        return SQLITE_OK
      }, Unmanaged.passUnretained(log).toOpaque())
  }

  var logFrames: Int {
    get { log.frames }
    set { log.frames = newValue }
  }

  /// Whether the file has been renamed, unlinked or replaced under the connection.
  var hasMoved: Bool {
    var moved: Int32 = 0
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
    return code == SQLITE_OK && moved != 0
  }

  /// Moves frames of the write-ahead log into the database.
  ///
  /// - Returns: the frames in the log and how many of them are in the database; a reader may hold the rest back.
  func checkpoint(truncate: Bool) throws(SQLiteError) -> (frames: Int, moved: Int) {
    var frames: Int32 = 0
    var moved: Int32 = 0
    let mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
    let code = sqlite3_wal_checkpoint_v2(handle, "main", mode, &frames, &moved)
    // Busy: a reader holds frames back; as much as could be has been moved.
    guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw SQLiteError(code, on: handle, path: path) }
    return (max(0, Int(frames)), max(0, Int(moved)))
  }
}
