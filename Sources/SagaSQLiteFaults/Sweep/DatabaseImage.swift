import CSQLite
import SagaSQLite

/// A database as SQLite itself sees it, past the store: whether it is sound, and everything that is in it.
struct DatabaseImage {
  /// What SQLite's own checks find; empty for a sound database.
  var findings: [String]
  /// Of all rows of all tables: equal for equal contents, whatever pages they lie on.
  var contents: Int

  /// Looks through a connection of its own, which changes nothing.
  ///
  /// - Throws: `SQLiteError`.
  init(_ machine: SimulatedMachine) throws {
    let connection = try RawConnection(machine)
    findings = try connection.texts("PRAGMA integrity_check").filter { $0 != "ok" }
    findings += try connection.texts("PRAGMA foreign_key_check").map { "a row of \($0) points to nothing" }
    var hasher = Hasher()
    for table in try connection.texts("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name") {
      hasher.combine(table)
      try connection.hash("SELECT * FROM \(table)", into: &hasher)
    }
    contents = hasher.finalize()
  }
}

/// A reading connection that never moves the log into the database.
private final class RawConnection {
  private var handle: OpaquePointer?

  init(_ machine: SimulatedMachine) throws {
    let code = sqlite3_open_v2(
      SimulatedSQLite.path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, machine.fileSystemName)
    if code != SQLITE_OK { throw error(code) }
    csqlite_disable_checkpoint_on_close(handle)
  }

  deinit { sqlite3_close_v2(handle) }

  private func error(_ code: Int32) -> SQLiteError {
    SQLiteError(
      extendedCode: code, message: handle.map { String(cString: sqlite3_errmsg($0)) } ?? "", path: SimulatedSQLite.path)
  }

  private func rows(_ sql: String, _ body: (OpaquePointer) -> Void) throws {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    guard code == SQLITE_OK, let statement else { throw error(code) }
    defer { sqlite3_finalize(statement) }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw error(code) }
      body(statement)
    }
  }

  /// The first column of each row.
  func texts(_ sql: String) throws -> [String] {
    var texts: [String] = []
    try rows(sql) { row in texts.append(sqlite3_column_text(row, 0).map { String(cString: $0) } ?? "") }
    return texts
  }

  func hash(_ sql: String, into hasher: inout Hasher) throws {
    try rows(sql) { row in
      for column in 0..<sqlite3_column_count(row) {
        let type = sqlite3_column_type(row, column)
        hasher.combine(type)
        if type == SQLITE_INTEGER { hasher.combine(sqlite3_column_int64(row, column)) }
        guard type == SQLITE_TEXT || type == SQLITE_BLOB, let bytes = sqlite3_column_blob(row, column) else { continue }
        let count = Int(sqlite3_column_bytes(row, column))
        hasher.combine(count)
        hasher.combine(bytes: UnsafeRawBufferPointer(start: bytes, count: count))
      }
    }
  }
}
