import CSQLite
import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite("A file of an earlier version")
struct SchemaMigrationTests {
  let folder = Folder()

  /// What leads from the first version to the present one, taken back.
  private static let first = "DROP INDEX instance_open"

  /// A database as the first version has left it: 3 is open, 1 and 2 have ended.
  private func makeFirst() throws {
    let store = try folder.writer()
    try store.addClosed()
    store.close()
    try takeBack(folder.database)
  }

  private func takeBack(_ path: String) throws {
    let connection = try Connection(path: path, access: .readWrite(create: false), busyTimeoutMilliseconds: 0)
    defer { connection.close() }
    try connection.execute("\(Self.first); PRAGMA user_version=1")
  }

  private func version(_ path: String) throws -> Int64 {
    let connection = try Connection(path: path, access: .readOnly, busyTimeoutMilliseconds: 0)
    defer { connection.close() }
    return try connection.integer("PRAGMA user_version")
  }

  private func open(_ store: SQLiteStore) throws -> [InstanceID] {
    try store.page(.instances(statuses: [1, 2, 5], machines: nil), after: nil, limit: 9).instances.map(\.id)
  }

  @Test("has what it had by then: migrations are added and never changed")
  func appendOnly() {
    let hashes = ["812766b9703f1ceb963cd36aeecc7674", "6036bb94d0ddb6956bf4a769fb6bbb20"]
    #expect(Schema.migrations.map { Hash128.of($0.sql).hex } == hashes)
  }

  @Test("is migrated by its writer, keeps all that is in it, and is then like a new one")
  func migrates() throws {
    try makeFirst()
    let store = try folder.writer()
    #expect(try version(folder.database) == Schema.version)
    #expect(try store.sequences == Array(1...7))
    #expect(try open(store) == [3])
    let other = Folder()
    let new = try other.writer()
    defer { new.close() }
    let schema = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY type, name)"
    #expect(try store.connection.text(schema) == new.connection.text(schema))
  }

  @Test("is read as it is, which changes nothing")
  func read() throws {
    try makeFirst()
    let sizes = try folder.sizes()
    let reader = try folder.reader()
    #expect(try open(reader) == [3])
    reader.close()
    #expect(try version(folder.database) == 1)
    #expect(try folder.sizes()[0] == sizes[0])
  }

  @Test("is opened where it is one of several shards")
  func shards() throws {
    for store in try SQLiteShards.open(folder.database, count: 2, options: Folder.options) { store.close() }
    let paths = (0..<2).map { SQLiteShards.path(folder.database, shard: $0) }
    for path in paths { try takeBack(path) }
    let readers = try SQLiteShards.readers(folder.database, options: Folder.options)
    #expect(readers.count == 2)
    for store in readers { store.close() }
    for store in try SQLiteShards.open(folder.database, options: Folder.options) { store.close() }
    #expect(try paths.map(version) == [Schema.version, Schema.version])
  }

  @Test("is divided into shards of the present version")
  func divided() throws {
    try makeFirst()
    let store = try folder.writer()
    try ShardDivision(of: store, into: 2, homes: [:]).run()
    store.close()
    for shard in 0..<2 { #expect(try version(SQLiteShards.path(folder.database, shard: shard)) == Schema.version) }
  }

  @Test("is restored where it is a backup, of one shard or of several", arguments: [1, 2])
  func restores(shards: Int) throws {
    let stores = try SQLiteShards.open(folder.database, count: shards, options: Folder.options)
    let backup = folder.file("backup.db")
    try SQLiteShards.copy(stores, to: backup)
    for store in stores { store.close() }
    let paths = (0..<shards).map { SQLiteShards.path(backup, shard: $0) }
    for path in paths { try takeBack(path) }
    #expect(try SQLiteShards.restore(path: backup, now: time(99), options: Folder.options) == 2)
    for store in try SQLiteShards.open(backup, options: Folder.options) {
      #expect(try store.rows([1]).first?.kind == .restore)
      store.close()
    }
    #expect(try paths.allSatisfy { try version($0) == Schema.version })
  }

  @Test("is copied as it is beside its readers")
  func copied() throws {
    try makeFirst()
    let reader = try folder.reader()
    let backup = folder.file("backup.db")
    try reader.copy(to: BackupDestination(path: backup))
    reader.close()
    #expect(try version(backup) == 1)
    #expect(try SQLiteStore.restore(path: backup, now: time(99), options: Folder.options) == 2)
    #expect(try version(backup) == Schema.version)
  }

  @Test("is looked at and added to where it is an archive")
  func archive() throws {
    let path = folder.file("old.db")
    try SQLiteArchive(path: path).close()
    try takeBack(path)
    try SQLiteStore(path: path, options: Folder.options, mode: .reader).close()
    try SQLiteArchive(path: path).close()
    #expect(try version(path) == Schema.version)
  }

  @Test("is migrated among the tables of a service, whose version stays its own")
  func guest() throws {
    let own = OwnConnection(folder.database)
    _ = try BorrowedSQLiteStore(own, options: Folder.options)
    try own.withConnection { handle in
      let sql = "\(Self.first); UPDATE saga_schema SET version=1"
      try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
    }
    _ = try BorrowedSQLiteStore(own, options: Folder.options)
    #expect(own.integer("SELECT version FROM saga_schema") == Schema.version)
    #expect(own.integer("SELECT count(*) FROM sqlite_schema WHERE name='instance_open'") == 1)
    #expect(own.integer("PRAGMA user_version") == 0)
  }

  /// A service's database with the engine's tables, as the first version has left it.
  private func makeGuest(_ own: OwnConnection) throws {
    _ = try BorrowedSQLiteStore(own, options: Folder.options)
    try own.withConnection { handle in
      let sql = "\(Self.first); UPDATE saga_schema SET version=1; PRAGMA user_version=7; PRAGMA application_id=99"
      try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
    }
  }

  private func requireWhole(_ own: OwnConnection) throws {
    #expect(own.integer("SELECT version FROM saga_schema") == Schema.version)
    #expect(own.integer("SELECT count(*) FROM sqlite_schema WHERE name='instance_open'") == 1)
    #expect(own.integer("PRAGMA user_version") == 7)
    #expect(own.integer("PRAGMA application_id") == 99)
    _ = try BorrowedSQLiteStore(own, options: Folder.options)
  }

  @Test("is migrated by its path where it is a service's, whose header stays its own, also after a commit that failed")
  func guestByPath() throws {
    let own = OwnConnection(folder.database)
    try makeGuest(own)
    for _ in 0..<2 {
      let store = try folder.writer()
      store.connection.seal()
      store.close()
    }
    try requireWhole(own)
  }

  @Test("is restored where it is a backup of a service's database")
  func guestBackup() throws {
    let backup = folder.file("backup.db")
    do {
      let own = OwnConnection(folder.database)
      try makeGuest(own)
      let reader = try folder.reader()
      try reader.copy(to: BackupDestination(path: backup))
      reader.close()
    }
    #expect(try SQLiteStore.restore(path: backup, now: time(99), options: Folder.options) == 2)
    try requireWhole(OwnConnection(backup))
  }

  @Test("is opened where an earlier version has migrated it by its path, and noted that in the service's header")
  func guestNotedWrongly() throws {
    let own = OwnConnection(folder.database)
    try makeGuest(own)
    try own.withConnection { handle in
      let sql = "CREATE INDEX instance_open ON instance(closed_at) WHERE closed_at IS NULL"
      try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
    }
    try folder.writer().close()
    try requireWhole(own)
  }

  @Test("before the first there was none")
  func noVersion() throws {
    try makeFirst()
    try folder.foreign().execute("PRAGMA user_version=0")
    guard case .olderVersion(found: 0, supported: 1)? = openFailure({ _ = try folder.reader() })?.cause else {
      Issue.record("read")
      return
    }
  }
}
