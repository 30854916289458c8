import GRDB
import SagaSQLite

/// GRDB's writer, lent to the engine: one connection and one queue for the service's records and the engine's journal.
struct GRDBConnection: SQLiteConnectionLender {
  let writer: any DatabaseWriter

  /// Opens a database as the engine needs it.
  init(path: String) throws {
    var configuration = Configuration()
    // Whoever opens the file first after a kill recovers its log, and who comes meanwhile waits for that instead of failing.
    configuration.busyMode = .timeout(5)
    writer = try DatabasePool(path: path, configuration: configuration)
    // A pool sets NORMAL when it turns on WAL. A commit that an engine acknowledges has to survive a power failure.
    try writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
  }

  /// Reentrant, because the engine may let go of its statements while the service holds the connection.
  func withConnection<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
    try writer.unsafeReentrantWrite { database in
      guard let connection = database.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
      let changes = database.totalChangesCount
      let value = try body(connection)
      // GRDB has not seen the engine's COMMIT. Without a word of its own, observations would wait for its next transaction.
      if database.totalChangesCount != changes {
        try database.inTransaction(.immediate) {
          try database.notifyChanges(in: .fullDatabase)
          return .commit
        }
      }
      return value
    }
  }

  /// GRDB's side of the connection inside a transaction of the engine, where a handler runs: what it writes commits with the engine's rows.
  func inTransaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try writer.unsafeReentrantWrite { database in
      guard database.isInsideTransaction else { throw DatabaseError(message: "no transaction of the engine is open") }
      return try body(database)
    }
  }
}
