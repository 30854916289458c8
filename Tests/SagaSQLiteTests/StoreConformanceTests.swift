import Foundation
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

/// What the protocol says, of the store in SQLite; `SagaTestingTests` holds the one in memory to the same.
@Suite("The store in SQLite") struct SQLiteConformanceTests {
  @Test("keeps the contract of stores", arguments: StoreConformance.checks.map(\.name))
  func keeps(_ name: String) throws {
    try check(name) {
      $0
    } store: {
      $0 as! SQLiteStore
    }
  }

  @Test("keeps it behind a pipeline", arguments: StoreConformance.checks.map(\.name))
  func keepsPipelined(_ name: String) throws {
    try check(name) {
      try $0.pipelined()
    } store: {
      ($0 as! PipelinedStore).inner as! SQLiteStore
    }
  }

  /// - Parameters:
  ///   - wrap: puts something before the store.
  ///   - unwrapped: the store behind it.
  private func check(
    _ name: String, wrap: @escaping (SQLiteStore) throws -> any Store,
    store unwrapped: @escaping (any Store) -> SQLiteStore
  ) throws {
    let check = try #require(StoreConformance.checks.first { $0.name == name })
    let folder = Folder()
    func open(_ path: String) throws -> any Store { try wrap(try SQLiteStore(path: path, options: Folder.options)) }
    let harness = StoreHarness(
      make: { try open(folder.file("\(UUID().uuidString).db")) },
      reopen: { store in
        let sqlite = unwrapped(store)
        sqlite.close()
        return try open(sqlite.path)
      },
      openCopy: { store in
        let path = folder.file("copy.db")
        try store.copy(to: BackupDestination(path: path))
        try SQLiteStore.restore(path: path, now: time(99), options: Folder.options)
        return try open(path)
      })
    #expect(check.applies(to: harness))
    try check.run(harness)
  }
}
