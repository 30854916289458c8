import Foundation
import SagaCore
import TestSupport
import Testing

@testable import SagaRuntime
@testable import SagaSQLite

@Suite("What has ended, in a service", .timeLimit(.minutes(10)))
struct RetentionTests {
  private let folder = Folder()

  private func engine(retention: RetentionPolicy? = nil) throws -> SagaEngine {
    try SagaEngine(
      database: folder.database, options: Folder.options, definitions: Shop.definitions(),
      participants: [Shop.payments(), Shop.stock()], retention: retention)
  }

  private func reader(_ path: String) throws -> ShardReader {
    try ShardReader(store: try SQLiteStore(path: path, options: Folder.options, mode: .reader))
  }

  @Test("moves to a second database while the engine runs; its keys are still known here")
  func prunes() async throws {
    let archive = folder.file("old.db")
    let history = try await running(engine()) { engine in
      let address = try await Shop.place("o1", cents: 10, engine)
      let view = try await Shop.settled(address, engine)
      let before = try await engine.read { try $0.history(of: view.id).map(\.facts) }
      let later = WallClock.now.advanced(byMilliseconds: 1000)
      let never = Timestamp(milliseconds: 0)
      #expect(try await engine.prune(closedBefore: later, forgetBefore: never, archive: archive) > 0)
      #expect(try await engine.instance(address)?.instance == nil, "its state is gone")
      _ = try await Shop.place("o1", cents: 10, engine)
      let settled = try await engine.read { try $0.instances().count }
      #expect(settled == 1, "the same order starts nothing")
      return before
    }
    let reader = try reader(archive)
    let view = try #require(try reader.instance(InstanceAddress(saga: "shop", key: "o1")))
    #expect(view.status == .completed)
    #expect(try reader.history(of: view.id).map(\.facts) == history)
  }

  @Test("is for nobody to read there who may not read the database", arguments: [0o600, 0o640])
  func permissions(ofDatabase given: Int) async throws {
    let (database, archive) = (folder.database, folder.file("old.db"))
    try await running(engine()) { engine in
      _ = try await Shop.settled(try await Shop.place("o1", cents: 10, engine), engine)
      try FileManager.default.setAttributes([.posixPermissions: given], ofItemAtPath: database)
      let later = WallClock.now.advanced(byMilliseconds: 1000)
      let never = Timestamp(milliseconds: 0)
      #expect(try await engine.prune(closedBefore: later, forgetBefore: never, archive: archive) > 0)
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: archive)
    #expect(attributes[.posixPermissions] as? Int == given)
  }

  @Test("moves by itself, as the service's policy says")
  func byItself() async throws {
    let archive = folder.file("old.db")
    let policy = RetentionPolicy(
      keepMilliseconds: 0, intervalMilliseconds: 5, archive: RetentionPolicy.archive(to: archive))
    try await running(engine(retention: policy)) { engine in
      func wait(_ address: InstanceAddress, until isReached: (InstanceView) -> Bool) async throws {
        // Changes may be swept before anybody has seen them; how it ended stays.
        try await eventually("\(address.key) has come so far") {
          try await engine.instance(address).map(isReached) ?? false
        }
      }
      let address = try await Shop.place("o1", cents: 10, engine)
      try await wait(address) { $0.status.isFinal }
      // The journal keeps its last row, so something has to come after what goes.
      try await wait(try await Shop.place("o2", cents: 10, engine)) { $0.status.isFinal }
      try await wait(address) { $0.instance == nil }
    }
    #expect(try reader(archive).instance(InstanceAddress(saga: "shop", key: "o1")) != nil)
  }

  @Test("goes nowhere while the clock is held, by which everything may seem old")
  func held() async throws {
    let policy = RetentionPolicy(keepMilliseconds: 1, intervalMilliseconds: 3_600_000)
    try await running(engine()) { engine in
      let address = try await Shop.place("o1", cents: 10, engine)
      _ = try await Shop.settled(address, engine)
      _ = try await Shop.settled(try await Shop.place("o2", cents: 10, engine), engine)
      let farAhead = WallClock.now.advanced(byMilliseconds: 10 * 365 * 86_400_000)
      try await engine.runner.ask { $0.holdClock() }
      try await engine.prune(by: policy, now: farAhead)
      #expect(try await engine.instance(address)?.instance != nil)
      _ = try await engine.runner.operate(.confirmClock(by: "anna", reason: "it is right"))
      try await engine.prune(by: policy, now: farAhead)
      #expect(try await engine.instance(address)?.instance == nil)
    }
  }

  @Test("a backup is made beside the running engine, and is one after a restore")
  func backup() async throws {
    let copy = folder.file("copy.db")
    try await running(engine()) { engine in
      _ = try await Shop.settled(try await Shop.place("o1", cents: 10, engine), engine)
      try await engine.backUp(to: copy)
      await #expect(throws: SQLiteStoreError.self) { try await engine.backUp(to: copy) }
    }
    #expect(try SQLiteStore.restore(path: copy, now: WallClock.now, options: Folder.options) > 2)
    #expect(try reader(copy).instance(InstanceAddress(saga: "shop", key: "o1"))?.status == .completed)
  }

  @Test("of two backups to one name at once one is made, whole, and the other refused")
  func backupsToOneName() async throws {
    let copies = (0..<8).map { folder.file("copy-\($0).db") }
    try await running(engine()) { engine in
      for number in 0..<10 { _ = try await Shop.place("o\(number)", cents: 10, engine) }
      for copy in copies {
        let made = await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<2 {
            group.addTask { (try? await engine.backUp(to: copy)) != nil }
          }
          return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(made == 1)
      }
    }
    for copy in copies {
      let connection = try Connection(path: copy, access: .mainFileAlone, busyTimeoutMilliseconds: 0)
      #expect(try connection.text("PRAGMA integrity_check") == "ok")
      connection.close()
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.filter { $0.contains("partial") } == [])
  }

  @Test(
    "archived twice, because a crash came before the deletion, is archived once; rows of another journal are refused")
  func again() throws {
    let store = try folder.writer()
    let rows = [
      JournalRow(
        sequence: 1, at: Timestamp(milliseconds: 1), kind: .outgoing, slot: Slot(value: 0),
        decided: DecidedRecord(.recorded).encode())
    ]
    let path = folder.file("old.db")
    for _ in 0..<2 {
      let archive = try SQLiteArchive(path: path)
      try archive.append(rows, from: store)
      archive.close()
    }
    let archive = try SQLiteArchive(path: path)
    var other = rows
    other[0].at = Timestamp(milliseconds: 2)
    #expect(throws: SQLiteStoreError.self) { try archive.append(other, from: store) }
    archive.close()
    let kept = try SQLiteStore(path: path, options: Folder.options, mode: .reader)
    #expect(try kept.journal(after: 0, limit: 10) == rows)
  }
}
