import Foundation
import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite struct OpeningTests {
  let folder = Folder()

  private func refusals(_ path: String) -> [StoreOpenError] {
    [SQLiteStore.Mode.writer, .reader].compactMap { mode in
      openFailure { _ = try SQLiteStore(path: path, options: Folder.options, mode: mode) }
    }
  }

  /// Both modes refuse, with a text that names the file.
  private func expectRefusals(
    _ path: String, sourceLocation: SourceLocation = #_sourceLocation, _ isExpected: (StoreOpenError.Cause) -> Bool
  ) {
    let found = refusals(path)
    #expect(found.count == 2, sourceLocation: sourceLocation)
    for refusal in found {
      #expect(isExpected(refusal.cause), "\(refusal)", sourceLocation: sourceLocation)
      #expect("\(refusal)".contains((path as NSString).lastPathComponent), sourceLocation: sourceLocation)
    }
  }

  @Test("a writer sets the file up as the rules say") func pragmas() throws {
    let store = try SQLiteStore(path: folder.database)
    func value(_ name: String) throws -> String { try store.connection.text("PRAGMA \(name)") }
    let expected = [
      "page_size": "4096", "auto_vacuum": "0", "journal_mode": "wal", "synchronous": "2", "wal_autocheckpoint": "0",
      "journal_size_limit": "67108864", "locking_mode": "normal", "foreign_keys": "1", "trusted_schema": "0",
      "secure_delete": "0", "temp_store": "2", "mmap_size": "0", "cache_size": "-65536", "busy_timeout": "5000",
      "application_id": "\(0x5341_4741)", "user_version": "2",
    ]
    for (name, wanted) in expected.sorted(by: { $0.key < $1.key }) {
      #expect(try value(name) == wanted, "\(name)")
    }
    #expect(try store.connection.integer("SELECT length(slots) FROM meta") == 512)
  }

  @Test("a missing file is made only by a writer that may") func missing() throws {
    let refused = openFailure { _ = try folder.writer { $0.createIfMissing = false } }
    for failure in [refused, openFailure { _ = try folder.reader() }] {
      guard case .notFound? = failure?.cause else {
        Issue.record("\(failure as Any)")
        continue
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    expectRefusals(folder.file("none/saga.db")) { if case .directoryNotFound = $0 { true } else { false } }
    expectRefusals(":memory:") { if case .noFile = $0 { true } else { false } }
  }

  @Test("an empty file is a new database, as a creation that was cut off leaves it") func empty() throws {
    try Data().write(to: URL(fileURLWithPath: folder.database))
    #expect(try folder.writer().recover().epoch == 1)
  }

  @Test("a text file is no database and stays as it is", arguments: [10, 5_000]) func text(size: Int) throws {
    let contents = Data(repeating: UInt8(ascii: "x"), count: size)
    try contents.write(to: URL(fileURLWithPath: folder.database))
    expectRefusals(folder.database) { if case .notADatabase = $0 { true } else { false } }
    #expect(FileManager.default.contents(atPath: folder.database) == contents)
  }

  @Test("a directory is refused") func directory() {
    expectRefusals(folder.path) { if case .isDirectory = $0 { true } else { false } }
  }

  @Test("what is no file is refused") func device() {
    expectRefusals("/dev/null") { if case .notRegularFile = $0 { true } else { false } }
  }

  @Test("a truncated database is damaged", arguments: [100, 4096, 9000]) func truncated(size: Int) throws {
    let store = try folder.writer()
    try store.addInstances(50)
    store.close()
    let handle = try #require(FileHandle(forWritingAtPath: folder.database))
    try handle.truncate(atOffset: UInt64(size))
    try handle.close()
    expectRefusals(folder.database) {
      switch $0 {
      case .damaged, .notADatabase: true
      default: false
      }
    }
  }

  @Test("another program's database is refused and stays as it is") func foreign() throws {
    let other = try Connection(
      path: folder.database, access: .readWrite(create: true), busyTimeoutMilliseconds: 0)
    try other.execute("CREATE TABLE customer(id INTEGER)")
    other.close()
    let before = FileManager.default.contents(atPath: folder.database)
    expectRefusals(folder.database) { if case .otherApplication = $0 { true } else { false } }
    #expect(FileManager.default.contents(atPath: folder.database) == before)
  }

  @Test("a database of a newer version is refused with both versions") func newer() throws {
    try folder.writer().close()
    try folder.foreign().execute("PRAGMA user_version=99")
    expectRefusals(folder.database) {
      if case .newerVersion(found: 99, supported: Schema.version) = $0 { true } else { false }
    }
  }

  @Test("a read-only file is for readers") func readOnly() throws {
    try folder.writer().close()
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.database)
    let failure = openFailure { _ = try folder.writer() }
    guard case .notWritable? = failure?.cause else {
      Issue.record("\(failure as Any)")
      return
    }
    #expect(try folder.reader().recover().epoch == 1)
  }

  @Test("a file that has further names is refused by writers: each name has a lock of its own")
  func hardLinks() throws {
    try folder.writer().close()
    let other = folder.file("other.db")
    try #require(link(folder.database, other) == 0)
    for path in [folder.database, other] {
      let failure = openFailure { _ = try SQLiteStore(path: path, options: Folder.options) }
      guard case .severalNames(2)? = failure?.cause else {
        Issue.record("\(failure as Any)")
        continue
      }
      #expect("\(failure!)".contains("saga backup"))
    }
    #expect(try folder.reader().recover().epoch == 1)
    unlink(other)
    try folder.writer().close()
  }

  @Test("a file whose making was cut off while it had a temporary name too keeps the other alone")
  func cutOffNaming() throws {
    try folder.writer().close()
    let temporary = folder.database + ".partial-4711"
    try #require(link(folder.database, temporary) == 0)
    try folder.writer().close()
    #expect(!FileReplacement.exists(temporary))
  }

  @Test("a shard whose naming was cut off while it had two names is opened, and keeps one")
  func cutOffNamingOfShard() throws {
    for store in try SQLiteShards.open(folder.database, count: 2, options: Folder.options) { store.close() }
    let new = SQLiteShards.newPath(folder.database, shard: 1)
    try #require(link(SQLiteShards.path(folder.database, shard: 1), new) == 0)
    let stores = try SQLiteShards.open(folder.database, options: Folder.options)
    #expect(stores.count == 2)
    for store in stores { store.close() }
    #expect(!FileReplacement.exists(new))
  }

  @Test("a plain copy whose log was left behind has nothing in it, and is no other program's")
  func logLeftBehind() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    let copy = folder.file("copy.db")
    try FileManager.default.copyItem(atPath: folder.database, toPath: copy)
    try #require(FileInspection.size(of: copy) > 0)
    let failures = [
      openFailure { _ = try SQLiteStore(path: copy, options: Folder.options, mode: .reader) },
      openFailure { _ = try SQLiteShards.readers(copy, options: Folder.options) },
      openFailure { try SQLiteStore.restore(path: copy, now: time(1), options: Folder.options) },
      openFailure { try SQLiteShards.restore(path: copy, now: time(1), options: Folder.options) },
      openFailure { _ = try SQLiteShards.open(copy, options: Folder.options) },
      openFailure { _ = try SQLiteStore(path: copy, options: Folder.options) },
    ]
    for failure in failures {
      guard case .empty? = failure?.cause else {
        Issue.record("\(failure as Any)")
        continue
      }
      #expect("\(failure!)".contains("copy.db-wal") && "\(failure!)".contains("saga backup"))
    }
    #expect(!MakingMark.isSet(beside: copy) && !MakingMark.isSet(beside: folder.database))
    // Such a file, and a log, are left by a process that died while it made a database: then it is made.
    try Data(count: 64).write(to: URL(fileURLWithPath: copy + "-wal"))
    #expect(try SQLiteShards.count(at: copy) == nil)
    try expectMade(copy)
  }

  @Test("a copy without its log is none in the making because a dead process has left its name in the lock file")
  func deadOwner() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    for suffix in ["", ".lock"] {
      try FileManager.default.copyItem(atPath: folder.database + suffix, toPath: folder.file("died.db" + suffix))
    }
    let died = folder.file("died.db")
    try #require(FileInspection.size(of: died + ".lock") > 0)
    for _ in 0..<2 {
      guard case .empty? = openFailure({ _ = try SQLiteShards.open(died, options: Folder.options) })?.cause else {
        Issue.record("begun anew")
        return
      }
    }
  }

  @Test(
    "a log whose database is missing, or empty, is not given up for a new one, nor removed by a reader",
    arguments: [false, true])
  func logAlone(isEmpty: Bool) throws {
    let store = try folder.writer()
    try store.addInstances(3)
    let killed = Folder()
    try folder.copyFiles(to: killed)
    store.close()
    let (path, log) = (killed.database, killed.database + "-wal")
    let kept = try #require(FileManager.default.contents(atPath: path))
    try FileManager.default.removeItem(atPath: path)
    if isEmpty { try Data().write(to: URL(fileURLWithPath: path)) }
    let size = FileInspection.size(of: log)
    try #require(size > 0)
    let failures = [
      openFailure { _ = try SQLiteStore(path: path, options: Folder.options) },
      openFailure { _ = try SQLiteStore(path: path, options: Folder.options, mode: .reader) },
      openFailure { _ = try SQLiteShards.open(path, options: Folder.options) },
      openFailure { _ = try SQLiteShards.open(path, count: 2, options: Folder.options) },
      openFailure { _ = try SQLiteShards.readers(path, options: Folder.options) },
      openFailure { try SQLiteShards.restore(path: path, now: time(1), options: Folder.options) },
      openFailure { _ = try killed.writer { $0.createIfMissing = false } },
    ]
    for failure in failures {
      guard case .logAlone? = failure?.cause else {
        Issue.record("\(failure as Any)")
        continue
      }
      #expect("\(failure!)".contains(log) && "\(failure!)".contains("put the file back"))
    }
    #expect(FileInspection.size(of: log) == size)
    #expect(FileReplacement.exists(path) == isEmpty)
    #expect(!FileReplacement.exists(SQLiteShards.path(path, shard: 1)), "nothing was made beside it")
    try kept.write(to: URL(fileURLWithPath: path))
    #expect(try killed.writer().recover().lastSequence == 3)
  }

  @Test("a shard's log whose file is missing stays, also while shards are made")
  func logOfShardAlone() throws {
    let log = SQLiteShards.path(folder.database, shard: 1) + "-wal"
    try Data(count: 64).write(to: URL(fileURLWithPath: log))
    let failure = openFailure { _ = try SQLiteShards.open(folder.database, count: 2, options: Folder.options) }
    guard case .logAlone? = failure?.cause else {
      Issue.record("\(failure as Any)")
      return
    }
    #expect(FileInspection.size(of: log) == 64)
    // A process that died while it made the file has left the mark beside it.
    try Data().write(to: URL(fileURLWithPath: MakingMark.path(SQLiteShards.path(folder.database, shard: 1))))
    for store in try SQLiteShards.open(folder.database, count: 2, options: Folder.options) { store.close() }
  }

  @Test("a file that a symbolic link leads to is made where it leads, with the one lock that it has there")
  func danglingLink() throws {
    let other = Folder()
    let (link, target) = (folder.file("link.db"), other.database)
    let middle = folder.file("middle.db")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "middle.db")
    try FileManager.default.createSymbolicLink(atPath: middle, withDestinationPath: target)
    let store = try SQLiteStore(path: link, options: Folder.options)
    #expect(try store.path == FileInspection.resolve(target))
    #expect(!FileReplacement.exists(link + ".lock") && FileReplacement.exists(target + ".lock"))
    for path in [link, middle, target] {
      let failure = openFailure { _ = try SQLiteStore(path: path, options: Folder.options) }
      guard case .locked? = failure?.cause else {
        Issue.record("\(path): \(failure as Any)")
        continue
      }
    }
    store.close()
    for path in [target, target + ".lock"] { try FileManager.default.removeItem(atPath: path) }
    try expectMade(link)
    #expect(FileInspection.size(of: target) > 0)
    let nowhere = folder.file("nowhere.db")
    try FileManager.default.createSymbolicLink(atPath: nowhere, withDestinationPath: "none/saga.db")
    expectRefusals(folder.file("nowhere.db")) { if case .directoryNotFound = $0 { true } else { false } }
    let ring = folder.file("ring.db")
    try FileManager.default.createSymbolicLink(atPath: ring, withDestinationPath: "ring.db")
    expectRefusals(ring) { if case .other = $0 { true } else { false } }
  }

  @Test("shards whose making was cut off are made", arguments: [0, 1])
  func cutOffMakingOfShards(headerBytes: Int) throws {
    let first = folder.file("divided.db")
    let last = SQLiteShards.path(first, shard: 2)
    if headerBytes > 0 { try makeHeader(last) } else { try Data().write(to: URL(fileURLWithPath: last)) }
    try Data().write(to: URL(fileURLWithPath: MakingMark.path(last)))
    let stores = try SQLiteShards.open(first, count: 3, options: Folder.options)
    #expect(stores.count == 3)
    for store in stores { store.close() }
    #expect(!MakingMark.isSet(beside: last))
  }

  @Test("a shard whose log was left behind is not made anew")
  func logOfShardLeftBehind() throws {
    for store in try SQLiteShards.open(folder.database, count: 2, options: Folder.options) { store.close() }
    let shard = SQLiteShards.path(folder.database, shard: 1)
    try FileManager.default.removeItem(atPath: shard)
    try makeHeader(shard)
    let failure = openFailure { _ = try SQLiteShards.open(folder.database, options: Folder.options) }
    guard case .empty? = failure?.cause, failure?.path == shard else {
      Issue.record("\(failure as Any)")
      return
    }
  }

  @Test("a database whose making was cut off before anything was in its log is made", arguments: [true, false])
  func cutOffMaking(withEmptyLog: Bool) throws {
    let made = folder.file("made.db")
    try makeHeader(made)
    if withEmptyLog { try Data().write(to: URL(fileURLWithPath: made + "-wal")) }
    try Data().write(to: URL(fileURLWithPath: MakingMark.path(made)))
    try expectMade(made)
    #expect(!MakingMark.isSet(beside: made))
  }

  private func makeHeader(_ path: String) throws {
    let connection = try Connection(path: path, access: .readWrite(create: true), busyTimeoutMilliseconds: 0)
    try connection.execute(Pragmas.newFile(Folder.options) + ";" + Pragmas.writer(Folder.options))
    connection.close()
    try #require(FileInspection.size(of: path) > 0)
  }

  @Test("a making that fails, for want of room say, can be tried again")
  func failedMaking() throws {
    let made = folder.file("made.db")
    // Fewer pages than the tables need.
    var options = Folder.options
    options.maximumPageCount = 4
    for _ in 0..<2 {
      let failure = openFailure { _ = try SQLiteStore(path: made, options: options) }
      guard case .other(let error)? = failure?.cause else {
        Issue.record("\(failure as Any)")
        return
      }
      #expect(error.code == 13, "SQLITE_FULL")
      // As where there is no room for the log either.
      try Data().write(to: URL(fileURLWithPath: made + "-wal"))
    }
    try #require(FileInspection.size(of: made) > 0)
    try expectMade(made)
  }

  @Test("what a process that died has left half done is taken back by whoever looks, also by a reader")
  func halfATransaction() throws {
    var options = Folder.options
    options.journalMode = .rollback
    let store = try SQLiteStore(path: folder.database, options: options)
    try store.addInstances(1)
    store.close()
    let connection = try Connection(
      path: folder.database, access: .readWrite(create: false), busyTimeoutMilliseconds: 0)
    try connection.execute(
      "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN IMMEDIATE; CREATE TABLE half(done BLOB); INSERT INTO half VALUES(zeroblob(99999))"
    )
    // As the process left it: nobody has the copy open.
    for suffix in ["", "-journal"] {
      try FileManager.default.copyItem(
        atPath: folder.database + suffix, toPath: folder.file("died.db" + suffix))
    }
    connection.close()
    let died = folder.file("died.db")
    try #require(FileInspection.size(of: died + "-journal") > 0)
    for _ in 0..<2 {
      let reader = try SQLiteStore(path: died, options: options, mode: .reader)
      #expect(try reader.page(.instances(statuses: nil, machines: nil), after: nil, limit: 9).instances.count == 1)
      reader.close()
    }
    #expect(FileInspection.size(of: died + "-journal") == 0)
  }

  @Test("an archive that somebody reads is opened for writing when they have done") func readArchive() throws {
    let path = folder.file("old.db")
    try SQLiteArchive(path: path).close()
    let isRead = DispatchSemaphore(value: 0)
    let isDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      do {
        let reader = try SQLiteStore(path: path, options: Folder.options, mode: .reader)
        isRead.signal()
        Thread.sleep(forTimeInterval: 0.3)
        reader.close()
      } catch {
        Issue.record(error)
        isRead.signal()
      }
      isDone.signal()
    }
    isRead.wait()
    #expect(throws: Never.self) { try SQLiteArchive(path: path).close() }
    isDone.wait()
  }

  private func expectMade(_ path: String) throws {
    let made = try SQLiteShards.open(path, options: Folder.options)
    #expect(made.count == 1)
    for store in made {
      #expect(try store.recover().epoch == 1)
      store.close()
    }
  }

  @Test("network file systems are known by their type")
  func networkFileSystems() {
    #expect(NetworkFileSystem.name(ofType: 0x6969) == "NFS")
    #expect(NetworkFileSystem.name(ofType: 0xFF53_4D42) == "SMB")
    #expect(NetworkFileSystem.name(ofType: 0xFE53_4D42) == "SMB")
    for local: UInt32 in [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0x6573_5546] {
      #expect(NetworkFileSystem.name(ofType: local) == nil)
    }
    #expect(NetworkFileSystem.name(of: folder.path) == nil)
  }

  @Test("a closed store answers nothing") func closed() throws {
    let store = try folder.writer()
    store.close()
    #expect(throws: SQLiteStoreError.self) { try store.recover() }
    #expect(throws: CommitError.self) { try store.commit(CommitBatch(expectedLast: 0, epoch: 1)) }
    store.close()
  }
}
