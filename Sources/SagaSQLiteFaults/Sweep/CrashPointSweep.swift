import SagaRuntime
import SagaSQLite
import SagaSimulation

/// Runs a script once on a simulated disk and then disturbs it at every operation of the file system: a power loss with every
/// kind of survival, and every fault with what the engine makes of it. After each the database must open and be sound, hold
/// exactly what was acknowledged (or that and the commit in flight, whole), and a run that goes on must come to the same end.
///
/// Exhaustive in the manner of SQLite's own I/O and crash tests (`sqlite.org/testing.html`, sections 3.2 and 3.3).
public struct CrashPointSweep {
  /// What a sweep tries.
  public struct Options: Sendable {
    /// How SQLite makes transactions whole.
    public var journalMode = SQLiteOptions.JournalMode.writeAheadLog
    /// When what is decided becomes durable.
    public var commitStyle = CommitStyle.apart
    /// Disturbs every `stride`th point only.
    public var stride = 1
    /// How many different subsets of the unsynced survive in the reordered power losses of one point.
    public var subsets = 4
    /// Whether the power is taken away at every point.
    public var includesPowerLosses = true
    /// Whether every operation is made to fail.
    public var includesFaults = true
    /// With the faults: power losses in the operations after one, during recovery and in what is done on its result.
    public var includesFaultsWithPowerLoss = true
    /// How many operations after a fault the power may go.
    public var powerLossWithin = 80
    /// Which operations are made to fail, every `stride`th of them: for tests of some kind of them.
    var disturbs: @Sendable (DiskOperation) -> Bool = { _ in true }
    /// Everything is tried, at every point.
    public init() {}
  }

  /// Faults that are planted to prove that a sweep finds them.
  public struct Planted {
    /// Put between the engine and the store.
    public var store: (any Store) -> any Store = { $0 }
    /// What the disk does besides.
    public var disk: (DiskOperation) -> DiskFault? = { _ in nil }
    /// Nothing is planted.
    public init() {}
  }

  /// What is run.
  public let subject: SweepSubject
  /// What is tried.
  public let options: Options
  let planted: Planted

  /// A sweep of one subject.
  public init(_ subject: SweepSubject, options: Options = Options(), planted: Planted = Planted()) {
    self.subject = subject
    self.options = options
    self.planted = planted
  }

  /// Sweeps.
  ///
  /// - Throws: what the undisturbed run throws; whatever goes wrong in a disturbed one is a finding.
  public func run() throws -> SweepReport {
    let recording = try record()
    var report = SweepReport(name: subject.name, journalMode: options.journalMode.rawValue)
    report.commitStyle = options.commitStyle
    report.operations = recording.operations.count
    report.rows = recording.rows
    report.commits = recording.commits
    report.crashPoints = recording.moments.count
    if options.includesPowerLosses { try sweepPowerLosses(recording, &report) }
    if options.includesFaults { sweepFaults(recording, &report) }
    return report
  }

  func machine(_ disk: SimulatedDisk? = nil) throws -> SimulatedSQLite {
    try SimulatedSQLite(options: SimulatedSQLite.options(journalMode: options.journalMode), disk: disk)
  }
}
