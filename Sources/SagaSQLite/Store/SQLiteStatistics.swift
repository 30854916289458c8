import CSQLite

/// Sizes of a database and its log.
public struct SQLiteStatistics: Sendable, Hashable {
  /// The size of a page.
  public var pageSizeBytes: Int
  /// Pages of the database, those of the log included where they add to it.
  public var pageCount: Int
  /// Pages that are free for reuse.
  public var freePageCount: Int
  /// The size of the log file, 0 where it is not on a file system of the system's. It keeps its size when it starts again from its beginning.
  public var logFileBytes: Int
  /// Frames in the log since it last started from its beginning; 0 for a reader.
  public var logFrames: Int
  /// Frames that the last checkpoint could not move because a reader's snapshot needs the pages as they were: more than 0 means
  /// that a reader pins the file.
  public var pinnedFrames: Int
  /// The library's version (`3.40.1`).
  public var libraryVersion: String

  /// What the pages take, free ones too.
  public var databaseBytes: Int { pageSizeBytes * pageCount }
}

extension SQLiteStore {
  /// - Throws: `SQLiteStoreError`, `SQLiteError`.
  public func statistics() throws -> SQLiteStatistics {
    try reading {
      SQLiteStatistics(
        pageSizeBytes: Int(try connection.integer("PRAGMA page_size")),
        pageCount: Int(try connection.integer("PRAGMA page_count")),
        freePageCount: Int(try connection.integer("PRAGMA freelist_count")),
        logFileBytes: options.fileSystem == .operatingSystem ? FileInspection.size(of: path + "-wal") : 0,
        logFrames: connection.logFrames,
        pinnedFrames: lastCheckpoint.frames - lastCheckpoint.moved,
        libraryVersion: String(cString: sqlite3_libversion()))
    }
  }
}
