import CSQLite
import Foundation
import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

/// A service's own connection behind its lock.
///
/// `@unchecked Sendable`: the handle is used only while the lock is held.
final class OwnConnection: SQLiteConnectionLender, @unchecked Sendable {
  private let lock = NSLock()
  private var handle: OpaquePointer?

  init(_ path: String, pragmas: String = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON") {
    sqlite3_open(path, &handle)
    sqlite3_exec(handle, pragmas, nil, nil, nil)
    sqlite3_exec(handle, "CREATE TABLE IF NOT EXISTS note(text TEXT)", nil, nil, nil)
  }

  deinit { sqlite3_close_v2(handle) }

  func withConnection<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
    lock.lock()
    defer { lock.unlock() }
    return try body(handle!)
  }

  /// A transaction of the service's own, as any library would run it.
  func write<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
    try withConnection { handle in
      sqlite3_exec(handle, "BEGIN IMMEDIATE", nil, nil, nil)
      do {
        let value = try body(handle)
        guard sqlite3_exec(handle, "COMMIT", nil, nil, nil) == SQLITE_OK else { throw Crash(what: "COMMIT") }
        return value
      } catch {
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
        throw error
      }
    }
  }

  func integer(_ sql: String) -> Int64? {
    try? withConnection { handle in
      var statement: OpaquePointer?
      defer { sqlite3_finalize(statement) }
      sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
      return sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1
    }
  }
}

@Suite("A connection that the service lends", .timeLimit(.minutes(10)))
struct BorrowedConnectionTests {
  private let folder = Folder()

  private func engine(_ own: OwnConnection, outbox: Outbox) throws -> SagaEngine {
    try SagaEngine(
      source: .sqlite(borrowing: own), definitions: Shop.definitions(),
      participants: [Shop.payments(), Shop.stock()], routes: [.events("output", transport: outbox)])
  }

  @Test("The service's own transaction publishes, and the saga that it starts runs on the same connection")
  func publishes() async throws {
    let own = OwnConnection(folder.database)
    let outbox = Outbox()
    let engine = try engine(own, outbox: outbox)
    try await running(engine) { engine in
      // The tables are there once the engine has opened the database.
      _ = try await engine.read { try $0.statistics() }
      try own.write { handle in
        sqlite3_exec(handle, "INSERT INTO note VALUES('mine')", nil, nil, nil)
        try SQLiteOutbox.within(handle) { transaction in
          _ = try transaction.publish(
            "OrderPlaced", ["orderId": "o1", "cents": 10], source: "/checkout", orderingKey: "o1")
        }
      }
      try await engine.noticeTransactions()
      let view = try await Shop.settled(InstanceAddress(saga: "shop", key: "o1"), engine)
      #expect(view.status == .completed)
      let sent = try await outbox.wait(for: 2).map(\.type)
      #expect(sent == ["OrderPlaced", "OrderDone"])
    }
    #expect(own.integer("SELECT count(*) FROM note") == 1)
    #expect(own.integer("SELECT sum(cents) FROM booking") == 10)
    #expect(own.integer("PRAGMA application_id") == 0, "the header is the service's")
    #expect(own.integer("PRAGMA user_version") == 0)
  }

  @Test("A transaction that the service rolls back has published nothing")
  func rollsBack() async throws {
    let own = OwnConnection(folder.database)
    let outbox = Outbox()
    try await running(try engine(own, outbox: outbox)) { engine in
      _ = try await engine.read { try $0.statistics() }
      #expect(throws: Crash.self) {
        try own.write { handle in
          try SQLiteOutbox.within(handle) { _ = try $0.publish("Gone", [:], source: "/s", orderingKey: "1") }
          throw Crash(what: "changed its mind")
        }
      }
      try own.write { handle in
        try SQLiteOutbox.within(handle) { _ = try $0.publish("Kept", [:], source: "/s", orderingKey: "1") }
      }
      // Nobody tells the engine: it looks by itself.
      let sent = try await outbox.wait(for: 1).map(\.type)
      #expect(sent == ["Kept"])
    }
  }

  @Test("The engine and the service write in turns, many times, and nothing is lost or doubled")
  func inTurns() async throws {
    let own = OwnConnection(folder.database)
    let outbox = Outbox()
    try await running(try engine(own, outbox: outbox)) { engine in
      _ = try await engine.read { try $0.statistics() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          group.addTask {
            if number % 2 == 0 {
              _ = try await Shop.place("o\(number)", cents: 1, engine)
            } else {
              try own.write { handle in
                try SQLiteOutbox.within(handle) {
                  _ = try $0.publish("Noted", ["n": .int(Int64(number))], source: "/s", orderingKey: "\(number)")
                }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      let sent = try await outbox.wait(for: 40)
      #expect(sent.count { $0.type == "Noted" } == 20)
      #expect(sent.count { $0.type == "OrderDone" } == 20)
      #expect(Set(sent.map(\.id)).count == 40)
    }
    #expect(own.integer("SELECT sum(cents) FROM booking") == 20)
    #expect(own.integer("SELECT count(*)=max(seq) FROM journal") == 1, "without gaps")
  }

  @Test("A connection that is not set up as the engine needs it is refused, with what is wrong and the mend")
  func unsuitable() throws {
    for (pragmas, words) in [
      ("PRAGMA journal_mode=DELETE", "journal_mode"),
      ("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=OFF", "foreign_keys"),
      ("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA synchronous=NORMAL", "synchronous"),
    ] {
      let own = OwnConnection(Folder().file("x.db").replacingOccurrences(of: "/x.db", with: ".db"), pragmas: pragmas)
      let error = #expect(throws: StoreOpenError.self) { try BorrowedSQLiteStore(own) }
      #expect(error?.description.contains(words) == true)
    }
    let own = OwnConnection(folder.database)
    _ = try own.write { sqlite3_exec($0, "CREATE TABLE lane(mine INTEGER)", nil, nil, nil) }
    let error = #expect(throws: StoreOpenError.self) { try BorrowedSQLiteStore(own) }
    #expect(error?.description.contains("a table lane of its own") == true)
  }

  @Test("Publishing without a transaction, or lending one that is open, is refused")
  func open() throws {
    let own = OwnConnection(folder.database)
    let store = try BorrowedSQLiteStore(own)
    #expect(throws: ServiceTransactionError.self) {
      try own.withConnection { try SQLiteOutbox.within($0) { _ in } }
    }
    _ = try own.withConnection { sqlite3_exec($0, "BEGIN", nil, nil, nil) }
    #expect(throws: ServiceTransactionError.self) { try store.recover() }
  }

  @Test("A transaction that SQLite rolls back inside the outbox's closure has published nothing, and says so")
  func rolledBack() throws {
    let own = OwnConnection(folder.database)
    let store = try BorrowedSQLiteStore(own)
    _ = try own.withConnection { sqlite3_exec($0, "CREATE TABLE item(id INTEGER PRIMARY KEY)", nil, nil, nil) }
    for isByHandle in [false, true] {
      #expect {
        try own.write { handle in
          try SQLiteOutbox.within(handle) { transaction in
            try transaction.execute("INSERT INTO item VALUES(1)")
            let sql = "INSERT OR ROLLBACK INTO item VALUES(1)"
            if isByHandle {
              _ = try transaction.withHandle { sqlite3_exec($0, sql, nil, nil, nil) }
            } else {
              _ = try? transaction.execute(sql)
            }
            _ = try? transaction.execute("INSERT INTO item VALUES(2)")
            _ = try transaction.publish("Gone", [:], source: "/s", orderingKey: "1")
          }
        }
      } throws: {
        if case SQLiteStoreError.transactionRolledBack = $0 { true } else { false }
      }
    }
    #expect(own.integer("SELECT count(*) FROM item") == 0)
    #expect(try store.recover().lastSequence == 0)
  }

  @Test("What a work begins by itself, after SQLite has rolled its transaction back, is not taken for the engine's")
  func beginsAnew() throws {
    let own = OwnConnection(folder.database)
    let store = try BorrowedSQLiteStore(own)
    _ = try own.withConnection { sqlite3_exec($0, "CREATE TABLE item(id INTEGER PRIMARY KEY)", nil, nil, nil) }
    let insert: (any ServiceTransaction) throws -> Void = {
      _ = try $0.publish("Noted", [:], source: "/s", orderingKey: "1")
      _ = try SQLiteTransaction.of($0).execute("INSERT INTO item VALUES(1)")
    }
    let beginAnew: (any ServiceTransaction) throws -> Void = {
      try SQLiteTransaction.of($0).withHandle { handle in
        for sql in ["INSERT OR ROLLBACK INTO item VALUES(1)", "BEGIN", "INSERT INTO item VALUES(2)"] {
          sqlite3_exec(handle, sql, nil, nil, nil)
        }
      }
    }
    #expect(throws: CommitError.self) {
      try store.transact([insert, beginAnew, insert], at: time(1), routing: .oneLane())
    }
    #expect(own.integer("SELECT count(*) FROM item") == 0)
    #expect(own.integer("SELECT count(*) FROM journal") == 0)
  }

  @Test("Of a work on a lent connection that ends its transaction nobody is told that nothing was done")
  func commits() throws {
    let own = OwnConnection(folder.database)
    let store = try BorrowedSQLiteStore(own)
    let commit: (any ServiceTransaction) throws -> Void = {
      _ = try SQLiteTransaction.of($0).withHandle { sqlite3_exec($0, "COMMIT", nil, nil, nil) }
    }
    #expect {
      try store.transact([commit], at: time(1), routing: .oneLane())
    } throws: {
      if case CommitError.outcomeUnknown = $0 { true } else { false }
    }
  }

  @Test("Pruning moves rows to an archive while the connection is lent, behind the service's lock")
  func archives() async throws {
    let own = OwnConnection(folder.database)
    let archive = folder.file("old.db")
    try await running(try engine(own, outbox: Outbox())) { engine in
      let view = try await Shop.settled(try await Shop.place("o1", cents: 10, engine), engine)
      #expect(view.status == .completed)
      let later = WallClock.now.advanced(byMilliseconds: 1000)
      let never = Timestamp(milliseconds: 0)
      #expect(try await engine.prune(closedBefore: later, forgetBefore: never, archive: archive) > 0)
    }
    let reader = try ShardReader(store: try SQLiteStore(path: archive, options: Folder.options, mode: .reader))
    #expect(try reader.instance(InstanceAddress(saga: "shop", key: "o1"))?.status == .completed)
  }

  @Test("Something temporary that takes the rows of the engine's tables is refused until it is dropped")
  func shadowed() throws {
    let own = OwnConnection(folder.database)
    let store = try BorrowedSQLiteStore(own)
    func run(_ sql: String) throws {
      try own.withConnection { try #require(sqlite3_exec($0, sql, nil, nil, nil) == SQLITE_OK, "\(sql)") }
    }
    func isShadowed(_ error: any Error) -> Bool {
      "\(error)".contains("temporary table, view or trigger") && "\(error)".contains("drop it")
    }
    for (make, drop) in [
      ("CREATE TEMP TABLE Journal AS SELECT * FROM main.journal", "DROP TABLE temp.Journal"),
      ("CREATE TEMP VIEW meta AS SELECT * FROM main.meta", "DROP VIEW temp.meta"),
      ("CREATE TEMP TABLE saga_schema(version)", "DROP TABLE temp.saga_schema"),
      ("CREATE TEMP TRIGGER t BEFORE INSERT ON main.journal BEGIN SELECT RAISE(IGNORE); END", "DROP TRIGGER temp.t"),
    ] {
      try run(make)
      #expect { try store.recover() } throws: { isShadowed($0) }
      #expect {
        try store.commit(CommitBatch(expectedLast: 0, epoch: 1, rows: [Sample.loose(1, .marks)]))
      } throws: {
        if case CommitError.refused(let text) = $0 { isShadowed(Crash(what: text)) } else { false }
      }
      #expect { try own.write { try SQLiteOutbox.within($0) { _ in } } } throws: { isShadowed($0) }
      try run(drop)
    }
    let outcomes = try store.transact(
      [
        {
          try SQLiteTransaction.of($0).execute(
            "CREATE TEMP TABLE consumed(consumer,id,at,body,result,PRIMARY KEY(consumer,id))")
          _ = try $0.consume(CloudEvent(id: "1", source: "/s", type: "Taken"), as: "taken")
        },
        { _ = try $0.consume(CloudEvent(id: "2", source: "/s", type: "Taken"), as: "taken") },
      ], at: time(1), routing: .oneLane()
    ).outcomes
    #expect(outcomes[0].map(isShadowed) == true && outcomes[1] == nil)
    #expect(own.integer("SELECT count(*) FROM main.consumed") == 1)
    #expect(own.integer("SELECT count(*) FROM temp.sqlite_schema") == 0)
  }

  /// Counts what is compiled on a connection.
  private final class Compiled {
    var count = 0
  }

  @Test("A commit on a lent connection compiles nothing")
  func compilesNothing() throws {
    let own = OwnConnection(folder.database)
    let store = try BorrowedSQLiteStore(own, options: Folder.options)
    let compiled = Compiled()
    try withExtendedLifetime(compiled) {
      _ = try own.withConnection { handle in
        sqlite3_exec(handle, "CREATE TEMP TABLE mine(id INTEGER)", nil, nil, nil)
        sqlite3_set_authorizer(
          handle,
          { context, _, _, _, _, _ in
            Unmanaged<Compiled>.fromOpaque(context!).takeUnretainedValue().count += 1
            return SQLITE_OK
          }, Unmanaged.passUnretained(compiled).toOpaque())
      }
      for sequence in Int64(1)...20 {
        // Each is compiled at its first use, and once more when there is an authorizer.
        if sequence == 3 { compiled.count = 0 }
        _ = try store.commit(
          CommitBatch(expectedLast: sequence - 1, epoch: 1, rows: [Sample.loose(sequence, .marks)]))
      }
      #expect(compiled.count == 0)
      _ = try own.withConnection { sqlite3_set_authorizer($0, nil, nil) }
    }
  }

  /// A service that opens its connection anew while an engine uses the old one.
  ///
  /// `@unchecked Sendable`: used by one thread.
  private final class Changing: SQLiteConnectionLender, @unchecked Sendable {
    var lent: OwnConnection
    init(_ lent: OwnConnection) { self.lent = lent }

    func withConnection<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
      try lent.withConnection(body)
    }
  }

  @Test("Another connection than the one that the engine was opened on is refused, and nothing is read or written")
  func other() throws {
    let (first, second) = (OwnConnection(folder.database), OwnConnection(folder.database))
    let lender = Changing(first)
    let store = try BorrowedSQLiteStore(lender)
    lender.lent = second
    #expect {
      try store.recover()
    } throws: {
      if case SQLiteStoreError.otherConnection = $0 { "\($0)".contains("lend that one") } else { false }
    }
    #expect(throws: CommitError.self) {
      try store.commit(CommitBatch(expectedLast: 0, epoch: 1, rows: [Sample.loose(1, .marks)]))
    }
    lender.lent = first
    #expect(try store.recover().lastSequence == 0)
  }
}

@Suite("The store on a lent connection")
struct BorrowedStoreConformanceTests {
  @Test("keeps the contract of stores", arguments: StoreConformance.checks.map(\.name))
  func keepsTheContract(_ name: String) throws {
    let folder = Folder()
    let pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON"
    var connections: [OwnConnection] = []
    func store(_ path: String) throws -> any Store {
      let own = OwnConnection(path, pragmas: pragmas)
      connections.append(own)
      return try BorrowedSQLiteStore(own, options: Folder.options)
    }
    let check = try #require(StoreConformance.checks.first { $0.name == name })
    var count = 0
    try check.run(
      StoreHarness(make: {
        count += 1
        return try store(folder.file("\(count).db"))
      }))
  }
}
