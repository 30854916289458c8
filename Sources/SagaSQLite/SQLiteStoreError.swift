import SagaRuntime

/// Why an open store cannot go on.
public enum SQLiteStoreError: Error, CustomStringConvertible, Sendable {
  /// Another connection has written to the database, past the writer lock. What the engine holds in memory is void.
  case foreignWriter(path: String)
  /// The database file was renamed, deleted or replaced while it was open.
  case fileMoved(path: String)
  /// The store was opened with `Mode.reader`.
  case readOnly(path: String)
  /// A commit ended in an unknown outcome; `recover()` opens the file again.
  case needsRecovery(path: String)
  /// The embedding service lent another connection than the one that the store was opened on.
  case otherConnection(path: String)
  /// The connection that was lent has something temporary of this name that takes the rows of a table of the engine's.
  case shadowed(path: String, name: String)
  /// `close()` was called.
  case closed(path: String)
  /// The database holds what no version of the store writes.
  case damaged(path: String, detail: String)
  /// SQLite took back a transaction in which commits had been joined.
  case joinedCommitsLost(path: String, cause: String)
  /// SQLite has rolled a transaction of the service's back, and with it those that shared its commit; the engine goes on.
  case transactionRolledBack(path: String, cause: String)
  /// `copy(to:)` does not overwrite.
  case destinationExists(path: String)
  /// A journal is divided only when nothing of it is unfolded.
  case unfolded(path: String, rows: Int64)
  /// The database is the embedding service's: the engine's tables are among its own, and it opens the file as one.
  case guestUndividable(path: String)
  /// A database is divided whose tables are not all the engine's: handlers in transactions need theirs in the file of the saga.
  case tablesUndividable(path: String, tables: [String])
  /// An archive has another row under the number of one that shall go there.
  case otherRow(path: String, sequence: JournalSequence)
  /// A file operation of `copy(to:)` or of restoring failed.
  case file(path: String, operation: String, reason: String)

  public var description: String {
    switch self {
    case .foreignWriter(let path):
      "\(path): another connection has written to this database; stop that program and start the engine again"
    case .fileMoved(let path):
      "\(path): the file was moved or replaced while it was open; put it back, or start the engine again"
    case .readOnly(let path): "\(path): opened read-only; a command that writes opens it as the writer"
    case .needsRecovery(let path): "\(path): the outcome of a commit is unknown; recover before anything else"
    case .otherConnection(let path):
      "\(path): the connection that was lent is another one than the engine was opened on; lend that one, or start the engine again on the new one"
    case .shadowed(let path, let name):
      "\(path): the connection that was lent has a temporary table, view or trigger \(name), which takes the rows of one of the engine's "
        + "tables; drop it there and give it another name (a trigger: another table)"
    case .closed(let path): "\(path): the store is closed"
    case .joinedCommitsLost(let path, let cause):
      "\(path): \(cause); nothing that was committed together is there, start the engine again"
    case .transactionRolledBack(let path, let cause):
      "\(path): SQLite has rolled the transaction back, or one that shared its commit (\(cause)), and nothing of it was done; do it once more "
        + "when that is mended (OR ABORT and RAISE(ABORT, …) undo one statement only)"
    case .damaged(let path, let detail): "\(path): \(detail); restore a backup with `saga restore`"
    case .destinationExists(let path): "\(path): exists already; name a file that does not"
    case .unfolded(let path, let rows):
      "\(path): \(rows) rows are not folded yet; let an engine do its idle work first"
    case .guestUndividable(let path):
      "\(path): belongs to a service, which lends the engine its connection and opens the file as one; it stays undivided, unless the sagas get "
        + "a file of their own"
    case .tablesUndividable(let path, let tables):
      "\(path): has tables that are not the engine's (\(tables.joined(separator: ", "))), which handlers in transactions need in the file of "
        + "their saga, and a divided database has no such file; move them to a database of their own and drop them here, or leave this one "
        + "undivided"
    case .otherRow(let path, let sequence):
      "\(path): holds another row \(sequence): it is the archive of another database, or of this one before it was restored from a "
        + "backup; name a new file"
    case .file(let path, let operation, let reason): "\(path): cannot \(operation): \(reason)"
    }
  }
}
