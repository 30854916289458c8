import CSQLite
import SagaCore
import SagaRuntime

extension SQLiteStore {
  /// A bounded piece of background work; call it again until `isFinished`.
  ///
  /// A checkpoint reports the frames of the log as examined and those that are in the database as changed; it is not finished
  /// while a reader holds frames back. A sweep and a forget remember where they are from call to call and start again from the
  /// beginning after they finished.
  ///
  /// - Throws: `SQLiteStoreError`, `SQLiteError`, and what `archive` throws; the piece has not happened then.
  public func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    try requireWriter()
    switch work {
    case .checkpoint(let truncate): return try checkpoint(truncate: truncate)
    case .sweep(let closedBefore, let through, let archive):
      return try sweep(closedBefore: closedBefore, through: through, archive: archive, rows: max(1, budget.rows))
    case .forget(let closedBefore): return try forget(closedBefore: closedBefore, rows: max(1, budget.rows))
    }
  }

  private func checkpoint(truncate: Bool) throws -> MaintenanceProgress {
    // A file that was moved away would take the frames with it.
    if connection.hasMoved { throw SQLiteStoreError.fileMoved(path: path) }
    try requireNobodyElseWrote()
    // Truncating would wait for readers; commits are worth more than a small log.
    connection.setBusyTimeout(milliseconds: 0)
    defer { connection.setBusyTimeout(milliseconds: options.busyTimeoutMilliseconds) }
    let log = try connection.checkpoint(truncate: truncate)
    try acceptDataVersion()
    lastCheckpoint = log
    if log.frames == log.moved { connection.logFrames = 0 }
    return MaintenanceProgress(examined: log.frames, changed: log.moved, isFinished: log.frames == log.moved)
  }

  private func requireNobodyElseWrote() throws {
    guard try somebodyElseWrote() else { return }
    phase = .foreignWriter
    throw SQLiteStoreError.foreignWriter(path: path)
  }

  /// Runs `body` in a transaction of its own.
  func writing(_ body: () throws(SQLiteError) -> Void) throws {
    try connection.statement(.begin).run()
    do {
      try requireNobodyElseWrote()
      try body()
    } catch {
      connection.rollBack()
      throw error
    }
    do {
      try connection.statement(.commit).run()
    } catch {
      connection.rollBack()
      if error.code != SQLITE_FULL {
        phase = .uncertain
        connection.seal()
      }
      throw error
    }
  }
}
