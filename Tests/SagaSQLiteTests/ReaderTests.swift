import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite struct ReaderTests {
  let folder = Folder()

  @Test("a reader sees one moment while the writer goes on") func snapshot() throws {
    let store = try folder.writer()
    try store.addInstances(2)
    let reader = try folder.reader()
    try store.addMore(3)
    try store.fold([Sample.instance(1, wakeAt: 5)], to: 3)
    #expect(try reader.recover().lastSequence == 2)
    #expect(try reader.recover().foldedSequence == 0)
    #expect(try reader.journal(after: 0, limit: 10).count == 2)
    #expect(try reader.wakes(through: time(100), after: nil, limit: 10).isEmpty)
    #expect(try reader.load { $0.instances = [1] }.instances[1] == Sample.instance(1))
    #expect(try folder.reader().recover().lastSequence == 3)
  }

  @Test("a reader refuses to write, and holds no lock") func writesNothing() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    store.close()
    let reader = try folder.reader()
    #expect(reader.lock == nil)
    #expect { try reader.add([Sample.loose(2, .dead)]) } throws: {
      guard case CommitError.outcomeUnknown(SQLiteStoreError.readOnly) = $0 else { return false }
      return true
    }
    #expect(throws: SQLiteStoreError.self) {
      try reader.maintain(.checkpoint(truncate: false), budget: PageBudget())
    }
    #expect(try reader.recover().lastSequence == 1)
  }

  @Test("a reader holds the log back, statistics say so, and the writer goes on") func pins() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    _ = try store.maintain(.checkpoint(truncate: true), budget: PageBudget())
    try store.addMore(2)
    var reader: SQLiteStore? = try folder.reader()
    try store.addMore(3)
    for truncate in [false, true] {
      let progress = try store.maintain(.checkpoint(truncate: truncate), budget: PageBudget())
      #expect(!progress.isFinished && progress.changed < progress.examined)
      #expect(try store.statistics().pinnedFrames > 0)
    }
    try store.addMore(4)
    #expect(try reader?.recover().lastSequence == 2)
    reader = nil
    #expect(try store.maintain(.checkpoint(truncate: true), budget: PageBudget()).isFinished)
    #expect(try store.statistics().pinnedFrames == 0)
    #expect(try store.recover().lastSequence == 4)
  }

  @Test("a reader after a crash sees what was committed and moves nothing into the database") func afterCrash() throws {
    let store = try folder.writer()
    try store.addInstances(1)
    // The log beside a copy of the file is what a crash leaves.
    let crashed = Folder()
    try folder.copyFiles(to: crashed)
    store.close()
    let sizes = try crashed.sizes()
    do {
      let reader = try crashed.reader()
      #expect(try reader.recover().lastSequence == 1)
      reader.close()
    }
    #expect(try crashed.sizes() == sizes)
    #expect(try crashed.writer().recover().lastSequence == 1)
  }

  @Test("statistics have sizes") func statistics() throws {
    let store = try folder.writer()
    try store.addInstances(10)
    let statistics = try store.statistics()
    #expect(statistics.pageSizeBytes == 4096 && statistics.pageCount > 10)
    #expect(statistics.logFileBytes > 4096 && statistics.logFrames > 0)
    #expect(try folder.reader().statistics().databaseBytes == statistics.databaseBytes)
  }
}

extension SQLiteStore {
  fileprivate func addMore(_ sequence: JournalSequence) throws { try add([Sample.loose(sequence, .marks)]) }
}
