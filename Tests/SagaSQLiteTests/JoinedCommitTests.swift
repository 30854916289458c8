import SagaCore
import Testing

@testable import SagaRuntime
@testable import SagaSQLite
@testable import SagaTesting

@Suite("Commits that are joined") struct JoinedCommitTests {
  let folder = Folder()

  /// Without asking the store where its journal ends: whoever recovers gives joined commits up.
  private func add(
    _ rows: [JournalRow], to store: SQLiteStore, after last: JournalSequence,
    _ change: (inout CommitBatch) -> Void = { _ in }
  ) throws {
    var batch = CommitBatch(expectedLast: last, epoch: 1, rows: rows)
    change(&batch)
    _ = try store.commit(batch)
  }

  private func isRefused(_ error: any Error) -> Bool { if case CommitError.refused = error { true } else { false } }

  @Test("are seen by their own connection at once, by others and by the next process only when they are durable")
  func visibility() throws {
    let store = try folder.writer()
    try store.add([Sample.loose(1, .dead)])
    store.joinCommits()
    try add([Sample.loose(2, .dead)], to: store, after: 1)
    try add([Sample.loose(3, .dead)], to: store, after: 2)
    #expect(try store.journal(after: 0, limit: 9).map(\.sequence) == [1, 2, 3])
    #expect(try folder.reader().journal(after: 0, limit: 9).map(\.sequence) == [1])
    let crashed = Folder()
    try folder.copyFiles(to: crashed)
    #expect(try crashed.writer().recover().lastSequence == 1)
    #expect(try store.commitJoined()?.lastSequence == 3)
    #expect(try folder.reader().journal(after: 0, limit: 9).map(\.sequence) == [1, 2, 3])
    // From now on each is its own again.
    try store.add([Sample.loose(4, .dead)])
    #expect(try folder.reader().recover().lastSequence == 4)
  }

  @Test("cost nothing where none came") func none() throws {
    let store = try folder.writer()
    store.joinCommits()
    #expect(try store.commitJoined() == nil)
    #expect(try store.commitJoined() == nil)
    try store.add([Sample.loose(1, .dead)])
  }

  @Test("keep what came before and after one that is refused") func refused() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    store.joinCommits()
    try add([], to: store, after: 1) { $0.keys = [.insert(hash(1), 1)] }
    #expect {
      try add([Sample.row(2, of: 1)], to: store, after: 1) {
        $0.keys = [.insert(hash(2), 1), .insert(hash(1), 1)]
      }
    } throws: {
      isRefused($0)
    }
    let gap = CommitBatch(expectedLast: 1, epoch: 1, rows: [Sample.loose(9, .dead)])
    #expect { try store.commit(gap) } throws: { isRefused($0) }
    try add([Sample.row(2, of: 1)], to: store, after: 1)
    #expect(try store.commitJoined()?.lastSequence == 2)
    let loaded = try store.load { $0.keys = [hash(1), hash(2)] }
    #expect(loaded.keys == [hash(1): 1])
  }

  @Test("may be transactions of the service, each whole or not at all") func service() throws {
    struct Declined: Error {}
    let store = try folder.writer()
    try store.connection.execute("CREATE TABLE orders(id INTEGER PRIMARY KEY) STRICT")
    let routing = ServiceRouting { _, _ in ([], nil) }
    store.joinCommits()
    let outcomes = try store.transact(
      [
        { try ($0 as! SQLiteTransaction).execute("INSERT INTO orders VALUES(1)") },
        {
          try ($0 as! SQLiteTransaction).execute("INSERT INTO orders VALUES(2)")
          throw Declined()
        },
      ], at: time(1), routing: routing
    ).outcomes
    #expect(outcomes[0] == nil && outcomes[1] is Declined)
    try add([Sample.loose(1, .dead)], to: store, after: 0)
    #expect(try folder.reader().query("SELECT count(*) FROM orders").first?[0] == .integer(0))
    _ = try store.commitJoined()
    #expect(try folder.reader().query("SELECT id FROM orders").map { $0[0] } == [.integer(1)])
  }

  @Test("are none of them there when the file is full at the end, and the store says that it must recover") func full()
    throws
  {
    let store = try folder.writer()
    try store.add([Sample.loose(1, .dead)])
    let pages = try store.connection.integer("PRAGMA page_count")
    try store.connection.execute("PRAGMA max_page_count=\(pages + 1)")
    store.joinCommits()
    try add([Sample.loose(2, .dead)], to: store, after: 1)
    let large = JournalRow(
      sequence: 3, at: time(1), kind: .dead, slot: Slot(value: 0), input: [UInt8](repeating: 7, count: 100_000),
      decided: [1])
    #expect(throws: CommitError.self) { try add([large], to: store, after: 2) }
    #expect(throws: SQLiteStoreError.self) { try store.journal(after: 0, limit: 9) }
    #expect(try store.recover().lastSequence == 1)
    try store.connection.execute("PRAGMA max_page_count=100000")
    try store.add([Sample.loose(2, .dead)])
  }

  @Test("are given up by whoever recovers instead of ending them") func abandoned() throws {
    let store = try folder.writer()
    store.joinCommits()
    try add([Sample.loose(1, .dead)], to: store, after: 0)
    #expect(try store.recover().lastSequence == 0)
    try store.add([Sample.loose(1, .dead)])
    store.joinCommits()
    try add([Sample.loose(2, .dead)], to: store, after: 1)
    store.close()
    #expect(try folder.writer().recover().lastSequence == 1)
  }

  @Test("come to what single ones come to, with fewer waits for the disk") func engine() throws {
    func run(_ joins: Bool, _ folder: Folder) throws -> (rows: [JournalRow], frames: Int) {
      let store = try folder.writer()
      let engine = try ShardEngine(
        store: store, machines: try Parcel.machines(), configuration: EngineConfiguration(), now: time(0))
      for number in 1...20 {
        if joins { engine.joinCommits() }
        let messages = [
          Parcel.message("o\(number)", "Opened", ["id": .string("p\(number)")]),
          Parcel.message("p\(number)", "Paid", ["id": .string("p\(number)")]),
        ]
        for message in messages { _ = try engine.offer([message], now: time(Int64(number))) }
        while try engine.tick(now: time(Int64(number))).hasMore {}
        try engine.commitJoined()
      }
      return (try store.journal(after: 0, limit: 1000), store.connection.logFrames)
    }
    let (apart, joined) = (try run(false, Folder()), try run(true, Folder()))
    // Ids are made of the journal's, which differs.
    #expect(
      joined.rows.map { [$0.sequence, $0.at.milliseconds, $0.instance ?? 0, $0.revision ?? 0] }
        == apart.rows.map { [$0.sequence, $0.at.milliseconds, $0.instance ?? 0, $0.revision ?? 0] })
    #expect(joined.frames < apart.frames)
  }
}
