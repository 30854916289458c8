import CSQLite

/// What is acted on after a start must not be undone by a power loss. What was committed last may be in the system's cache only:
/// the process was killed between the write and the fsync, or the fsync failed, and then the pages count as clean and no later
/// fsync writes them (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020). A row read from there
/// and taken for a duplicate would be acknowledged and lost.
extension Connection {
  /// Makes durable whatever the connection sees.
  ///
  /// With the log: it is synced, for a process that was killed, and then moved into the database as far as readers let it, so
  /// that nothing is appended to frames which, after failures that did not end, may be in the cache only.
  ///
  /// - Throws: `SQLiteError`; then nothing may be built on what is there.
  func makeDurable(_ journalMode: SQLiteOptions.JournalMode) throws(SQLiteError) {
    switch journalMode {
    case .writeAheadLog:
      try syncLog()
      _ = try checkpoint(truncate: true)
    case .rollback:
      // The removal of the journal is the commit, and this commit syncs the directory.
      try commitNothing()
    }
  }

  /// After a commit that failed in its fsync: puts a commit of no effect in its place.
  ///
  /// What the failed one left in the log would look committed to the next process, and need not be on the disk: taken for
  /// granted it would be lost, and moved into the database in part, when the power goes, it would damage it. The new frame
  /// overwrites the first of the old ones, which breaks the chain of checksums of the rest.
  func seal() {
    do {
      try commitNothing()
    } catch {
      // The disk fails for longer. In the cache the old frames are overwritten all the same, and nothing reads them.
      rollBack()
    }
  }

  /// A commit that writes page 1 as it is: setting a pragma does, setting a column to itself does not.
  private func commitNothing() throws(SQLiteError) {
    do {
      let application = isGuest ? try integer("PRAGMA application_id") : Schema.applicationID
      try execute("BEGIN IMMEDIATE; PRAGMA application_id=\(application); COMMIT")
    } catch {
      rollBack()
      throw error
    }
  }

  private func syncLog() throws(SQLiteError) {
    var pointer: UnsafeMutablePointer<sqlite3_file>?
    try check(sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &pointer))
    guard let file = pointer, let methods = file.pointee.pMethods?.pointee else { return }
    try check(methods.xSync(file, SQLITE_SYNC_NORMAL))
  }

  /// Whether the main file says of itself that it has a write-ahead log: byte 18 of its header is 2 then, and 1 with a
  /// rollback journal (https://sqlite.org/fileformat2.html).
  func hasLog() throws(SQLiteError) -> Bool {
    var pointer: UnsafeMutablePointer<sqlite3_file>?
    try check(sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &pointer))
    guard let file = pointer, let methods = file.pointee.pMethods?.pointee else { return false }
    var version: UInt8 = 0
    try check(methods.xRead(file, &version, 1, 18))
    return version != 1
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    if code != SQLITE_OK {
      throw SQLiteError(extendedCode: code, message: String(cString: sqlite3_errstr(code)), path: path)
    }
  }

  /// Closes without moving the log into the database, which a doubtful log must not be.
  func abandon() {
    if let handle, !isBorrowed { csqlite_disable_checkpoint_on_close(handle) }
    close()
  }
}
