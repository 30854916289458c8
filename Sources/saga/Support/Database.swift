import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// Opening the database that `--db` names.
enum Database {
  /// A snapshot beside whatever engine runs.
  static func reader(_ path: String) throws -> SQLiteStore {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure.environment("\(path): there is no such database; saga run makes one")
    }
    return try open(path) { try SQLiteStore(path: path, mode: .reader) }
  }

  static func writer(_ path: String, options: SQLiteOptions = SQLiteOptions()) throws -> SQLiteStore {
    try open(path) { try SQLiteStore(path: path, options: options, mode: .writer) }
  }

  private static func open(_ path: String, _ body: () throws -> SQLiteStore) throws -> SQLiteStore {
    do {
      return try body()
    } catch let error as StoreOpenError {
      throw Failure.environment("\(error)")
    } catch {
      throw Failure.environment("\(path): \(error)")
    }
  }

  /// An engine for one operation, when none runs: its definitions are those that the database holds.
  static func engine(_ store: SQLiteStore, machines: [Machine] = [], _ change: (inout EngineConfiguration) -> Void = { _ in })
    throws -> ShardEngine
  {
    var configuration = EngineConfiguration()
    configuration.compile = { source, role in try Definitions.compileStored(source, role: role) }
    change(&configuration)
    do {
      return try ShardEngine(store: store, machines: machines, configuration: configuration, now: WallClock.now)
    } catch let error as EngineError {
      throw failure(error, path: store.path)
    }
  }

  /// An engine's error as a command reports it.
  static func failure(_ error: EngineError, path: String) -> Failure {
    switch error {
    case .definitionConflict, .definitionMissing: .bad("\(path): \(error)")
    default: .environment("\(path): \(error)")
    }
  }
}
