import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// Opening the database that `--db` names.
enum Database {
  /// A snapshot of every shard, beside whatever engine runs.
  static func readers(_ path: String) throws -> [SQLiteStore] {
    try requireFile(path)
    do { return try SQLiteShards.readers(path) } catch { throw Failure(error, path: path) }
  }

  /// All shards of a database.
  static func writers(
    _ path: String, shards: Int? = nil, options: SQLiteOptions = SQLiteOptions()
  ) throws -> [SQLiteStore] {
    do { return try SQLiteShards.open(path, count: shards, options: options) } catch {
      throw Failure(error, path: path)
    }
  }

  /// Where the engine that has the database open takes requests; nil when none does, or when it takes none.
  static func operatorSocket(_ path: String) throws -> String? {
    try requireFile(path)
    let owner: LockOwner?
    do { owner = try WriterLock.owner(ofDatabase: path) } catch { throw Failure(error, path: path) }
    guard let socket = owner?.socketPath, FileManager.default.fileExists(atPath: socket) else { return nil }
    return socket
  }

  private static func requireFile(_ path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure.environment("\(path): there is no such database; saga run makes one")
    }
  }

  /// The engines of all shards, with these definitions and those that open sagas still need.
  static func engines(
    _ stores: [SQLiteStore], machines: [Machine] = [], _ change: (inout EngineConfiguration) -> Void = { _ in }
  ) throws -> ShardGroup {
    var configuration = EngineConfiguration()
    configuration.compile = { source, role in try SagaDefinitions.compileStored(source, role: role) }
    change(&configuration)
    if stores.count > 1 { configuration.keys = SQLiteShards.keys(of: stores[0].path) }
    return ShardGroup(
      try stores.map { store in
        configuration.shard = store.options.shard
        return try ShardEngine(store: store, machines: machines, configuration: configuration, now: WallClock.now)
      })
  }
}
