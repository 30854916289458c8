import CSQLite
import SagaCore
import SagaRuntime

extension SQLiteStore: TransactionalStore {
  /// Runs works of the embedding service in one SQLite transaction, each in a savepoint of its own.
  ///
  /// - Throws: `CommitError`. A work's own error is in the outcomes, and what it did is undone.
  public func transact(
    _ works: [(any ServiceTransaction) throws -> Void], at now: Timestamp, routing: ServiceRouting
  ) throws(CommitError) -> (outcomes: [(any Error)?], receipt: CommitReceipt) {
    try beginForService()
    var outcomes: [(any Error)?] = []
    var last = lastSequence
    for work in works {
      let rows = ServiceRows(journalID: journalID, epoch: epoch, after: last, at: now, routing: routing)
      let transaction = SQLiteTransaction(connection, rows, at: now)
      do {
        try run(work, in: transaction)
        last = transaction.lastSequence
        outcomes.append(nil)
      } catch {
        if connection.isInTransaction, transaction.lost == nil {
          outcomes.append(error)
          continue
        }
        // SQLite has rolled everything back, the others' rows too; or a work has begun another transaction after that.
        connection.rollBack()
        guard let cause = transaction.lost, canGoOn(after: cause) else {
          throw takenBack(because: broken(by: transaction.lost ?? error))
        }
        let refusal = SQLiteStoreError.transactionRolledBack(path: path, cause: cause.message)
        outcomes = outcomes.map { $0 ?? refusal }
        // What SQLite itself answered says as much.
        outcomes.append(error is ServiceTransactionError ? refusal : error)
        try beginCommit()
        last = lastSequence
      }
    }
    try endCommit()
    lastSequence = last
    if joining == .begun { joinedCount += 1 }
    return (outcomes, CommitReceipt(lastSequence: last, logFrames: connection.logFrames))
  }

  private func beginForService() throws(CommitError) {
    do {
      try requireWriter()
    } catch {
      throw .outcomeUnknown(error)
    }
    try beginCommit()
  }

  private func run(_ work: (any ServiceTransaction) throws -> Void, in transaction: SQLiteTransaction) throws {
    try connection.statement(.savepoint).run()
    do {
      do {
        defer { transaction.end() }
        connection.serviceGuard.isServing = true
        defer { connection.serviceGuard.isServing = false }
        try work(transaction)
      }
      // The work may not have looked at what SQLite answered.
      guard connection.isInTransaction, transaction.lost == nil else { throw ServiceTransactionError.ended }
      try requireNoOpenReferences()
      if connection.isBorrowed { try connection.requireUnshadowed() }
    } catch {
      if connection.isInTransaction, transaction.lost == nil {
        try end(transaction, with: .rollbackToSavepoint)
        try end(transaction, with: .releaseSavepoint)
      }
      throw error
    }
    try end(transaction, with: .releaseSavepoint)
  }

  /// Where there is no savepoint any more the transaction is not the one that the work was given: on a lent connection it may have begun another
  /// one after SQLite had rolled that back.
  private func end(_ transaction: SQLiteTransaction, with query: Query) throws {
    do {
      try connection.statement(query).run()
    } catch {
      transaction.lose(because: error)
      throw error
    }
  }

  /// Deferred foreign keys are checked by COMMIT: there they would take the other works with them.
  private func requireNoOpenReferences() throws {
    var current: Int32 = 0
    var highest: Int32 = 0
    sqlite3_db_status(connection.handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
    guard current == 0 else {
      throw SQLiteError(
        extendedCode: SQLITE_CONSTRAINT | 3 << 8, message: "FOREIGN KEY constraint failed", path: path)
    }
  }

  /// Whether nothing is lost but works of this call: the service asked for the rollback (`OR ROLLBACK`, `RAISE(ROLLBACK, …)`), and no commit was
  /// joined before, of which the engine believes that it happened.
  private func canGoOn(after cause: SQLiteError) -> Bool {
    guard cause.code == SQLITE_CONSTRAINT, joining != .begun || joinedCount == 0 else { return false }
    if joining == .begun { joining = .asked }
    return true
  }

  private func broken(by error: any Error) -> CommitError {
    guard let error = error as? SQLiteError else {
      // Nothing keeps the service from a COMMIT there.
      if connection.isBorrowed {
        phase = .uncertain
        return .outcomeUnknown(error)
      }
      return .refused(constraint: "a service's transaction ended the transaction it was given: \(error)")
    }
    return mapped(error)
  }
}
