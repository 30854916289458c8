#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// `FILE.making`: a process makes a database here, or died or failed while it did.
///
/// Until its first transaction a database is a header, and so is the copy of a young one whose log was left behind. The former is made at
/// the next start; to make the latter would be to begin anew, and to do everything once more. A copy has no mark.
enum MakingMark {
  static func path(_ database: String) -> String { database + ".making" }

  static func isSet(beside database: String) -> Bool { FileReplacement.exists(path(database)) }

  /// Whether a file may be the copy of a young database whose log was not copied with it: nothing is in it, nobody was making it, and
  /// no log is beside it.
  ///
  /// - Parameter path: as `FileInspection.resolve` returned it.
  static func isMissing(beside path: String) -> Bool {
    guard let connection = try? Connection(path: path, access: .mainFileAlone, busyTimeoutMilliseconds: 0) else {
      return false
    }
    defer { connection.close() }
    // What else is wrong with it is said when it is opened. The log comes last: whoever makes a database writes there before the mark goes.
    return (try? SchemaState(of: connection)) == .empty && !isSet(beside: path)
      && !["-wal", "-journal"].contains { FileInspection.size(of: path + $0) > 0 }
  }

  /// On disk before SQLite writes the header.
  ///
  /// - Precondition: the writer lock is held.
  /// - Throws: `StoreOpenError`.
  static func set(beside database: String) throws {
    let descriptor = open(path(database), O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StoreOpenError(path: database, cause: .markFile(path(database), reason: SystemError.last.text))
    }
    close(descriptor)
    do {
      try FileReplacement.synchronizeDirectory(of: database)
    } catch {
      throw StoreOpenError(path: database, cause: .markFile(path(database), reason: "\(error)"))
    }
  }

  /// There is a database now. A mark that a power loss brings back is removed by the next start.
  static func remove(beside database: String) { unlink(path(database)) }
}
