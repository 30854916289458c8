import CSQLite
import SagaCore
import SagaRuntime
import TestSupport
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite("Transactions of the service", .timeLimit(.minutes(10)))
struct ServiceTransactionTests {
  private let folder = Folder()

  private func withEngine<Value: Sendable>(
    consumers: [Consumer] = [], outbox: Outbox = Outbox(),
    _ body: @escaping @Sendable (SagaEngine) async throws -> Value
  ) async throws -> Value {
    let engine = try SagaEngine(
      database: folder.database, options: Folder.options, definitions: .none, consumers: consumers,
      routes: [.events("output", transport: outbox)])
    return try await running(engine, body)
  }

  @Test("Rows and messages become durable together, and leave in the order of their key")
  func together() async throws {
    let outbox = Outbox()
    let events = try await withEngine(outbox: outbox) { engine in
      for cents in 1...3 {
        try await engine.transaction { (transaction: SQLiteTransaction) in
          try Shop.book("o1", Int64(cents), transaction)
          try transaction.publish("Booked", ["cents": .int(Int64(cents))], source: "/bank", orderingKey: "o1")
        }
      }
      let bookings = try await Shop.bookings(engine)
      #expect(bookings == [1, 2, 3])
      return try await outbox.wait(for: 3)
    }
    #expect(events.map { $0.data?["cents"] } == [1, 2, 3])
    #expect(Set(events.map(\.id)).count == 3)
  }

  @Test("A transaction that throws leaves neither rows nor messages, and does not disturb those beside it")
  func throwing() async throws {
    let outbox = Outbox()
    let events = try await withEngine(outbox: outbox) { engine in
      await withTaskGroup(of: Void.self) { group in
        for cents in 1...20 {
          group.addTask {
            try? await engine.transaction { (transaction: SQLiteTransaction) in
              try Shop.book("o1", Int64(cents), transaction)
              try transaction.publish("Booked", ["cents": .int(Int64(cents))], source: "/bank", orderingKey: "\(cents)")
              if cents % 2 == 0 { throw Crash(what: "even") }
            }
          }
        }
      }
      let bookings = try await Shop.bookings(engine)
      #expect(bookings.sorted() == stride(from: 1, to: 20, by: 2).map { Int64($0) })
      return try await outbox.wait(for: 10)
    }
    #expect(
      Set(events.map { $0.data?["cents"]?.intValue ?? 0 }) == Set(stride(from: 1, to: 20, by: 2).map { Int64($0) }))
  }

  @Test("A message that nobody could read is refused where it is published, and the engine goes on")
  func unreadable() async throws {
    let outbox = Outbox()
    let deep = (0..<64).reduce(JSON.int(1)) { inner, _ in .array([inner]) }
    let sent = try await withEngine(outbox: outbox) { engine in
      func refuses(_ data: JSON, source: String, orderingKey: String) async {
        await #expect(throws: ServiceTransactionError.self) {
          try await engine.transaction { (transaction: SQLiteTransaction) in
            try Shop.book("o1", 1, transaction)
            try transaction.publish("Booked", data, source: source, orderingKey: orderingKey)
          }
        }
      }
      await refuses([:], source: "", orderingKey: "o1")
      await refuses([:], source: "/bank", orderingKey: "o\n1")
      await refuses(["deep": deep], source: "/bank", orderingKey: "o1")
      await refuses(["large": .string(String(repeating: "x", count: 1_100_000))], source: "/bank", orderingKey: "o1")
      #expect(try await Shop.bookings(engine) == [], "the rows beside it are undone")
      let receipt = try await engine.deliver(CloudEvent(id: "", source: "/s", type: "Booked"))
      guard case .deadLettered? = receipt.deliveries.first?.outcome else {
        Issue.record("an event without an id: \(receipt)")
        return try await outbox.wait(for: 0)
      }
      try await engine.transaction { try $0.publish("Booked", [:], source: "/bank", orderingKey: "o1") }
      return try await outbox.wait(for: 1)
    }
    #expect(sent.map(\.type) == ["Booked"])
  }

  @Test("What was in the outbox when the process ended leaves afterwards, with the same id")
  func survives() async throws {
    let closed = Outbox()
    closed.refuse()
    let id = try await withEngine(outbox: closed) { engine in
      try await engine.transaction { try $0.publish("Booked", [:], source: "/bank", orderingKey: "o1").id }
    }
    let opened = Outbox()
    let sent = try await withEngine(outbox: opened) { _ in try await opened.wait(for: 1) }
    #expect(sent.map(\.id) == [id])
    #expect(closed.events == [])
  }

  @Test(
    "The engine's tables cannot be written and the transaction cannot be ended from inside",
    arguments: [
      "INSERT INTO journal(seq,at,kind,slot,decided) VALUES(99,0,1,0,x'00')", "UPDATE instance SET status=3",
      "DELETE FROM consumed", "DROP TABLE journal", "ALTER TABLE lane ADD COLUMN extra", "COMMIT", "ROLLBACK",
      "SAVEPOINT mine", "ATTACH ':memory:' AS other", "PRAGMA synchronous=OFF",
      "CREATE TRIGGER t AFTER INSERT ON journal BEGIN SELECT 1; END", "CREATE INDEX i ON journal(at)",
      "CREATE TEMP TABLE consumed(consumer,id,at,body,result)", "CREATE TABLE temp.Journal(seq)",
      "CREATE TEMP VIEW meta AS SELECT 1", "CREATE VIRTUAL TABLE temp.lane USING fts5(a)",
      "CREATE TEMP TRIGGER t BEFORE INSERT ON main.journal BEGIN SELECT RAISE(IGNORE); END",
    ])
  func guarded(_ sql: String) async throws {
    try await withEngine { engine in
      await #expect(throws: SQLiteError.self) {
        try await engine.transaction { (transaction: SQLiteTransaction) in _ = try transaction.execute(sql) }
      }
      try await engine.transaction { (transaction: SQLiteTransaction) in
        let journal = try transaction.query("SELECT count(*) FROM journal")[0].integer(0)
        #expect(journal != nil, "reading is free")
        try Shop.book("o1", 1, transaction)
      }
    }
  }

  @Test("Temporary tables are the service's own, and take no name of the engine's by being renamed")
  func temporary() async throws {
    try await withEngine { engine in
      let found = try await engine.transaction { (transaction: SQLiteTransaction) in
        try transaction.execute("CREATE TEMP TABLE chosen(id INTEGER)")
        try transaction.execute("INSERT INTO chosen VALUES(1),(2)")
        return try transaction.query("SELECT count(*) FROM chosen")[0].integer(0)
      }
      #expect(found == 2)
      await #expect(throws: SQLiteError.self) {
        try await engine.transaction { (transaction: SQLiteTransaction) in
          _ = try transaction.execute("ALTER TABLE chosen RENAME TO journal")
        }
      }
      let journal = try await engine.transaction { (transaction: SQLiteTransaction) in
        try transaction.query("SELECT count(*) FROM temp.sqlite_schema WHERE name='journal'")[0].integer(0)
      }
      #expect(journal == 0)
    }
  }

  @Test("No consumer can have a name under which the engine remembers ids of keys")
  func reservedConsumer() async throws {
    try await withEngine { engine in
      let taken = CloudEvent(id: "1", source: "/test", type: "Taken")
      await #expect(throws: ServiceTransactionError.self) {
        try await engine.transaction { _ = try $0.consume(taken, as: "key/00") }
      }
      let isFirst = try await engine.transaction { try $0.consume(taken, as: "keys") }
      #expect(isFirst)
    }
  }

  @Test("A text of two statements is refused, not run by half; what changes no rows says so")
  func statements() async throws {
    try await withEngine { engine in
      await #expect(throws: SQLiteError.self) {
        try await engine.transaction { (transaction: SQLiteTransaction) in
          _ = try transaction.execute("CREATE TABLE one(a); CREATE TABLE two(a)")
        }
      }
      let counts = try await engine.transaction { (transaction: SQLiteTransaction) in
        [
          try transaction.execute("CREATE TABLE one(a);"), try transaction.execute("INSERT INTO one VALUES(1),(2)"),
          try transaction.execute("CREATE TABLE two(a)"), try transaction.execute("UPDATE one SET a=3 WHERE a=9"),
        ]
      }
      #expect(counts == [0, 2, 0, 0])
      await #expect(throws: SQLiteError.self) {
        try await engine.transaction { (transaction: SQLiteTransaction) in
          _ = try transaction.execute("INSERT INTO one VALUES(?)")
        }
      }
    }
  }

  @Test("What participants and consumers remember is forgotten with time, and not before")
  func forgets() throws {
    for store in [try folder.writer(), MemoryStore()] as [any TransactionalStore] {
      for (hour, consumer) in [(1, "consumer/a"), (2, "participant/b"), (9, "consumer/a")] {
        _ = try store.transact(
          [
            {
              try $0.remember(
                ConsumedMessage(consumer: consumer, id: hash(UInt64(hour)), at: time(Int64(hour)), body: []))
            }
          ], at: time(Int64(hour)), routing: .oneLane())
      }
      while try !store.maintain(.forget(closedBefore: time(3)), budget: PageBudget(rows: 1)).isFinished {}
      _ = try store.transact(
        [
          {
            let known = [
              try $0.consumed(by: "consumer/a", id: hash(1)), try $0.consumed(by: "participant/b", id: hash(2)),
              try $0.consumed(by: "consumer/a", id: hash(9)),
            ]
            #expect(known.map { $0 != nil } == [false, false, true])
          }
        ], at: time(10), routing: .oneLane())
    }
  }

  /// Has SQLite roll the transaction back, looks away, and goes on.
  private static func lose(_ transaction: SQLiteTransaction) throws {
    try transaction.execute("INSERT INTO item VALUES(1)")
    _ = try? transaction.execute("INSERT OR ROLLBACK INTO item VALUES(1)")
    goOn(transaction)
  }

  private static func goOn(_ transaction: SQLiteTransaction) {
    _ = try? transaction.execute("INSERT INTO item VALUES(2)")
    _ = try? transaction.publish("Gone", [:], source: "/s", orderingKey: "1")
    _ = try? transaction.consume(CloudEvent(id: "1", source: "/s", type: "Gone"), as: "gone")
    _ = try? transaction.withHandle { sqlite3_exec($0, "INSERT INTO item VALUES(3)", nil, nil, nil) }
  }

  private static func isRefusal(_ error: (any Error)?) -> Bool {
    guard case SQLiteStoreError.transactionRolledBack? = error else { return false }
    return "\(error!)".contains("nothing of it was done")
  }

  @Test("What SQLite rolls back by itself is refused from there on, nothing of it is done, and the engine goes on")
  func rolledBack() async throws {
    let outbox = Outbox()
    let sent = try await withEngine(outbox: outbox) { engine in
      try await engine.transaction { (transaction: SQLiteTransaction) in
        try transaction.execute("CREATE TABLE item(id INTEGER PRIMARY KEY)")
        try transaction.execute("CREATE TABLE never(id INTEGER)")
        try transaction.execute(
          "CREATE TRIGGER refuse BEFORE INSERT ON never BEGIN SELECT RAISE(ROLLBACK, 'never'); END")
      }
      await #expect {
        try await engine.transaction { (transaction: SQLiteTransaction) in try Self.lose(transaction) }
      } throws: { Self.isRefusal($0) }
      // One that lets the error through has SQLite's own words, and one by the handle alone cannot go on either.
      await #expect(throws: SQLiteError.self) {
        try await engine.transaction { (transaction: SQLiteTransaction) in
          defer { Self.goOn(transaction) }
          _ = try transaction.execute("INSERT INTO never VALUES(1)")
        }
      }
      await #expect {
        try await engine.transaction { (transaction: SQLiteTransaction) in
          try transaction.withHandle { handle in
            for id in ["INTO item VALUES(1)", "OR ROLLBACK INTO item VALUES(1)", "INTO item VALUES(3)"] {
              sqlite3_exec(handle, "INSERT \(id)", nil, nil, nil)
            }
          }
        }
      } throws: { Self.isRefusal($0) }
      let left = try await engine.transaction { (transaction: SQLiteTransaction) in
        try transaction.publish("Kept", [:], source: "/s", orderingKey: "1")
        return try ["item", "never", "consumed"].reduce(0) {
          try $0 + (transaction.query("SELECT count(*) FROM \($1)")[0].integer(0) ?? 0)
        }
      }
      #expect(left == 0)
      return try await outbox.wait(for: 1)
    }
    #expect(sent.map(\.type) == ["Kept"])
  }

  @Test("What shares a commit with a transaction that SQLite rolls back is told, and what comes after it is done")
  func rolledBackBeside() throws {
    let store = try folder.writer()
    try store.connection.execute("CREATE TABLE item(id INTEGER PRIMARY KEY)")
    func insert(_ id: Int64) -> (any ServiceTransaction) throws -> Void {
      {
        _ = try $0.publish("Noted", [:], source: "/s", orderingKey: "1")
        _ = try SQLiteTransaction.of($0).execute("INSERT INTO item VALUES(?)", .integer(id))
      }
    }
    let lose: (any ServiceTransaction) throws -> Void = { try Self.lose(SQLiteTransaction.of($0)) }
    func items() throws -> String { try store.connection.text("SELECT group_concat(id) FROM item") }
    for isJoined in [false, true] {
      if isJoined { store.joinCommits() }
      let id: Int64 = isJoined ? 20 : 10
      let outcomes = try store.transact([insert(id), lose, insert(id + 1)], at: time(1), routing: .oneLane()).outcomes
      #expect(outcomes.map(Self.isRefusal) == [true, true, false] && outcomes[2] == nil)
      _ = try store.commitJoined()
    }
    #expect(try items() == "11,21")
    #expect(try store.recover().lastSequence == 2)
    // Of what was joined before the engine believes that it is there.
    store.joinCommits()
    _ = try store.transact([insert(30)], at: time(1), routing: .oneLane())
    #expect {
      _ = try store.transact([lose], at: time(1), routing: .oneLane())
    } throws: {
      if case CommitError.outcomeUnknown(SQLiteStoreError.joinedCommitsLost) = $0 { true } else { false }
    }
    #expect(try store.recover().lastSequence == 2)
    #expect(try items() == "11,21")
  }

  @Test("Where there is no room nothing of a transaction is done, whatever it does after that")
  func full() throws {
    let store = try folder.writer { $0.maximumPageCount = 60 }
    try store.connection.execute("CREATE TABLE item(id INTEGER PRIMARY KEY, body BLOB)")
    #expect {
      _ = try store.transact(
        [
          {
            let transaction = try SQLiteTransaction.of($0)
            _ = try? transaction.execute("INSERT INTO item VALUES(1,zeroblob(999999))")
            _ = try? transaction.execute("INSERT INTO item VALUES(2,NULL)")
          }
        ], at: time(1), routing: .oneLane())
    } throws: {
      if case CommitError.full = $0 { true } else { false }
    }
    #expect(try store.connection.integer("SELECT count(*) FROM item") == 0)
  }

  @Test("A transaction is of no use after its closure")
  func ended() async throws {
    try await withEngine { engine in
      let kept = Recorder<Kept>()
      try await engine.transaction { (transaction: SQLiteTransaction) in kept.append(Kept(transaction)) }
      #expect(throws: ServiceTransactionError.self) { try kept.values[0].transaction.execute("SELECT 1") }
    }
  }

  /// `@unchecked Sendable`: used after the engine's thread has let go of it, which is what the test is about.
  private final class Kept: @unchecked Sendable {
    let transaction: SQLiteTransaction
    init(_ transaction: SQLiteTransaction) { self.transaction = transaction }
  }

  @Test("Deferred foreign keys of one transaction do not fail the commit of the others")
  func foreignKeys() async throws {
    try await withEngine { engine in
      try await engine.transaction { (transaction: SQLiteTransaction) in
        try transaction.execute("CREATE TABLE parent(id INTEGER PRIMARY KEY)")
        try transaction.execute(
          "CREATE TABLE child(id INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)")
      }
      let failures = Recorder<String>()
      await withTaskGroup(of: Void.self) { group in
        for (child, parent) in [(7, 8), (1, 1)] {
          group.addTask {
            do {
              try await engine.transaction { (transaction: SQLiteTransaction) in
                try transaction.execute("INSERT INTO child VALUES(?)", .integer(Int64(child)))
                _ = try transaction.execute("INSERT INTO parent VALUES(?)", .integer(Int64(parent)))
              }
            } catch {
              failures.append("\(error)")
            }
          }
        }
      }
      #expect(failures.values.count == 1)
      #expect(failures.values.first?.contains("FOREIGN KEY") == true)
      let children = try await engine.transaction { (transaction: SQLiteTransaction) in
        try transaction.query("SELECT id FROM child").map { $0.integer(0) }
      }
      #expect(children == [1])
    }
  }

  private struct Deposit: Codable, Sendable { var cents: Int64 }

  private static func deposit(_ id: String, _ cents: Int64) -> CloudEvent {
    CloudEvent(id: id, source: "/bank", type: "Deposited", data: ["cents": .int(cents)])
  }

  @Test("A consumer's rows are written once for each event")
  func consumes() async throws {
    var ledger = Consumer("ledger")
    ledger.onInTransaction("Deposited", as: Deposit.self) { deposit, _, transaction in
      try Shop.book("o1", deposit.cents, transaction)
    }
    try await withEngine(consumers: [ledger]) { engine in
      var outcomes: [HandlerReceipt.Outcome] = []
      for event in [Self.deposit("1", 5), Self.deposit("1", 5), Self.deposit("2", 7)] {
        outcomes += try await engine.deliver(event).handled.map(\.outcome)
      }
      #expect(outcomes == [.handled, .duplicate, .handled])
      let bookings = try await Shop.bookings(engine)
      #expect(bookings == [5, 7])
    }
  }

  @Test("An id that comes again with another body is a dead letter, not a second effect")
  func contradicts() async throws {
    var ledger = Consumer("ledger")
    ledger.onInTransaction("Deposited", as: Deposit.self) { deposit, _, transaction in
      try Shop.book("o1", deposit.cents, transaction)
    }
    try await withEngine(consumers: [ledger]) { engine in
      _ = try await engine.deliver(Self.deposit("1", 5))
      let second = try await engine.deliver(Self.deposit("1", 6)).handled
      guard case .deadLettered(_, let message)? = second.first?.outcome else {
        Issue.record("\(second)")
        return
      }
      #expect(message.contains("another body"))
      let bookings = try await Shop.bookings(engine)
      #expect(bookings == [5])
    }
  }

  @Test("An event that a consumer fails on comes again, and is a dead letter when its attempts are used up")
  func poison() async throws {
    let attempts = Recorder<String>()
    var broken = Consumer("broken", policy: ConsumerPolicy(attempts: 3, delayMilliseconds: 1))
    broken.on("Deposited", as: Deposit.self) { _, event in
      attempts.append(event.id)
      throw Crash(what: "no mail server")
    }
    // Published here and taken here: the engine delivers it by itself.
    try await withEngine(consumers: [broken]) { engine in
      try await engine.transaction {
        _ = try $0.publish("Deposited", ["cents": 1], source: "/bank", orderingKey: "o1")
      }
      var letters: [DeadLetterView] = []
      try await eventually("the event is a dead letter") {
        letters = try await engine.read { try $0.deadLetters() }
        return !letters.isEmpty
      }
      #expect(letters[0].fault.code == "consumer.failed")
      #expect(letters[0].fault.message.contains("no mail server"))
      #expect(attempts.values.count == 3)
    }
  }
}
