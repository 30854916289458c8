import Foundation
import SagaCore
import SagaRuntime

@testable import SagaSQLite

/// A folder of its own for each test, removed with the object.
final class Folder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "saga-sqlite-tests-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  var database: String { file("saga.db") }

  /// Without the waits and, unless a test is about durability, without the disk.
  static var options: SQLiteOptions {
    var options = SQLiteOptions()
    options.synchronous = .off
    options.lockWaitMilliseconds = 0
    options.busyTimeoutMilliseconds = 50
    return options
  }

  func writer(_ change: (inout SQLiteOptions) -> Void = { _ in }) throws -> SQLiteStore {
    var options = Self.options
    change(&options)
    return try SQLiteStore(path: database, options: options)
  }

  func reader() throws -> SQLiteStore { try SQLiteStore(path: database, options: Self.options, mode: .reader) }

  /// What is there now, as a crash would leave it: readers and writers have not closed.
  func copyFiles(to other: Folder) throws {
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: database + suffix, toPath: other.database + suffix)
    }
  }

  /// Of the database and its log.
  func sizes() throws -> [Int?] {
    ["", "-wal"].map { FileManager.default.contents(atPath: database + $0)?.count }
  }

  /// A second read-write connection, which the lock is there to prevent.
  func foreign() throws -> Connection {
    try Connection(path: database, access: .readWrite(create: false), busyTimeoutMilliseconds: 50)
  }
}

/// The cause for which opening fails.
func openFailure(_ body: () throws -> Void) -> StoreOpenError? {
  do {
    try body()
    return nil
  } catch {
    return error as? StoreOpenError
  }
}
