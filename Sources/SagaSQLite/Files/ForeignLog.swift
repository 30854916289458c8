/// A log beside a backup that belongs to the database which was there before.
///
/// A backup is one whole file with a rollback journal's header, and nobody writes it until it is restored: whatever log
/// lies beside it is another database's. `cp backup.db orders.db` leaves `orders.db-wal` there when the engine was
/// killed, and SQLite plays such a log into the file at its first look, whatever the header says.
///
/// Restoring gives the file the header of one with a log before it writes anything else. So the log that a restoring
/// which was cut off has left is told from a foreign one, and stays.
enum ForeignLog {
  private static let suffixes = ["-wal", "-shm", "-journal"]

  /// Whether SQLite would play another database's log, or journal, into a backup.
  ///
  /// - Parameters:
  ///   - path: as `FileInspection.resolve` returned it.
  ///   - suffixes: what is looked for. Unless the writer lock is held, a journal may be that of a restoring right now.
  static func isBeside(_ path: String, suffixes: [String] = ["-wal", "-journal"]) -> Bool {
    suffixes.contains { FileInspection.size(of: path + $0) > 0 } && isUntouchedBackup(path)
  }

  /// Removes what another database has left beside a backup. Without its main file, which the backup has replaced, a
  /// log is of no use to anybody, and to leave it to the user would be to leave a step out of which there is no way
  /// back.
  ///
  /// Of a restoring that was cut off a journal can be its own; it has then saved the header and nothing else, which is
  /// one sector of the disk and either there or not.
  ///
  /// - Precondition: the writer lock is held, so that no engine has the log open.
  /// - Throws: `SQLiteStoreError.file`.
  static func remove(beside path: String) throws {
    let foreign = suffixes.map { path + $0 }.filter(FileReplacement.exists)
    guard !foreign.isEmpty, isUntouchedBackup(path) else { return }
    // Or a power loss could bring the old log back under the name of the new one.
    try FileReplacement.removeDurably(foreign, beside: path)
  }

  /// As `remove(beside:)`, under the writer lock, before anybody looks into the file.
  ///
  /// - Throws: `StoreOpenError`, `SQLiteStoreError.file`.
  static func removeUnderLock(beside path: String, options: SQLiteOptions) throws {
    guard options.fileSystem == .operatingSystem else { return }
    let path = try FileInspection.resolve(path)
    guard suffixes.contains(where: { FileReplacement.exists(path + $0) }),
      try FileInspection.check(path, for: .write(create: false))
    else { return }
    let lock = try WriterLock(
      database: path, waitMilliseconds: options.lockWaitMilliseconds, socketPath: options.socketPath)
    try withExtendedLifetime(lock) { try remove(beside: path) }
  }

  /// Whether the main file by itself is a backup that nobody has begun to restore. What else is wrong with it is said
  /// when it is opened.
  private static func isUntouchedBackup(_ path: String) -> Bool {
    guard let connection = try? Connection(path: path, access: .mainFileAlone, busyTimeoutMilliseconds: 0) else {
      return false
    }
    defer { connection.close() }
    do {
      // Of a service's database the header is the service's own.
      guard try !connection.hasLog(),
        try connection.integer("PRAGMA application_id") == Schema.applicationID || SchemaState.isGuest(connection)
      else { return false }
      // An archive is marked too, and its journal is its own.
      return try connection.integer("SELECT copied FROM meta WHERE epoch<>\(SQLiteArchive.epoch)") != 0
    } catch {
      return false
    }
  }
}
