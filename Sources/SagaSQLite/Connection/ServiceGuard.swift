import CSQLite

/// Keeps SQL of the embedding service, while it runs in a transaction of the engine's, from what only the engine may do: ending
/// the transaction, writing the engine's tables or putting temporary ones before them, attaching files, changing how the connection works.
///
/// SQLite asks it when a statement is compiled (https://sqlite.org/c3ref/set_authorizer.html), so it costs nothing afterwards; and before
/// each commit, since what a service's statement commits while it is served it commits after a rollback that it did not notice.
final class ServiceGuard {
  /// Whether statements that are compiled now are the service's.
  var isServing = false

  /// - Precondition: the guard lives as long as the connection.
  func install(on handle: OpaquePointer?) {
    sqlite3_set_authorizer(
      handle,
      { context, action, first, second, _, _ in
        let serviceGuard = Unmanaged<ServiceGuard>.fromOpaque(context!).takeUnretainedValue()
        guard serviceGuard.isServing else { return SQLITE_OK }
        return ServiceGuard.allows(action, first, second) ? SQLITE_OK : SQLITE_DENY
      }, Unmanaged.passUnretained(self).toOpaque())
    sqlite3_commit_hook(
      handle, { Unmanaged<ServiceGuard>.fromOpaque($0!).takeUnretainedValue().isServing ? 1 : 0 },
      Unmanaged.passUnretained(self).toOpaque())
  }

  private static func allows(
    _ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?
  ) -> Bool {
    switch action {
    case SQLITE_TRANSACTION, SQLITE_SAVEPOINT, SQLITE_ATTACH, SQLITE_DETACH: false
    case SQLITE_PRAGMA: readingPragmas.contains(text(first))
    case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_DROP_TABLE: !Schema.tables.contains(text(first))
    // A temporary table is found before one of the file (`temp.x` is asked for as others are), and a new name is not said here.
    case SQLITE_CREATE_TABLE, SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_VIEW, SQLITE_CREATE_TEMP_VIEW,
      SQLITE_CREATE_VTABLE:
      !Schema.tables.contains(text(first).lowercased())
    case SQLITE_CREATE_TEMP_TRIGGER: !Schema.tables.contains(text(second))
    case SQLITE_ALTER_TABLE where text(first) == "temp": false
    case SQLITE_ALTER_TABLE, SQLITE_CREATE_INDEX, SQLITE_CREATE_TRIGGER, SQLITE_DROP_INDEX:
      !Schema.tables.contains(text(second))
    default: true
    }
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

  /// What only tells about the service's own tables.
  private static let readingPragmas: Set<String> = [
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
    "foreign_key_check",
  ]
}
