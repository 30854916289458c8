/// How a connection is set up. `docs/storage.md` says what is durable when, and what holds on a lent connection.
enum Pragmas {
  /// Only a file without tables takes these.
  static func newFile(_ options: SQLiteOptions) -> String {
    "PRAGMA page_size=\(options.pageSizeBytes); PRAGMA auto_vacuum=NONE;"
  }

  /// The writer's, after `newFile`.
  static func writer(_ options: SQLiteOptions) -> String {
    var sql = """
      PRAGMA journal_mode=\(options.journalMode.rawValue); PRAGMA synchronous=\(synchronous(options)); PRAGMA wal_autocheckpoint=0;
      PRAGMA journal_size_limit=67108864; PRAGMA locking_mode=NORMAL; PRAGMA secure_delete=OFF;
      """
    #if os(macOS) || os(iOS)
      sql += "PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON;"
    #endif
    if let pages = options.maximumPageCount { sql += "PRAGMA max_page_count=\(pages);" }
    return sql + common(options)
  }

  /// A connection that is lent is checked, not set up.
  ///
  /// - Throws: `StoreOpenError`, `SQLiteError`.
  static func requireSuitable(_ connection: Connection, _ options: SQLiteOptions, path: String) throws {
    func require(_ pragma: String, _ needed: String, _ holds: (String) -> Bool) throws {
      let found = try connection.text("PRAGMA \(pragma)").lowercased()
      guard holds(found) else {
        throw StoreOpenError(path: path, cause: .unsuitable(pragma: pragma, found: found, needed: needed))
      }
    }
    try require("journal_mode", "WAL") { $0 == "wal" }
    try require("foreign_keys", "ON") { $0 == "1" }
    // 0 is OFF, 1 NORMAL, 2 FULL, 3 EXTRA.
    if options.synchronous == .full { try require("synchronous", "FULL") { $0 == "2" || $0 == "3" } }
    if options.synchronous == .normal { try require("synchronous", "NORMAL") { $0 != "0" } }
  }

  /// With a rollback journal a commit is its removal, which is durable when the directory is: FULL does not sync that.
  private static func synchronous(_ options: SQLiteOptions) -> String {
    options.journalMode == .rollback && options.synchronous == .full ? "EXTRA" : options.synchronous.rawValue
  }

  /// A reader's: nothing that touches the file.
  static func common(_ options: SQLiteOptions) -> String {
    """
    PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;
    PRAGMA cache_size=-\(options.cacheSizeKiB);
    """
  }
}
