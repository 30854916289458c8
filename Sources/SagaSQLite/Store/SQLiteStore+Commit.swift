import CSQLite
import SagaCore
import SagaRuntime

extension SQLiteStore {
  /// Writes the batch in one transaction: `synchronous` full makes it durable before this returns, unless commits are joined.
  ///
  /// - Throws: `CommitError`. After `outcomeUnknown` every call but `recover` throws `SQLiteStoreError.needsRecovery`.
  public func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    do {
      try requireWriter()
    } catch {
      throw .outcomeUnknown(error)
    }
    try beginCommit()
    if let refusal = refusal(of: batch) { throw takenBack(because: refusal) }
    do {
      try write(batch)
    } catch {
      throw takenBack(because: mapped(error))
    }
    try endCommit()
    lastSequence = batch.rows.last?.sequence ?? lastSequence
    if joining == .begun { joinedCount += 1 }
    return CommitReceipt(lastSequence: lastSequence, logFrames: connection.logFrames)
  }

  /// Starts a transaction that writes.
  func beginImmediately() throws(CommitError) {
    do {
      try connection.statement(.begin).run()
    } catch {
      // Only a writer beside us can keep the file locked for so long.
      if error.code == SQLITE_BUSY { throw foreignWriter() }
      throw mapped(error)
    }
    let isForeign: Bool
    do {
      isForeign = try somebodyElseWrote()
    } catch {
      connection.rollBack()
      throw mapped(error)
    }
    if isForeign {
      connection.rollBack()
      throw foreignWriter()
    }
    guard connection.isBorrowed else { return }
    // Transactions of the service on this very connection do not move `data_version`.
    do {
      lastSequence = try connection.statement(.lastSequence).firstInteger()
    } catch {
      connection.rollBack()
      throw mapped(error)
    }
  }

  /// The one comparison that a commit makes. Nobody else wrote, so what we remember is what the tables say.
  private func refusal(of batch: CommitBatch) -> CommitError? {
    if batch.epoch != epoch { return .fenced(epoch) }
    if batch.expectedLast != lastSequence { return .moved(actualLast: lastSequence) }
    for (index, row) in batch.rows.enumerated() where row.sequence != lastSequence + 1 + Int64(index) {
      return .refused(constraint: "row \(row.sequence) is not numbered \(lastSequence + 1 + Int64(index))")
    }
    return nil
  }

  /// Ends the transaction; an error here leaves open whether it happened, except for want of room.
  func end() throws(CommitError) {
    do {
      try connection.statement(.commit).run()
    } catch {
      connection.rollBack()
      // Constraints are immediate, so COMMIT reports none; out of room, its last frame was not written.
      if error.code == SQLITE_FULL { throw .full }
      phase = .uncertain
      connection.seal()
      throw .outcomeUnknown(error)
    }
  }

  private func foreignWriter() -> CommitError {
    phase = .foreignWriter
    return .outcomeUnknown(SQLiteStoreError.foreignWriter(path: path))
  }

  /// What an error before COMMIT means.
  func mapped(_ error: SQLiteError) -> CommitError {
    switch error.code {
    case SQLITE_CONSTRAINT, SQLITE_TOOBIG: return .refused(constraint: error.message)
    case SQLITE_FULL: return .full
    default:
      phase = .uncertain
      return .outcomeUnknown(error)
    }
  }

  /// The order satisfies the foreign keys: definitions, lanes and rows come before what points to them.
  private func write(_ batch: CommitBatch) throws(SQLiteError) {
    for machine in batch.machines { try insert(machine) }
    for lane in batch.fold?.completion?.lanes ?? [] { try write(lane) }
    if !batch.rows.isEmpty {
      let statement = try connection.statement(.insertRow)
      for row in batch.rows { try statement.insert(row) }
    }
    for instance in batch.births { try write(instance, with: .insertInstance) }
    for key in batch.keys { try apply(key) }
    for inherited in batch.inherited { try apply(inherited) }
    try apply(batch.parked)
    try apply(batch.deadLetters)
    try apply(batch.held)
    if let fold = batch.fold { try apply(fold) }
  }
}
