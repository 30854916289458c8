import CSQLite
import SagaRuntime

extension SQLiteStore {
  /// A consistent copy of the database in one file, marked so that no engine uses it before `restore`.
  ///
  /// It is made under a temporary name beside the destination, is on disk when this returns, and stands beside a running writer;
  /// the calling thread is busy meanwhile.
  ///
  /// - Throws: `SQLiteStoreError.destinationExists`, `.file`; `SQLiteError` for the source; `StoreOpenError` for both.
  public func copy(to destination: BackupDestination) throws {
    let partial = try copyUnnamed(for: destination)
    do {
      try FileReplacement.publish(partial, as: destination.path)
    } catch {
      FileReplacement.remove(partial)
      throw error
    }
  }

  /// Whether the file is marked as a backup, or an archive.
  func isCopy() throws(SQLiteError) -> Bool {
    let meta = try connection.statement(.meta)
    return try meta.first { meta.integer(2) } ?? 0 != 0
  }

  /// As `copy(to:)`, but for the last step.
  ///
  /// - Parameter partial: the temporary name; nil makes one.
  /// - Returns: the temporary name, for `FileReplacement.publish`.
  func copyUnnamed(for destination: BackupDestination, as partial: String? = nil) throws -> String {
    try requireUsable()
    guard options.fileSystem == .operatingSystem else {
      throw SQLiteStoreError.file(
        path: destination.path, operation: "copy to it", reason: "the store is not on a file system of the system's")
    }
    guard !FileReplacement.exists(destination.path) else {
      throw SQLiteStoreError.destinationExists(path: destination.path)
    }
    _ = try FileInspection.resolve(destination.path)
    let partial = partial ?? FileReplacement.temporaryName(for: destination.path)
    FileReplacement.removeAbandoned(of: destination.path)
    do {
      try FileReplacement.make(partial, for: destination.path, permissionsOf: path)
      try backUp(to: partial)
      return partial
    } catch let error as SQLiteError where error.path != path {
      FileReplacement.remove(partial)
      throw failure(error, of: destination.path)
    } catch {
      FileReplacement.remove(partial)
      throw error
    }
  }

  /// Nobody has heard of the temporary name.
  private func failure(_ error: SQLiteError, of destination: String) -> SQLiteStoreError {
    let mend = error.code == SQLITE_FULL ? "; make room, or name another place" : ""
    return .file(
      path: destination, operation: "copy \(path) to it",
      reason: "\(error.message) (SQLite result code \(error.extendedCode))\(mend)")
  }

  /// One step for all pages: a backup in several would start again whenever the writer commits in between.
  private func backUp(to partial: String) throws {
    let source = try Connection(
      path: path, access: .readOnly, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds)
    defer { source.close() }
    let target = try Connection(
      path: FileInspection.resolve(partial), access: .readWrite(create: true), busyTimeoutMilliseconds: 0)
    defer { target.close() }
    guard let backup = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
      throw SQLiteError(sqlite3_errcode(target.handle), on: target.handle, path: partial)
    }
    let code = sqlite3_backup_step(backup, -1)
    sqlite3_backup_finish(backup)
    guard code == SQLITE_DONE else { throw SQLiteError(code, on: target.handle, path: partial) }
    // One file, without a log beside it, so that it may be moved about. `restore` puts the log back.
    try target.execute("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; \(Query.setCopied.sql)")
  }
}
