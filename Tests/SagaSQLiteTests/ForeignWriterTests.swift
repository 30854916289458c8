import Foundation
import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite struct ForeignWriterTests {
  let folder = Folder()

  private func isForeign(_ error: any Error) -> Bool {
    switch error {
    case SQLiteStoreError.foreignWriter: true
    case CommitError.outcomeUnknown(SQLiteStoreError.foreignWriter): true
    default: false
    }
  }

  @Test("a commit past the lock stops the store for good") func commit() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    let batch = try store.batch([Sample.row(2, of: 1)])
    try folder.foreign().execute("UPDATE meta SET clock_at=5")
    #expect { try store.commit(batch) } throws: { isForeign($0) }
    #expect { try store.commit(batch) } throws: { isForeign($0) }
    #expect { try store.recover() } throws: { isForeign($0) }
    store.close()
    #expect(try folder.writer().recover().lastSequence == 1)
  }

  @Test("a read notices it too") func load() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    try folder.foreign().execute("UPDATE meta SET clock_at=5")
    #expect { try store.load { $0.instances = [1] } } throws: { isForeign($0) }
    #expect { try store.maintain(.checkpoint(truncate: false), budget: PageBudget()) } throws: { isForeign($0) }
  }

  @Test("a transaction that another connection keeps open is a foreign writer") func keepsLock() throws {
    let store = try folder.writer()
    let other = try folder.foreign()
    try other.execute("BEGIN IMMEDIATE")
    #expect { try store.commit(CommitBatch(expectedLast: 0, epoch: 1)) } throws: { isForeign($0) }
  }

  @Test("commits, checkpoints, sweeps and readers of our own are not foreign") func own() throws {
    let store = try folder.writer()
    for sequence in 1...20 {
      try store.add([Sample.loose(JournalSequence(sequence), .marks)])
      let reader = sequence % 2 == 0 ? try folder.reader() : nil
      _ = try store.maintain(.checkpoint(truncate: sequence % 3 == 0), budget: PageBudget())
      _ = try reader?.recover()
    }
    try store.fold(to: 20)
    _ = try store.maintain(.sweep(closedBefore: time(1), through: .max, archive: nil), budget: PageBudget())
    try store.copy(to: BackupDestination(path: folder.file("copy.db")))
    #expect(try store.recover().lastSequence == 20)
  }

  @Test("a file that was moved away is noticed at a checkpoint") func moved() throws {
    let store = try folder.writer()
    try FileManager.default.moveItem(atPath: folder.database, toPath: folder.file("elsewhere.db"))
    #expect { try store.maintain(.checkpoint(truncate: false), budget: PageBudget()) } throws: {
      if case SQLiteStoreError.fileMoved = $0 { true } else { false }
    }
  }

  @Test("after a commit of unknown outcome only recovering helps, and it keeps the lock") func recovers() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    store.phase = .uncertain
    #expect { try store.load { $0.instances = [1] } } throws: {
      if case SQLiteStoreError.needsRecovery = $0 { true } else { false }
    }
    #expect(throws: CommitError.self) { try store.commit(CommitBatch(expectedLast: 1, epoch: 1)) }
    #expect(try store.recover().lastSequence == 1)
    #expect(openFailure { _ = try folder.writer() } != nil)
    try store.add([Sample.row(2, of: 1)])
    #expect(try store.recover().lastSequence == 2)
  }
}
