#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files that appear under their name only when they are whole and on disk.
enum FileReplacement {
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  static func temporaryName(for path: String) -> String { "\(path).partial-\(getpid())" }

  /// Also what SQLite may have left beside it.
  static func remove(_ path: String) {
    for suffix in ["", "-journal", "-wal", "-shm"] { unlink(path + suffix) }
  }

  /// Gives a finished file its name, unless something has it by now.
  ///
  /// - Throws: `SQLiteStoreError.destinationExists`, `.file`.
  static func publish(_ partial: String, as path: String) throws {
    try synchronize(partial)
    // Unlike rename, link fails when the name is taken.
    if link(partial, path) == 0 {
      unlink(partial)
    } else if errno == EEXIST {
      throw SQLiteStoreError.destinationExists(path: path)
    } else if exists(path) || rename(partial, path) != 0 {
      throw failure(path, "rename \(partial) to it")
    }
    try synchronize(FileInspection.split(path).directory)
  }

  private static func synchronize(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "open it") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path, "write it to disk") }
  }

  private static func failure(_ path: String, _ operation: String) -> SQLiteStoreError {
    .file(path: path, operation: operation, reason: SystemError.last.text)
  }
}
