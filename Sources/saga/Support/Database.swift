import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// Opening the database that `--db` names.
enum Database {
  /// A snapshot beside whatever engine runs.
  static func reader(_ path: String) throws -> SQLiteStore {
    try requireFile(path)
    return try open(path) { try SQLiteStore(path: path, mode: .reader) }
  }

  static func writer(_ path: String, options: SQLiteOptions = SQLiteOptions()) throws -> SQLiteStore {
    try open(path) { try SQLiteStore(path: path, options: options, mode: .writer) }
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

  private static func open(_ path: String, _ body: () throws -> SQLiteStore) throws -> SQLiteStore {
    do { return try body() } catch { throw Failure(error, path: path) }
  }

  /// An engine for one operation, when none runs: its definitions are those that the database holds.
  static func engine(
    _ store: SQLiteStore, machines: [Machine] = [], _ change: (inout EngineConfiguration) -> Void = { _ in }
  )
    throws -> ShardEngine
  {
    var configuration = EngineConfiguration()
    configuration.compile = { source, role in try SagaDefinitions.compileStored(source, role: role) }
    change(&configuration)
    return try ShardEngine(store: store, machines: machines, configuration: configuration, now: WallClock.now)
  }

  /// An engine's error as a command reports it.
  static func failure(_ error: EngineError, path: String) -> Failure { Failure(error, path: path) }
}
