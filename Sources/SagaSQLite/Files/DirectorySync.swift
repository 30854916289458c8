#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Makes the names of a database and its log durable.
enum DirectorySync {
  /// SQLite syncs the directory too when it has made a log, and goes on when that fails; the first commits would then be in a file
  /// that a power loss leaves without a name.
  ///
  /// - Throws: `StoreOpenError`, unless the file system has no such thing as the sync of a directory.
  static func run(directoryOf path: String) throws(StoreOpenError) {
    let descriptor = open(FileInspection.split(path).directory, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP { throw failure(path) }
  }

  private static func failure(_ path: String) -> StoreOpenError {
    let directorySync: Int32 = 10 | 5 << 8  // SQLITE_IOERR_DIR_FSYNC
    let message = "its directory cannot be synced: \(SystemError.last.text)"
    return StoreOpenError(
      path: path, cause: .other(SQLiteError(extendedCode: directorySync, message: message, path: path)))
  }
}
