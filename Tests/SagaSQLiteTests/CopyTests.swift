import CSQLite
import Foundation
import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite struct CopyTests {
  let folder = Folder()

  @Test("a backup is refused by a writer until it is restored, which begins a later epoch") func restores() throws {
    let store = try folder.writer()
    try store.addInstances(3)
    let identity = try store.recover().journalID
    let backup = folder.file("backup.db")
    try store.copy(to: BackupDestination(path: backup))
    try store.add([Sample.loose(4, .marks)])

    let failure = openFailure { _ = try SQLiteStore(path: backup, options: Folder.options) }
    guard case .isCopy? = failure?.cause else {
      Issue.record("\(failure as Any)")
      return
    }
    #expect("\(failure!)".contains("saga restore"))
    // To look at it needs no restoring.
    let reader = try SQLiteStore(path: backup, options: Folder.options, mode: .reader)
    #expect(try reader.recover().lastSequence == 3)
    reader.close()

    #expect(try SQLiteStore.restore(path: backup, now: time(99), options: Folder.options) == 2)
    let restored = try SQLiteStore(path: backup, options: Folder.options)
    let recovered = try restored.recover()
    #expect(recovered.epoch == 2 && recovered.lastSequence == 4 && recovered.journalID == identity)
    let row = try #require(try restored.rows([4]).first)
    #expect(row.kind == .restore && row.at == time(99) && row.instance == nil)
    #expect(String(decoding: row.decided, as: UTF8.self) == "{\"epoch\":2}")
    #expect { try restored.commit(CommitBatch(expectedLast: 4, epoch: 1)) } throws: {
      if case CommitError.fenced(2) = $0 { true } else { false }
    }
    #expect(try store.recover().epoch == 1)
  }

  @Test("a backup that is restored twice has two epochs: neither course repeats message ids of the other")
  func restoredTwice() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    let day = Timestamp(milliseconds: 1_800_000_000_000)
    let epochs = try [day, day.advanced(byMilliseconds: 60_000)].enumerated().map { number, now in
      let backup = folder.file("restored-\(number).db")
      try store.copy(to: BackupDestination(path: backup))
      return try SQLiteStore.restore(path: backup, now: now, options: Folder.options)
    }
    #expect(epochs == [1_800_000_000, 1_800_000_060])
    // A clock that is behind gives a later one all the same.
    let backup = folder.file("restored-0.db")
    #expect(try SQLiteStore.restore(path: backup, now: time(99), options: Folder.options) == 1_800_000_001)
  }

  @Test("a backup is one whole file, made by a writer or a reader") func oneFile() throws {
    let store = try folder.writer()
    try store.addInstances(2)
    let reader = try folder.reader()
    for (number, source) in [store, reader].enumerated() {
      let name = "backup-\(number).db"
      try source.copy(to: BackupDestination(path: folder.file(name)))
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(files.filter { $0.hasPrefix(name) } == [name])
    }
  }

  @Test(
    "a backup has the permissions of its database, and its owner may write it",
    arguments: [(0o600, 0o600), (0o640, 0o640), (0o444, 0o644)])
  func permissions(ofDatabase given: Int, ofBackup expected: Int) throws {
    let store = try folder.writer()
    try store.addInstances(1)
    try FileManager.default.setAttributes([.posixPermissions: given], ofItemAtPath: folder.database)
    let backup = folder.file("backup.db")
    try store.copy(to: BackupDestination(path: backup))
    let attributes = try FileManager.default.attributesOfItem(atPath: backup)
    #expect(attributes[.posixPermissions] as? Int == expected)
  }

  @Test("a backup overwrites nothing and leaves nothing half done") func exists() throws {
    let store = try folder.writer()
    let taken = folder.file("taken.db")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: taken))
    #expect { try store.copy(to: BackupDestination(path: taken)) } throws: {
      if case SQLiteStoreError.destinationExists = $0 { true } else { false }
    }
    #expect(FileManager.default.contents(atPath: taken) == Data("mine".utf8))
    let nowhere = folder.file("none/x.db")
    #expect { try store.copy(to: BackupDestination(path: nowhere)) } throws: {
      "\($0)".hasPrefix("\(nowhere): there is no directory ")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!files.contains { $0.contains("partial") })
  }

  @Test("what a process that died has left under a temporary name is removed, and nobody else's")
  func abandoned() throws {
    let dead = Process()
    dead.executableURL = URL(fileURLWithPath: "/bin/sh")
    dead.arguments = ["-c", "true"]
    try dead.run()
    dead.waitUntilExit()
    let copy = folder.file("copy.db")
    let number = dead.processIdentifier
    let temporary = FileReplacement.temporaryName(for: copy)
    let process = temporary.split(separator: ".").dropLast(2).joined(separator: ".")
    #expect(process.hasSuffix("-\(getpid())"))
    let mine = String(process.dropLast("\(getpid())".count))
    // Also of earlier processes that had this one's number; what tells them apart is less than 2^32.
    let earlier = ["\(getpid())", "\(getpid()).5000000000.1"]
    let left = (["", "-journal", ".5.1", ".5.1-wal"].map { "\(number)" + $0 } + earlier).map { mine + $0 }
    // Of a process that lives, of another host, of nobody, and of another thread of this process.
    let elsewhere = ["else-\(number)", "\(number)"].map { copy + ".partial-" + $0 }
    let others = ["1", "1.5.1", "old", "\(number)-mine"].map { mine + $0 } + elsewhere + [temporary]
    for file in left + others { try Data("x".utf8).write(to: URL(fileURLWithPath: file)) }
    try folder.writer().copy(to: BackupDestination(path: copy))
    #expect(left.filter(FileReplacement.exists) == [])
    #expect(others.filter(FileReplacement.exists) == others)
  }

  @Test("one shard's backup is not restored among files of the database, and all of them are", arguments: [0, 1])
  func mixedWithDatabase(replaced: Int) throws {
    let stores = try SQLiteShards.open(folder.database, count: 2, options: Folder.options)
    let backup = folder.file("backup.db")
    try SQLiteShards.copy(stores, to: backup)
    for store in stores {
      try store.add([Sample.loose(1, .marks)])
      store.close()
    }
    try putBack(replaced, of: backup)
    try expectMixed(1 - replaced)
    try putBack(1 - replaced, of: backup)
    #expect(try SQLiteShards.restore(path: folder.database, now: time(1), options: Folder.options) == 2)
    for store in try SQLiteShards.open(folder.database, options: Folder.options) {
      #expect(try store.rows([1]).first?.kind == .restore)
      store.close()
    }
  }

  @Test("a backup is not restored among files that went on after an earlier restoring; one that was cut off is ended")
  func mixedWithRestored() throws {
    let stores = try SQLiteShards.open(folder.database, count: 2, options: Folder.options)
    let backup = folder.file("backup.db")
    try SQLiteShards.copy(stores, to: backup)
    for store in stores { store.close() }
    #expect(try SQLiteShards.restore(path: folder.database, now: time(1), options: Folder.options) == 2)
    for store in try SQLiteShards.open(folder.database, options: Folder.options) {
      try store.add([Sample.loose(2, .marks)])
      store.close()
    }
    try putBack(0, of: backup)
    try expectMixed(1)
    try putBack(1, of: backup)
    var options = Folder.options
    options.shard = ShardPlace(index: 1, of: 2)
    let second = SQLiteShards.path(folder.database, shard: 1)
    #expect(try SQLiteStore.restore(path: second, now: time(5000), options: options) == 5)
    #expect(try SQLiteShards.restore(path: folder.database, now: time(9000), options: Folder.options) == 5)
    for store in try SQLiteShards.open(folder.database, options: Folder.options) { store.close() }
  }

  /// Puts a shard's backup in its place, as `cp` does it.
  private func putBack(_ shard: Int, of backup: String) throws {
    let path = SQLiteShards.path(folder.database, shard: shard)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: SQLiteShards.path(backup, shard: shard), toPath: path)
  }

  /// Restoring two shards is refused because of one of them, and changes neither.
  private func expectMixed(_ shard: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let paths = (0..<2).map { SQLiteShards.path(folder.database, shard: $0) }
    let before = paths.map { FileManager.default.contents(atPath: $0) }
    let failure = openFailure {
      try SQLiteShards.restore(path: folder.database, now: time(9000), options: Folder.options)
    }
    guard case .mixedBackup? = failure?.cause, let failure else {
      Issue.record("\(failure as Any)", sourceLocation: sourceLocation)
      return
    }
    let name = URL(fileURLWithPath: paths[shard]).lastPathComponent
    #expect(failure.path.hasSuffix("/" + name), sourceLocation: sourceLocation)
    #expect("\(failure)".contains("copy all files of one backup"), sourceLocation: sourceLocation)
    #expect(paths.map { FileManager.default.contents(atPath: $0) } == before, sourceLocation: sourceLocation)
  }

  @Test("a division that fails leaves no copies behind") func failedDivision() throws {
    let store = try folder.writer()
    let inTheWay = SQLiteShards.newPath(folder.database, shard: 2)
    try FileManager.default.createDirectory(atPath: inTheWay, withIntermediateDirectories: false)
    let division = try ShardDivision(of: store, into: 3, homes: [:])
    #expect {
      try division.run()
    } throws: {
      if case SQLiteStoreError.destinationExists = $0 { true } else { false }
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.filter { $0.contains("shard") } == [URL(fileURLWithPath: inTheWay).lastPathComponent])
    #expect(try SQLiteShards.count(at: folder.database) == 1)
  }

  @Test("a database is not divided that has tables of a service, or is a service's")
  func undividable() throws {
    let store = try folder.writer()
    try store.connection.execute("CREATE TABLE booking(cents INTEGER); CREATE TABLE account(id INTEGER PRIMARY KEY)")
    let error = #expect(throws: SQLiteStoreError.self) { try ShardDivision(of: store, into: 2, homes: [:]) }
    #expect(error.map { "\($0)".contains("(account, booking)") } == true)
    try store.connection.execute("DROP TABLE booking; DROP TABLE account; ANALYZE")
    try ShardDivision(of: store, into: 2, homes: [:]).run()
    store.close()

    let lent = Folder()
    let own = OwnConnection(lent.database)
    _ = try BorrowedSQLiteStore(own, options: Folder.options)
    let guest = try lent.writer()
    defer { guest.close() }
    #expect {
      try ShardDivision(of: guest, into: 2, homes: [:])
    } throws: {
      if case SQLiteStoreError.guestUndividable = $0 { true } else { false }
    }
    guest.close()
    _ = try BorrowedSQLiteStore(own, options: Folder.options)
  }

  @Test("a plain copy of the file is restored as well; a database in use is not") func plain() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    let failure = openFailure { try SQLiteStore.restore(path: folder.database, now: time(1), options: Folder.options) }
    guard case .locked? = failure?.cause else {
      Issue.record("\(failure as Any)")
      return
    }
    store.close()
    #expect(try SQLiteStore.restore(path: folder.database, now: time(1), options: Folder.options) == 2)
    #expect(try SQLiteStore.restore(path: folder.database, now: time(1), options: Folder.options) == 3)
    #expect(try folder.writer().recover().lastSequence == 3)
  }

  @Test("nothing is restored from a file that is not there") func missing() {
    let failure = openFailure { try SQLiteStore.restore(path: folder.database, now: time(1), options: Folder.options) }
    guard case .notFound? = failure?.cause else {
      Issue.record("\(failure as Any)")
      return
    }
  }

  #if os(Linux)
    @Test("a copy that cannot be made is named as it was asked for, not by its temporary name")
    func unwritable() throws {
      let store = try folder.writer()
      // Nobody makes a file there, not even root.
      #expect { try store.copy(to: BackupDestination(path: "/proc/x.db")) } throws: {
        "\($0)".hasPrefix("/proc/x.db: cannot make a file in the directory /proc: ") && !"\($0)".contains("partial")
      }
    }
  #endif
}

/// What lies beside a backup that was copied over the database of an engine that was killed.
@Suite struct ForeignLogTests {
  let folder = Folder()

  /// A backup of three rows in the place of a database of four, whose log is still there.
  private func overwritten() throws -> Folder {
    let store = try folder.writer()
    try store.addInstances(3)
    let backup = folder.file("backup.db")
    try store.copy(to: BackupDestination(path: backup))
    try store.add([Sample.loose(4, .marks)])
    let killed = Folder()
    try folder.copyFiles(to: killed)
    store.close()
    try replace(killed.database, by: backup)
    return killed
  }

  /// As `cp` does it.
  private func replace(_ path: String, by other: String) throws {
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: other, toPath: path)
  }

  @Test("a backup that has it beside it is neither read nor written") func refused() throws {
    let killed = try overwritten()
    for mode in [SQLiteStore.Mode.reader, .writer] {
      let failure = openFailure { _ = try SQLiteStore(path: killed.database, options: Folder.options, mode: mode) }
      guard case .foreignLog? = failure?.cause else {
        Issue.record("\(failure as Any)")
        continue
      }
      #expect("\(failure!)".contains("saga restore"))
    }
    #expect(FileInspection.size(of: killed.database + "-wal") > 0)
  }

  @Test("restoring removes it before SQLite can mix it into the backup", arguments: [false, true])
  func removed(throughShards: Bool) throws {
    let killed = try overwritten()
    let (path, options) = (killed.database, Folder.options)
    let restore = throughShards ? SQLiteShards.restore(path:now:options:) : SQLiteStore.restore(path:now:options:)
    #expect(try restore(path, time(1), options) == 2)
    let reader = try killed.reader()
    defer { reader.close() }
    #expect(try reader.recover().lastSequence == 4)
    #expect(try reader.rows([4]).first?.kind == .restore)
    #expect(try reader.connection.text("PRAGMA integrity_check") == "ok")
  }

  @Test("it is removed beside the backup of a service's database, whose header is the service's")
  func guest() throws {
    let backup = folder.file("backup.db")
    let killed = Folder()
    let own = OwnConnection(folder.database)
    let store = try BorrowedSQLiteStore(own, options: Folder.options)
    try store.copy(to: BackupDestination(path: backup))
    try own.withConnection { handle in
      let sql = "INSERT INTO note VALUES('later'); UPDATE meta SET clock_at=77"
      try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
    }
    try folder.copyFiles(to: killed)
    try replace(killed.database, by: backup)
    let failure = openFailure { _ = try killed.reader() }
    guard case .foreignLog? = failure?.cause else {
      Issue.record("\(failure as Any)")
      return
    }
    #expect(try SQLiteStore.restore(path: killed.database, now: time(1), options: Folder.options) == 2)
    let restored = OwnConnection(killed.database)
    #expect(restored.integer("SELECT count(*) FROM note") == 0)
    #expect(restored.integer("SELECT clock_at FROM meta") == 0)
    #expect(restored.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'") == 1)
  }

  @Test("it is looked for beside every shard") func shards() throws {
    let stores = try SQLiteShards.open(folder.database, count: 2, options: Folder.options)
    let backup = folder.file("backup.db")
    try SQLiteShards.copy(stores, to: backup)
    let killed = Folder()
    for (index, store) in stores.enumerated() {
      try store.add([Sample.loose(1, .marks)])
      let from = SQLiteShards.path(folder.database, shard: index)
      let path = SQLiteShards.path(killed.database, shard: index)
      try FileManager.default.copyItem(atPath: from + "-wal", toPath: path + "-wal")
      try FileManager.default.copyItem(atPath: SQLiteShards.path(backup, shard: index), toPath: path)
    }
    for store in stores { store.close() }
    #expect(try SQLiteShards.restore(path: killed.database, now: time(1), options: Folder.options) == 2)
    let restored = try SQLiteShards.open(killed.database, options: Folder.options)
    defer { for store in restored { store.close() } }
    for store in restored { #expect(try store.rows([1]).first?.kind == .restore) }
  }

  @Test("the log of a restoring that was cut off is none") func cutOff() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    let backup = folder.file("backup.db")
    try store.copy(to: BackupDestination(path: backup))
    // What `restore` does, up to the moment at which the process dies.
    let opened = try Opening.writer(path: backup, options: Folder.options, for: .restoring)
    try opened.connection.execute("BEGIN IMMEDIATE; UPDATE meta SET epoch=7, copied=0; COMMIT")
    let killed = Folder()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: backup + suffix, toPath: killed.database + suffix)
    }
    opened.connection.close()
    #expect(try SQLiteStore.restore(path: killed.database, now: time(99), options: Folder.options) == 8)
  }

  @Test("the log beside a plain copy is its own") func plainCopy() throws {
    let store = try folder.writer()
    try store.addInstances(2)
    let copy = Folder()
    try folder.copyFiles(to: copy)
    #expect(try SQLiteStore.restore(path: copy.database, now: time(1), options: Folder.options) == 2)
    #expect(try copy.reader().recover().lastSequence == 3)
  }

  @Test("a path with signs that mean something in a URI is looked at by its name") func uri() throws {
    let store = try folder.writer()
    let backup = folder.file("a?b#c%41 ü.db")
    try store.copy(to: BackupDestination(path: backup))
    try Data("a log".utf8).write(to: URL(fileURLWithPath: backup + "-wal"))
    #expect(try ForeignLog.isBeside(FileInspection.resolve(backup)))
    #expect(try SQLiteStore.restore(path: backup, now: time(1), options: Folder.options) == 2)
  }
}
