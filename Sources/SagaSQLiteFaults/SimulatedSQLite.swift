import CSQLite
import SagaRuntime
import SagaSQLite

/// A shard's `SQLiteStore` on a simulated machine: real SQLite, and a disk that fails and forgets as it is told.
///
/// `open` gives a store; `arm` makes an operation fail, `fault` any of them; `losePower` and `killProcess` end the store's process, and `open` then finds
/// what is left. A store of before an end throws at every call.
public final class SimulatedSQLite {
  /// The machine, whose disk may be looked at.
  public let machine: SimulatedMachine
  /// How the store is opened.
  public let options: SQLiteOptions
  /// Where the database is on the machine.
  public static let path = "/shard.db"

  /// - Parameters:
  ///   - options: `fileSystem` is set to the machine's.
  ///   - disk: nil for an empty database, made before and shared, so that opening it costs no schema.
  /// - Throws: `StoreOpenError` when no empty database can be made with these options.
  public init(options: SQLiteOptions = SimulatedSQLite.options(), disk: SimulatedDisk? = nil) throws {
    machine = SimulatedMachine(disk: try disk ?? EmptyDatabase.disk(options))
    self.options = options.on(machine)
  }

  /// Options of a store that is opened often: durable commits, a small cache, no waiting, the same identity every time.
  public static func options(journalMode: SQLiteOptions.JournalMode = .writeAheadLog) -> SQLiteOptions {
    var options = SQLiteOptions()
    options.journalMode = journalMode
    options.cacheSizeKiB = 2048
    options.busyTimeoutMilliseconds = 0
    options.journalID = [UInt8](repeating: 0x5A, count: 16)
    return options
  }

  /// Opens the database as its only writer; the store of before must have ended or be closed.
  ///
  /// - Throws: `StoreOpenError`.
  public func open() throws -> SQLiteStore { try SQLiteStore(path: Self.path, options: options) }

  /// One snapshot beside the writer.
  ///
  /// - Throws: `StoreOpenError`.
  public func openReader() throws -> SQLiteStore { try SQLiteStore(path: Self.path, options: options, mode: .reader) }

  /// What goes wrong: asked before every operation of the file system.
  public var fault: ((DiskOperation) -> DiskFault?)? {
    get { machine.fault }
    set { machine.fault = newValue }
  }

  /// Arms one fault, in place of whatever was armed.
  ///
  /// - Parameters:
  ///   - fault: what goes wrong.
  ///   - operations: how many operations that fit pass unharmed before the one that fails.
  ///   - fits: which operations count; nil for all.
  public func arm(_ fault: DiskFault, after operations: Int = 0, where fits: ((DiskOperation) -> Bool)? = nil) {
    var remaining = operations
    self.fault = { operation in
      guard fits?(operation) ?? true else { return nil }
      remaining -= 1
      return remaining == -1 ? fault : nil
    }
  }

  /// For a process that runs simulations on several threads and nothing else: SQLite no longer counts what it allocates. It
  /// counts under one lock, and simulations, which open databases all the time, would wait for each other more than they work.
  ///
  /// - Returns: whether it is so; false where the process has used SQLite before: this must come first.
  @discardableResult
  public static func leaveOutMemoryStatistics() -> Bool { csqlite_leave_out_memory_statistics() == SQLITE_OK }

  /// From now on nothing goes wrong.
  public func disarm() { fault = nil }

  /// The power goes and comes back. What was not synced survives as `choose` says: see `CrashSurvival`.
  public func losePower(choose: SimulatedDisk.Choose) {
    machine.restart(with: machine.disk.afterPowerLoss(choose: choose))
  }

  /// The process is killed; the system, and with it everything written, stays.
  public func killProcess() { machine.killProcesses() }
}

extension SQLiteOptions {
  fileprivate func on(_ machine: SimulatedMachine) -> SQLiteOptions {
    var options = self
    options.fileSystem = .named(machine.fileSystemName)
    return options
  }
}

/// Disks with an empty, migrated database, made once per process and kind.
private enum EmptyDatabase {
  private static let disks = [SQLiteOptions.JournalMode.writeAheadLog, .rollback].map { mode in
    Result { try make(SimulatedSQLite.options(journalMode: mode)) }
  }

  static func disk(_ options: SQLiteOptions) throws -> SimulatedDisk {
    let usual = SimulatedSQLite.options(journalMode: options.journalMode)
    guard options.pageSizeBytes == usual.pageSizeBytes, options.journalID == usual.journalID else {
      return try make(options)
    }
    return try disks[options.journalMode == .writeAheadLog ? 0 : 1].get()
  }

  /// Closed, so that it is one file, and durable.
  private static func make(_ options: SQLiteOptions) throws -> SimulatedDisk {
    let machine = SimulatedMachine()
    let store = try SQLiteStore(path: SimulatedSQLite.path, options: options.on(machine))
    store.close()
    return machine.disk.afterPowerLoss(.kept)
  }
}
