import CSQLite

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Makes the names of a database and its log durable.
package enum DirectorySync {
  /// What a registered file system is asked for (`xFileControl`); one that does not know it has nothing to sync.
  package static let fileControl: Int32 = 0x5341

  /// SQLite syncs the directory too when it has made a log, and goes on when that fails; the first commits would then be in a file
  /// that a power loss leaves without a name.
  ///
  /// - Throws: `StoreOpenError`, unless the file system has no such thing as the sync of a directory.
  static func run(_ connection: Connection, _ fileSystem: SQLiteOptions.FileSystem) throws(StoreOpenError) {
    guard fileSystem == .operatingSystem else {
      let code = sqlite3_file_control(connection.handle, "main", fileControl, nil)
      guard code == SQLITE_OK || code == SQLITE_NOTFOUND else {
        throw failure(connection.path, String(cString: sqlite3_errstr(code)))
      }
      return
    }
    if let number = run(beside: connection.path) { throw failure(connection.path, String(cString: strerror(number))) }
  }

  /// Makes the names in a file's directory durable.
  ///
  /// - Parameter path: the file; where its name is a symbolic link, the file that it leads to.
  /// - Returns: the system's error number (`errno`) where that failed; nil also where the file system has no such thing.
  package static func run(beside path: String) -> Int32? {
    let descriptor = open(FileInspection.split(path).directory, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    if fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP { return nil }
    return errno
  }

  private static func failure(_ path: String, _ cause: String) -> StoreOpenError {
    let directorySync: Int32 = 10 | 5 << 8  // SQLITE_IOERR_DIR_FSYNC
    let message = "its directory cannot be synced: \(cause)"
    return StoreOpenError(
      path: path, cause: .other(SQLiteError(extendedCode: directorySync, message: message, path: path)))
  }
}
