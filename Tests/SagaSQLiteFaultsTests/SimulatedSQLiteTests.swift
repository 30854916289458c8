import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@testable import SagaSQLiteFaults

@Suite("A store on a simulated machine")
struct SimulatedSQLiteTests {
  private func row(_ sequence: JournalSequence) -> JournalRow {
    JournalRow(
      sequence: sequence, at: Timestamp(milliseconds: 0), kind: .parked, slot: Slot(value: 0), input: [9], decided: [4])
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
}
