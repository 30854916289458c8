import CSQLite

extension Connection {
  /// Makes durable whatever the connection sees: what is acted on after a start must not be undone by a power loss.
  ///
  /// What was committed last may be in the system's cache only: the process was killed between the write and the fsync, or the
  /// fsync failed, and then the pages count as clean and no later fsync writes them (Rebello et al., "Can Applications Recover
  /// from fsync Failures?", USENIX ATC 2020). A row read from there and taken for a duplicate would be acknowledged and lost;
  /// and a checkpoint would move pages into the database that the log cannot restore. So the log is written anew.
  ///
  /// - Throws: `SQLiteError`; then nothing may be built on what is there.
  func makeDurable(_ journalMode: SQLiteOptions.JournalMode) throws(SQLiteError) {
    // Under SQLite's own lock, so that nobody starts the log again meanwhile.
    try execute("BEGIN IMMEDIATE")
    do {
      switch journalMode {
      case .writeAheadLog: try rewriteLog()
      case .rollback:
        // The removal of the journal is the commit: another commit syncs the directory. Its page is written although nothing
        // changes, which is not so for a row.
        try execute("PRAGMA application_id=\(Schema.applicationID)")
      }
      try execute("COMMIT")
    } catch {
      rollBack()
      throw error
    }
  }

  /// Writes the log's bytes where they are, which makes their pages dirty, and syncs.
  private func rewriteLog() throws(SQLiteError) {
    var pointer: UnsafeMutablePointer<sqlite3_file>?
    try check(sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &pointer))
    guard let file = pointer, let methods = file.pointee.pMethods?.pointee else { return }
    var size: Int64 = 0
    try check(methods.xFileSize(file, &size))
    if size == 0 { return }
    let chunkBytes = 1 << 18
    let chunk = UnsafeMutableRawPointer.allocate(byteCount: chunkBytes, alignment: 16)
    defer { chunk.deallocate() }
    for offset in stride(from: 0, to: size, by: chunkBytes) {
      let count = Int32(min(Int64(chunkBytes), size - offset))
      try check(methods.xRead(file, chunk, count, offset))
      try check(methods.xWrite(file, chunk, count, offset))
    }
    try check(methods.xSync(file, SQLITE_SYNC_NORMAL))
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    if code != SQLITE_OK {
      throw SQLiteError(extendedCode: code, message: String(cString: sqlite3_errstr(code)), path: path)
    }
  }

  /// Closes without moving the log into the database, which a doubtful log must not be.
  func abandon() {
    if let handle { csqlite_disable_checkpoint_on_close(handle) }
    close()
  }
}
