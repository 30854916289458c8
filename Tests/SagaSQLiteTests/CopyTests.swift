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

  @Test("a backup overwrites nothing and leaves nothing half done") func exists() throws {
    let store = try folder.writer()
    let taken = folder.file("taken.db")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: taken))
    #expect { try store.copy(to: BackupDestination(path: taken)) } throws: {
      if case SQLiteStoreError.destinationExists = $0 { true } else { false }
    }
    #expect(FileManager.default.contents(atPath: taken) == Data("mine".utf8))
    #expect(throws: (any Error).self) { try store.copy(to: BackupDestination(path: folder.file("none/x.db"))) }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!files.contains { $0.contains("partial") })
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
}
