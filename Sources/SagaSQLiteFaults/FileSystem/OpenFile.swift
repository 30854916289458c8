import CSQLite

/// A file that a connection has open.
final class OpenFile {
  let machine: SimulatedMachine
  let number: SimulatedDisk.FileNumber
  let role: FileRole
  private let generation: Int
  /// A new journal's name becomes durable with the first sync of the journal, as SQLite's own file system for Unix does it.
  private var needsDirectorySync: Bool
  /// `SQLITE_LOCK_NONE` … `SQLITE_LOCK_EXCLUSIVE`.
  var lockLevel = SQLITE_LOCK_NONE
  var sharedMemory: SharedMemory?
  /// Slots of the shared memory that this file has locked, one bit each.
  var sharedSlots: UInt32 = 0
  var exclusiveSlots: UInt32 = 0

  init(_ machine: SimulatedMachine, number: SimulatedDisk.FileNumber, role: FileRole, needsDirectorySync: Bool) {
    self.machine = machine
    self.number = number
    self.role = role
    self.needsDirectorySync = needsDirectorySync
    generation = machine.generation
    machine.openFiles.append(self)
    machine.disk.opened(number)
  }

  /// Whether its process is alive.
  var isAlive: Bool { generation == machine.generation }

  /// Other open files of the same name.
  var others: some Sequence<OpenFile> { machine.openFiles.lazy.filter { $0.number == self.number && $0 !== self } }

  /// Counts an operation.
  ///
  /// - Returns: what goes wrong with it; nil when it may be done.
  private func begin(_ kind: DiskOperation.Kind, _ offset: Int = 0, _ count: Int = 0) -> DiskFault? {
    isAlive ? machine.begin(kind, role, offset, count) : .powerLoss
  }

  /// As `begin`, for operations that are done whole or not at all.
  func refusal(_ kind: DiskOperation.Kind, _ offset: Int = 0, _ count: Int = 0) -> Int32? {
    begin(kind, offset, count)?.code(kind)
  }

  func close() {
    releaseSharedMemory()
    guard isAlive else { return }
    machine.openFiles.removeAll { $0 === self }
    machine.disk.closed(number)
  }

  func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) -> Int32 {
    if let code = refusal(.read, offset, target.count) { return code }
    let count = machine.disk.files[number]?.cached.read(into: target, at: offset) ?? 0
    return count == target.count ? SQLITE_OK : IOErrorCode.shortRead
  }

  func write(_ source: UnsafeRawBufferPointer, at offset: Int) -> Int32 {
    if let fault = begin(.write, offset, source.count) {
      if case .shortWrite(let count) = fault {
        machine.disk.write(number, UnsafeRawBufferPointer(rebasing: source.prefix(count)), at: offset)
      }
      return fault.code(.write)
    }
    machine.disk.write(number, source, at: offset)
    return SQLITE_OK
  }

  func truncate(to size: Int) -> Int32 {
    if let code = refusal(.truncate, size) { return code }
    machine.disk.resize(number, to: size)
    return SQLITE_OK
  }

  func sync() -> Int32 {
    if let fault = begin(.sync) {
      if fault == .ioError { machine.disk.failSync(number) }
      return fault.code(.sync)
    }
    machine.disk.sync(number)
    if needsDirectorySync {
      needsDirectorySync = false
      if machine.begin(.syncOfNewName, role) == nil { machine.disk.syncNames() }
    }
    return SQLITE_OK
  }

  /// The store's own sync of the names, whose error it does get to see.
  func syncDirectory() -> Int32 {
    if let code = refusal(.syncOfNewName) { return code }
    machine.disk.syncNames()
    return SQLITE_OK
  }

  func size(_ size: inout Int64) -> Int32 {
    if let code = refusal(.fileSize) { return code }
    size = Int64(machine.disk.files[number]?.cached.count ?? 0)
    return SQLITE_OK
  }
}
