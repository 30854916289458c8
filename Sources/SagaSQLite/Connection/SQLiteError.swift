import CSQLite

/// What SQLite answered when it did not do what it was asked.
public struct SQLiteError: Error, CustomStringConvertible, Sendable {
  /// The extended result code (`SQLITE_CONSTRAINT_UNIQUE`, `SQLITE_IOERR_FSYNC`, …).
  public var extendedCode: Int32
  /// SQLite's own words.
  public var message: String
  /// The database file.
  public var path: String

  /// For stores that call SQLite themselves.
  public init(extendedCode: Int32, message: String, path: String) {
    self.extendedCode = extendedCode
    self.message = message
    self.path = path
  }

  /// The primary result code: the low byte of the extended one.
  public var code: Int32 { extendedCode & 0xFF }

  public var description: String { "\(path): \(message) (SQLite result code \(extendedCode))" }

  /// The error that a connection reports now for a call that answered `code`.
  init(_ code: Int32, on database: OpaquePointer?, path: String) {
    let reported = database.map(sqlite3_extended_errcode) ?? code
    // A misuse is not recorded on the connection; anything else is, with its extended code.
    let matches = reported & 0xFF == code & 0xFF
    self.extendedCode = matches ? reported : code
    self.message = String(cString: matches && database != nil ? sqlite3_errmsg(database) : sqlite3_errstr(code))
    self.path = path
  }

  /// What the last call on a connection reported.
  init(reportedBy database: OpaquePointer, path: String) {
    self.init(sqlite3_extended_errcode(database), on: database, path: path)
  }
}
