import SagaSQLite
import Testing

@testable import SagaSQLiteFaults

/// Some operations of every shipped saga's run, spread over it, in both journal modes; `saga simulate --crash-points` tries all.
@Suite("Every shipped saga, at every operation of its file system")
struct CrashPointSweepTests {
  static let sweeps = Sagas.names.flatMap { name in SQLiteOnDiskTests.modes.map { (name, $0) } }

  private func options(_ mode: SQLiteOptions.JournalMode, every stride: Int) -> CrashPointSweep.Options {
    var options = CrashPointSweep.Options()
    options.journalMode = mode
    // A prime, so that the points differ in kind.
    options.stride = stride
    return options
  }

  private func expectNothing(_ report: SweepReport) {
    for finding in report.findings { Issue.record("\(report.name), \(report.journalMode): \(finding)") }
    #expect(report.findingCount == 0)
  }

  @Test("comes back from a power loss with what was acknowledged, and to the same end", arguments: sweeps)
  func powerLosses(name: String, mode: SQLiteOptions.JournalMode) throws {
    var options = options(mode, every: 131)
    options.includesFaults = false
    let report = try CrashPointSweep(try Sagas.subject(name), options: options).run()
    expectNothing(report)
    #expect(report.powerLosses > 0)
  }

  @Test("goes on after any fault, or stops and comes back, also when the power goes next", arguments: sweeps)
  func faults(name: String, mode: SQLiteOptions.JournalMode) throws {
    var options = options(mode, every: 499)
    options.includesPowerLosses = false
    let report = try CrashPointSweep(try Sagas.subject(name), options: options).run()
    expectNothing(report)
    #expect(report.faults > 0)
  }

  @Test("makes every operation fail, those too of which SQLite tells nobody", arguments: SQLiteOnDiskTests.modes)
  func everyOperation(mode: SQLiteOptions.JournalMode) throws {
    let sweep = CrashPointSweep(try Sagas.subject("order-fulfillment"), options: options(mode, every: 1))
    let operations = try sweep.record().operations
    #expect(operations.allSatisfy { sweep.faults($0).contains(.ioError) })
    #expect(operations.contains { $0.kind == .syncOfNewName && $0.role != .main })
  }

  @Test("goes on when the name of a rollback journal is not synced, and says which power losses it leaves out then")
  func unseen() throws {
    var options = options(.rollback, every: 31)
    options.includesPowerLosses = false
    options.disturbs = { $0.kind == .syncOfNewName && $0.role == .journal }
    let report = try CrashPointSweep(try Sagas.subject("order-fulfillment"), options: options).run()
    expectNothing(report)
    #expect(report.faults > 0 && report.faultsWithPowerLoss > 0)
    #expect(report.omissions.map(\.reason) == [CrashPointSweep.unprotected])
    #expect(report.omitted > 0 && report.omitted == report.omissions.first?.count)
  }

  @Test("leaves nothing out with a log")
  func nothingLeftOut() throws {
    var options = options(.writeAheadLog, every: 7)
    options.includesPowerLosses = false
    options.disturbs = { $0.kind == .syncOfNewName }
    let report = try CrashPointSweep(try Sagas.subject("order-fulfillment"), options: options).run()
    expectNothing(report)
    #expect(report.faults > 0 && report.omissions.isEmpty)
  }

  @Test("comes back with all or nothing of commits that were joined", arguments: sweeps)
  func joined(name: String, mode: SQLiteOptions.JournalMode) throws {
    var options = options(mode, every: 397)
    options.commitStyle = .joined
    let report = try CrashPointSweep(try Sagas.subject(name), options: options).run()
    expectNothing(report)
    #expect(report.powerLosses > 0 && report.faults > 0)
    var apart = CrashPointSweep.Options()
    apart.journalMode = mode
    let syncs = try [options, apart].map { options in
      try CrashPointSweep(try Sagas.subject(name), options: options).record().operations.filter { $0.kind == .sync }
        .count
    }
    // A saga that nobody answers has nothing to join.
    #expect(name == "expense-claims" ? syncs[0] == syncs[1] : syncs[0] < syncs[1])
  }

  @Test(
    "comes back with a prefix of what was decided ahead of the disk, and nobody heard of more", arguments: Sagas.names)
  func pipelined(name: String) throws {
    var options = options(.writeAheadLog, every: 293)
    options.commitStyle = .pipelined
    let report = try CrashPointSweep(try Sagas.subject(name), options: options).run()
    expectNothing(report)
    #expect(report.powerLosses > 0 && report.faults > 0)
  }

  @Test("folds, spills ids, checkpoints and dead-letters on the way: the run is worth the sweep", arguments: sweeps)
  func script(name: String, mode: SQLiteOptions.JournalMode) throws {
    var options = CrashPointSweep.Options()
    options.journalMode = mode
    let sweep = CrashPointSweep(try Sagas.subject(name), options: options)
    let recording = try sweep.record()
    let outcome = try #require(recording.outcome)
    #expect(outcome.deadLetters.count >= 1 && outcome.instances.count >= 2)
    #expect(outcome.instances.allSatisfy { $0.contains("completed") || $0.contains("compensated") })
    #expect(recording.boundaries.count > 2)
    let kinds = Set(recording.operations.map(\.kind))
    #expect(kinds.isSuperset(of: [.open, .read, .write, .sync, .syncOfNewName, .access, .fileSize, .lock, .unlock]))
    #expect(kinds.contains(.sharedMemoryLock) == (mode == .writeAheadLog))
    #expect(kinds.contains(.syncOfRemoval) == (mode == .rollback))
    let last = try #require(recording.moments.last)
    #expect(last.state.isForgetting && last.state.expected.foldedSequence > 0)
    // The same run, operation by operation.
    #expect(try sweep.record().operations == recording.operations)
  }
}
