import SagaRuntime

/// Commits that become durable together: one transaction of SQLite, in which each is a savepoint.
///
/// A loop that takes messages, runs transactions of the service and lets sagas answer each other would wait for the disk three
/// times, and write the journal's last page three times. What other connections see and what a crash leaves is as with one
/// commit: all of it or nothing.
extension SQLiteStore {
  /// Whether commits are parts of one transaction.
  enum Joining {
    /// Each is its own.
    case apart
    /// They are to be, and none has come yet.
    case asked
    /// The transaction is open.
    case begun
  }

  /// Joins the commits from now on; on a borrowed connection, which is the engine's for the time of one call only, they stay
  /// apart.
  public func joinCommits() {
    if joining == .apart, !connection.isBorrowed { (joining, joinedCount) = (.asked, 0) }
  }

  /// Makes the joined commits durable.
  ///
  /// - Returns: nil where there were none.
  /// - Throws: `CommitError`.
  public func commitJoined() throws(CommitError) -> CommitReceipt? {
    let wasBegun = joining == .begun
    joining = .apart
    guard wasBegun else { return nil }
    do throws(CommitError) {
      try end()
    } catch {
      // What this store and its engine remember is ahead of the file, even where nothing was written.
      phase = .uncertain
      throw error
    }
    return CommitReceipt(lastSequence: lastSequence, logFrames: connection.logFrames)
  }

  /// Begins a commit, in a transaction of its own or as a part of the open one.
  func beginCommit() throws(CommitError) {
    if joining != .begun { try beginImmediately() }
    guard joining != .apart else { return }
    joining = .begun
    do {
      try connection.statement(.savepointOfCommit).run()
    } catch {
      throw takenBack(because: mapped(error))
    }
  }

  func endCommit() throws(CommitError) {
    guard joining == .begun else { return try end() }
    do {
      try connection.statement(.releaseSavepointOfCommit).run()
    } catch {
      throw takenBack(because: mapped(error))
    }
  }

  /// Takes back what has been written of a commit.
  ///
  /// - Returns: the error that says what became of it: after some SQLite has taken back the commits before it, too.
  func takenBack(because error: CommitError) -> CommitError {
    guard joining == .begun else {
      connection.rollBack()
      return error
    }
    do {
      if connection.isInTransaction {
        try connection.statement(.rollbackToSavepointOfCommit).run()
        try connection.statement(.releaseSavepointOfCommit).run()
        return error
      }
    } catch {
      // Then the whole transaction is given up.
    }
    dropJoined()
    phase = .uncertain
    return .outcomeUnknown(SQLiteStoreError.joinedCommitsLost(path: path, cause: "\(error)"))
  }

  /// Gives joined commits up that were not made durable.
  func dropJoined() {
    if joining == .begun { connection.rollBack() }
    joining = .apart
  }
}
