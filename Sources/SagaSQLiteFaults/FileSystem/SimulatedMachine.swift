import CSQLite
import Synchronization

/// A machine with a `SimulatedDisk`, as SQLite sees it: a file system (`sqlite3_vfs`) of its own, with locks and the shared
/// memory of the write-ahead log on the heap, a clock that stands still and no chance.
///
/// Confined to one thread, with all connections to it. Open files keep the machine alive.
public final class SimulatedMachine {
  /// What SQLite knows the file system by: `SQLiteOptions.fileSystem = .named(…)`.
  public let fileSystemName: String
  /// What is on the medium and what waits to be synced.
  public internal(set) var disk: SimulatedDisk
  /// Asked before every operation; may look at `disk`, which is as it is before the operation.
  public var fault: ((DiskOperation) -> DiskFault?)?
  /// Operations since the machine was made.
  public internal(set) var operationCount = 0
  /// The power is off: every operation fails until `restart`.
  public private(set) var isDown = false
  /// Files opened before the last start belong to a process that is gone.
  private(set) var generation = 0
  var openFiles: [OpenFile] = []
  private let registration: FileSystemRegistration

  private static let machinesMade = Atomic<Int>(0)

  /// - Parameter disk: what is on it at first, such as a database made before.
  public init(disk: SimulatedDisk = SimulatedDisk()) {
    self.disk = disk
    let number = Self.machinesMade.add(1, ordering: .relaxed).newValue
    fileSystemName = "simulated-\(number)"
    registration = FileSystemRegistration(name: fileSystemName)
    registration.attach(self)
  }

  /// The power goes: from now on every operation of every process fails.
  public func losePower() { isDown = true }

  /// The machine starts with what a power loss leaves of its disk. Connections of before are of no use; closing them does
  /// nothing to the disk.
  public func restart(with disk: SimulatedDisk) {
    self.disk = disk
    isDown = false
    endProcesses()
  }

  /// The machine's processes die and the system lives on: nothing is lost, all locks are gone.
  public func killProcesses() {
    for file in openFiles { disk.closed(file.number) }
    endProcesses()
  }

  private func endProcesses() {
    generation += 1
    openFiles.removeAll()
  }

  /// Counts an operation and says what goes wrong with it.
  func begin(_ kind: DiskOperation.Kind, _ role: FileRole, _ offset: Int = 0, _ count: Int = 0) -> DiskFault? {
    let operation = DiskOperation(index: operationCount, kind: kind, role: role, offset: offset, count: count)
    operationCount += 1
    if isDown { return .powerLoss }
    guard let fault = fault?(operation) else { return isDown ? .powerLoss : nil }
    if fault == .powerLoss { isDown = true }
    // Nobody can pretend what must be answered.
    if fault == .pretence, kind == .open || !kind.isChange { return nil }
    return fault
  }
}

extension DiskFault {
  /// What SQLite gets to see.
  func code(_ kind: DiskOperation.Kind) -> Int32 {
    switch self {
    case .pretence: SQLITE_OK
    case .full: kind == .open ? SQLITE_CANTOPEN : kind == .sharedMemoryMap ? IOErrorCode.sharedMemorySize : SQLITE_FULL
    case .busy: SQLITE_BUSY
    case .ioError, .shortWrite, .powerLoss:
      switch kind {
      case .open: SQLITE_CANTOPEN
      case .read: IOErrorCode.read
      case .write: IOErrorCode.write
      case .truncate: IOErrorCode.truncate
      case .sync: IOErrorCode.sync
      case .syncOfNewName, .syncOfRemoval: IOErrorCode.directorySync
      case .delete: IOErrorCode.delete
      case .access: IOErrorCode.access
      case .fileSize: IOErrorCode.fileSize
      case .lock: IOErrorCode.lock
      case .unlock: IOErrorCode.unlock
      case .checkReservedLock: IOErrorCode.checkReservedLock
      case .sharedMemoryMap: IOErrorCode.sharedMemoryMap
      case .sharedMemoryLock: IOErrorCode.sharedMemoryLock
      }
    }
  }
}
