import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@testable import SagaSQLiteFaults

@Suite("A store on a simulated machine")
struct SimulatedSQLiteTests {
  private func row(_ sequence: JournalSequence, bytes: Int = 1) -> JournalRow {
    JournalRow(
      sequence: sequence, at: Timestamp(milliseconds: 0), kind: .parked, slot: Slot(value: 0),
      input: [UInt8](repeating: 9, count: bytes), decided: [4])
  }

  private func add(_ sequence: JournalSequence, to store: SQLiteStore) throws(CommitError) {
    _ = try store.commit(CommitBatch(expectedLast: sequence - 1, epoch: 1, rows: [row(sequence)]))
  }

  @Test("has its commits after a kill and after a power loss", arguments: SQLiteOnDiskTests.modes)
  func survives(mode: SQLiteOptions.JournalMode) throws {
    let simulated = try SimulatedSQLite(options: SimulatedSQLite.options(journalMode: mode))
    let first = try simulated.open()
    #expect(try first.recover().journalID == [UInt8](repeating: 0x5A, count: 16))
    try add(1, to: first)
    simulated.killProcess()
    let second = try simulated.open()
    #expect(try second.recover().lastSequence == 1)
    // The store of before is a dead process's.
    #expect(throws: CommitError.self) { try add(2, to: first) }
    try add(2, to: second)
    simulated.losePower { count, _ in count - 1 }
    let third = try simulated.open()
    #expect(try third.journal(after: 0, limit: 10) == [row(1), row(2)])
    #expect(simulated.machine.disk.contents(SimulatedSQLite.path)?.isEmpty == false)
  }

  @Test("recovers from a commit of unknown outcome on the same machine", arguments: SQLiteOnDiskTests.modes)
  func recovers(mode: SQLiteOptions.JournalMode) throws {
    let simulated = try SimulatedSQLite(options: SimulatedSQLite.options(journalMode: mode))
    let store = try simulated.open()
    try add(1, to: store)
    simulated.fault = { $0.kind == .sync ? .ioError : nil }
    #expect(throws: CommitError.self) { try add(2, to: store) }
    simulated.fault = nil
    let last = try store.recover().lastSequence
    try add(last + 1, to: store)
    simulated.losePower { _, label in "\(label)" == "what survives a power loss" ? 1 : 0 }
    #expect(try simulated.open().recover().lastSequence == last + 1)
  }

  /// What survives when the power takes everything unsynced.
  private func nothing(_ count: Int, _ label: StaticString) -> Int {
    "\(label)" == "what survives a power loss" ? 1 : count - 1
  }

  @Test("does not forget what a start has seen, though its fsync had failed", arguments: SQLiteOnDiskTests.modes)
  func seenIsDurable(mode: SQLiteOptions.JournalMode) throws {
    for failing in [DiskOperation.Kind.sync, .syncOfRemoval] {
      let simulated = try SimulatedSQLite(options: SimulatedSQLite.options(journalMode: mode))
      let store = try simulated.open()
      try add(1, to: store)
      simulated.fault = { $0.kind == failing ? .ioError : nil }
      try? add(2, to: store)
      simulated.fault = nil
      simulated.killProcess()
      let seen = try simulated.open().recover().lastSequence
      simulated.losePower(choose: nothing)
      #expect(try simulated.open().recover().lastSequence == seen)
    }
  }

  @Test("syncs the name of its log itself when SQLite's own sync of the directory failed, or does not open")
  func nameOfTheLog() throws {
    let simulated = try SimulatedSQLite()
    simulated.fault = { $0.kind == .syncOfNewName && $0.role == .writeAheadLog ? .ioError : nil }
    let store = try simulated.open()
    try add(1, to: store)
    simulated.losePower(choose: nothing)
    simulated.fault = nil
    #expect(try simulated.open().recover().lastSequence == 1)
    simulated.killProcess()
    simulated.fault = { $0.kind == .syncOfNewName ? .ioError : nil }
    let refusal = #expect(throws: StoreOpenError.self) { try simulated.open() }
    #expect(refusal.map { "\($0)".contains("directory cannot be synced") } == true)
  }

  /// The log's pages that the failed fsync gave up are gone; of the rest every other piece survives.
  private func withoutLog(seed: Int) -> SimulatedDisk.Choose {
    var turn = seed
    return { count, label in
      if "\(label)" == "what survives a power loss" { return count - 1 }
      if "\(label)" == "a page that a failed sync gave up" { return 1 }
      turn += 1
      return turn % 2
    }
  }

  /// Ways in which a process goes on after a commit of unknown outcome.
  enum Comeback: CaseIterable { case recover, reopen, kill }

  @Test("is sound when the power goes while it recovers from a failed fsync", arguments: Comeback.allCases)
  func powerLossInRecovery(comeback: Comeback) throws {
    for delay in 0..<160 {
      let simulated = try SimulatedSQLite()
      let store = try simulated.open()
      try add(1, to: store)
      simulated.fault = { $0.kind == .sync ? .ioError : nil }
      #expect(throws: CommitError.self) {
        // Enough for the tree to split: the pages of the database fit together only with all of it.
        try store.commit(CommitBatch(expectedLast: 1, epoch: 1, rows: (2...40).map { row($0, bytes: 1000) }))
      }
      let end = simulated.machine.operationCount + delay
      simulated.fault = { $0.index == end ? .powerLoss : nil }
      do {
        switch comeback {
        case .recover: _ = try store.recover()
        case .reopen:
          store.close()
          _ = try simulated.open().maintain(.checkpoint(truncate: true), budget: PageBudget())
        case .kill:
          simulated.killProcess()
          _ = try simulated.open().maintain(.checkpoint(truncate: true), budget: PageBudget())
        }
      } catch {
        #expect(simulated.machine.isDown)
      }
      simulated.fault = nil
      simulated.losePower(choose: withoutLog(seed: delay))
      let after = try simulated.open()
      #expect(try DatabaseImage(simulated.machine).findings == [])
      #expect(try after.recover().lastSequence >= 1)
    }
  }

  @Test("has every commit that returned after a disk that failed for a while", arguments: SQLiteOnDiskTests.modes)
  func failingForAWhile(mode: SQLiteOptions.JournalMode) throws {
    for failures in 1...8 {
      for comeback in Comeback.allCases {
        let simulated = try SimulatedSQLite(options: SimulatedSQLite.options(journalMode: mode))
        var store = try simulated.open()
        try add(1, to: store)
        var left = failures
        simulated.fault = { operation in
          guard operation.kind == .sync || operation.kind == .syncOfRemoval, left > 0 else { return nil }
          left -= 1
          return .ioError
        }
        var last: JournalSequence = 1
        while last < 4 {
          do {
            try add(last + 1, to: store)
            last += 1
          } catch {
            guard let again = try? comeBack(simulated, store, comeback) else { continue }
            store = again.store
            last = again.last
          }
        }
        simulated.disarm()
        simulated.losePower(choose: nothing)
        #expect(try simulated.open().recover().lastSequence == last, "\(failures) failures, \(comeback)")
        #expect(try DatabaseImage(simulated.machine).findings == [])
      }
    }
  }

  private func comeBack(
    _ simulated: SimulatedSQLite, _ store: SQLiteStore, _ comeback: Comeback
  ) throws -> (store: SQLiteStore, last: JournalSequence) {
    switch comeback {
    case .recover: return (store, try store.recover().lastSequence)
    case .reopen: store.close()
    case .kill: simulated.killProcess()
    }
    let opened = try simulated.open()
    return (opened, try opened.recover().lastSequence)
  }

  @Test("fails at the operation that was armed, once")
  func armed() throws {
    let simulated = try SimulatedSQLite()
    let store = try simulated.open()
    simulated.arm(.full, after: 1) { $0.kind == .write }
    #expect(throws: CommitError.self) { try add(1, to: store) }
    try add(1, to: store)
    #expect(try simulated.openReader().recover().lastSequence == 1)
  }
}
