import SagaCore
import SagaRuntime

/// Looks a key up in a shard's file beside its writer, as of the last commit: each look is a read transaction of its own.
final class SQLiteKeyProbe: KeyProbe {
  private let connection: Connection
  private let statement: Statement

  /// - Throws: `StoreOpenError`, `SQLiteError`.
  init(path: String) throws {
    connection = try Connection(
      path: FileInspection.resolve(path), access: .readOnly,
      busyTimeoutMilliseconds: SQLiteOptions().busyTimeoutMilliseconds)
    statement = try connection.prepare(Query.key.sql)
  }

  func has(_ key: Hash128) throws -> Bool {
    statement.bind(1, key)
    return try statement.first { true } ?? false
  }
}

extension SQLiteShards {
  /// What the shards of a database agree on about recorded values, for engines of one process.
  ///
  /// - Parameter path: the first file.
  public static func keys(of path: String) -> ShardKeys {
    ShardKeys { try SQLiteKeyProbe(path: self.path(path, shard: $0)) }
  }
}
