import SagaRuntime

/// What a database file is, by its header and its tables.
enum SchemaState: Equatable {
  /// No tables: a new file, or one whose creation was cut off.
  case empty
  /// Another program's.
  case foreign
  case older(Int64)
  case current
  case newer(Int64)

  /// The first read of the file: this is where SQLite notices that it is no database.
  init(of connection: Connection) throws(SQLiteError) {
    let guestVersion = try Self.guestVersion(connection)
    connection.isGuest = guestVersion != nil
    if let guestVersion {
      self = guestVersion == 0 ? .empty : .init(version: guestVersion)
      return
    }
    let application = try connection.integer("PRAGMA application_id")
    let version = try connection.integer("PRAGMA user_version")
    if application != Schema.applicationID {
      let objects = try connection.integer("SELECT count(*) FROM sqlite_schema")
      self = objects == 0 && application == 0 && version == 0 ? .empty : .foreign
    } else {
      self.init(version: version)
    }
  }

  private init(version: Int64) {
    if version > Schema.version {
      self = .newer(version)
    } else if version < Schema.version {
      self = .older(version)
    } else {
      self = .current
    }
  }

  /// In a database of the embedding service's, whose header is its own, the version stands in a table.
  ///
  /// - Returns: 0 where the tables have to be made; nil where the database is the engine's.
  private static func guestVersion(_ connection: Connection) throws(SQLiteError) -> Int64? {
    if try isGuest(connection) { return try connection.integer("SELECT version FROM saga_schema") }
    return connection.isBorrowed ? 0 : nil
  }

  /// Whether the engine's tables are among those of the embedding service.
  static func isGuest(_ connection: Connection) throws(SQLiteError) -> Bool {
    try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name='saga_schema'") > 0
  }
}

enum Migrator {
  /// Applies the migrations that the file lacks, each in a transaction of its own with the version it leads to.
  ///
  /// - Parameters:
  ///   - journalID: the identity of a journal that is made, 16 bytes; nil takes a random one.
  ///   - isArchive: whether what is made is an archive, and from its first transaction on: it must never be taken for a journal.
  static func migrate(
    _ connection: Connection, from state: SchemaState, journalID: [UInt8]?, shard: ShardPlace = .whole,
    isArchive: Bool = false
  ) throws(SQLiteError) {
    let applied: Int
    switch state {
    case .empty: applied = 0
    case .older(let version): applied = Int(version)
    case .current, .foreign, .newer: return
    }
    for (index, migration) in Schema.migrations.enumerated().dropFirst(applied) {
      try connection.execute("BEGIN IMMEDIATE")
      do {
        try connection.execute(migration.sql)
        if index == 0 {
          try connection.execute(
            connection.isGuest ? Schema.guestVersion : "PRAGMA application_id=\(Schema.applicationID)")
          try insertMeta(connection, journalID: journalID ?? randomID(), shard)
          if isArchive {
            let statement = try connection.prepare(Query.setArchive.sql)
            statement.bind(1, SQLiteArchive.epoch)
            try statement.run()
          }
        }
        let version = connection.isGuest ? "UPDATE saga_schema SET version=" : "PRAGMA user_version="
        try connection.execute("\(version)\(index + 1); COMMIT")
      } catch {
        connection.rollBack()
        throw error
      }
    }
  }

  static func randomID() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// A new journal: its identity, the first epoch, its slots.
  private static func insertMeta(
    _ connection: Connection, journalID: [UInt8], _ shard: ShardPlace
  ) throws(SQLiteError) {
    let statement = try connection.prepare(Query.insertMeta.sql)
    statement.bind(1, copying: journalID)
    statement.bind(2, copying: shard.slots)
    try statement.run()
  }
}
