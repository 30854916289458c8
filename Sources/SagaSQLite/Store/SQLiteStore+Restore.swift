import SagaCore
import SagaRuntime

extension SQLiteStore {
  /// Makes a backup (or any plain copy) a journal that an engine may write: a later epoch, so that new rows get new message ids
  /// while idempotency keys stay, and a row that says so, whose `decided` is the JSON text `{"epoch":N}`.
  ///
  /// The epoch is the time in seconds since 1970, or one more than before where that is more: a second restoring of the same
  /// backup must not repeat the ids of the first.
  ///
  /// A log that another database has left beside a backup (`FILE-wal`, where the backup was copied over it) is removed
  /// first. Beside a plain copy a log may be its own, and stays. Cut off at any moment it may be run again.
  ///
  /// - Returns: the new epoch.
  /// - Throws: `StoreOpenError`, `SQLiteError`, `SQLiteStoreError.file`.
  @discardableResult
  public static func restore(
    path: String, now: Timestamp, options: SQLiteOptions = SQLiteOptions()
  ) throws -> Epoch {
    try restore(path: path, now: now, options: options, epoch: nil)
  }

  /// - Parameter epoch: the one that other shards of the same database have been given already.
  @discardableResult
  static func restore(path: String, now: Timestamp, options: SQLiteOptions, epoch given: Epoch?) throws -> Epoch {
    var options = options
    options.createIfMissing = false
    // With a rollback journal a restoring that was cut off could not be told from a backup with another database's journal beside it.
    // Whoever opens the file next has it in their own mode again.
    options.journalMode = .writeAheadLog
    let opened = try Opening.writer(path: path, options: options, for: .restoring)
    let connection = opened.connection
    defer { connection.close() }
    do {
      try connection.statement(.begin).run()
      let meta = try connection.statement(.meta)
      let former = try meta.first { meta.integer(1) } ?? 0
      let epoch = given ?? max(former + 1, now.milliseconds / 1000)
      let last = try connection.statement(.lastSequence).firstInteger()
      let decided = JSONWriter.compact(["epoch": .int(epoch)])
      try connection.statement(.insertRow).insert(
        JournalRow(sequence: last + 1, at: now, kind: .restore, slot: Slot(value: 0), decided: decided))
      let statement = try connection.statement(.setEpoch)
      statement.bind(1, epoch)
      try statement.run()
      try connection.statement(.commit).run()
      return epoch
    } catch {
      connection.rollBack()
      throw error
    }
  }
}
