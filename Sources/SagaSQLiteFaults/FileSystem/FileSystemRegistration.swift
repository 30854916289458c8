import CSQLite

/// A machine's entry in SQLite's list of file systems, for as long as the machine lives.
final class FileSystemRegistration {
  private let entry: UnsafeMutablePointer<sqlite3_vfs>
  private let name: UnsafeMutablePointer<CChar>

  init(name: String) {
    self.name = UnsafeMutablePointer<CChar>.allocate(capacity: name.utf8.count + 1)
    for (index, byte) in name.utf8.enumerated() { self.name[index] = CChar(bitPattern: byte) }
    self.name[name.utf8.count] = 0
    entry = .allocate(capacity: 1)
    entry.initialize(to: sqlite3_vfs())
    entry.pointee.iVersion = 2
    entry.pointee.szOsFile = Int32(MemoryLayout<OpenFileSlot>.size)
    entry.pointee.mxPathname = 512
    entry.pointee.zName = UnsafePointer(self.name)
    entry.pointee.xOpen = openFile
    entry.pointee.xDelete = deleteFile
    entry.pointee.xAccess = accessFile
    entry.pointee.xFullPathname = fullPathname
    entry.pointee.xRandomness = randomness
    entry.pointee.xSleep = { _, microseconds in microseconds }
    entry.pointee.xCurrentTime = { _, time in
      time?.pointee = Double(julianMilliseconds) / 86_400_000
      return SQLITE_OK
    }
    entry.pointee.xCurrentTimeInt64 = { _, time in
      time?.pointee = julianMilliseconds
      return SQLITE_OK
    }
    entry.pointee.xGetLastError = { _, _, _ in 0 }
  }

  /// Not owned: the machine owns the registration.
  func attach(_ machine: SimulatedMachine) {
    entry.pointee.pAppData = Unmanaged.passUnretained(machine).toOpaque()
    let code = sqlite3_vfs_register(entry, 0)
    precondition(code == SQLITE_OK, "SQLite takes no file system: \(code)")
  }

  deinit {
    sqlite3_vfs_unregister(entry)
    entry.deallocate()
    name.deallocate()
  }
}

/// 2026-01-01 in milliseconds of the Julian day, SQLite's clock.
private let julianMilliseconds: Int64 = 2_461_041 * 86_400_000 + 43_200_000

private func machine(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> SimulatedMachine {
  Unmanaged<SimulatedMachine>.fromOpaque(vfs!.pointee.pAppData).takeUnretainedValue()
}

private func role(_ flags: Int32) -> FileRole {
  if flags & SQLITE_OPEN_MAIN_DB != 0 { return .main }
  if flags & SQLITE_OPEN_WAL != 0 { return .writeAheadLog }
  return flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL) != 0 ? .journal : .temporary
}

private func role(ofPath path: String) -> FileRole {
  path.hasSuffix("-wal") ? .writeAheadLog : path.hasSuffix("-journal") ? .journal : .main
}

private func openFile(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<sqlite3_file>?,
  _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
  let machine = machine(vfs)
  let slot = UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFileSlot.self)
  // Without methods SQLite does not close what was not opened.
  slot.pointee.base.pMethods = nil
  let role = role(flags)
  if let fault = machine.begin(.open, role) { return fault.code(.open) }
  let path = path.map { String(cString: $0) }
  let found = path.flatMap(machine.disk.number(of:))
  let isNew = found == nil
  if isNew && flags & SQLITE_OPEN_CREATE == 0 { return SQLITE_CANTOPEN }
  if !isNew && flags & SQLITE_OPEN_EXCLUSIVE != 0 { return SQLITE_CANTOPEN }
  // A file that goes when it is closed needs no name at all.
  let number = found ?? machine.disk.create(flags & SQLITE_OPEN_DELETEONCLOSE != 0 ? nil : path)
  let makesJournal = flags & SQLITE_OPEN_CREATE != 0 && (role == .journal || role == .writeAheadLog)
  let opened = OpenFile(machine, number: number, role: role, needsDirectorySync: makesJournal)
  slot.pointee.file = Unmanaged.passRetained(opened)
  slot.pointee.base.pMethods = UnsafePointer(FileMethods.table)
  outFlags?.pointee = flags
  return SQLITE_OK
}

private func deleteFile(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?, _ syncsDirectory: Int32
) -> Int32 {
  let machine = machine(vfs)
  let path = String(cString: path!)
  let role = role(ofPath: path)
  if let fault = machine.begin(.delete, role) { return fault.code(.delete) }
  guard machine.disk.remove(path) else { return IOErrorCode.deleteNothing }
  guard syncsDirectory != 0 else { return SQLITE_OK }
  if let fault = machine.begin(.syncOfRemoval, role) { return fault.code(.syncOfRemoval) }
  machine.disk.syncNames()
  return SQLITE_OK
}

private func accessFile(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?, _ flags: Int32,
  _ answer: UnsafeMutablePointer<Int32>?
) -> Int32 {
  let machine = machine(vfs)
  let path = String(cString: path!)
  if let fault = machine.begin(.access, role(ofPath: path)) { return fault.code(.access) }
  // As SQLite's file system for Unix has it, an empty file does not exist.
  let number = machine.disk.number(of: path)
  let isThere = number.flatMap { machine.disk.files[$0] }.map { $0.cached.count > 0 } ?? false
  answer?.pointee = isThere ? 1 : 0
  return SQLITE_OK
}

private func fullPathname(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?, _ count: Int32,
  _ target: UnsafeMutablePointer<CChar>?
) -> Int32 {
  guard let path, let target else { return SQLITE_CANTOPEN }
  var length = 0
  while path[length] != 0 { length += 1 }
  guard length < Int(count) else { return SQLITE_CANTOPEN }
  target.update(from: path, count: length + 1)
  return SQLITE_OK
}

/// No chance: SQLite asks the default file system for its own seed anyway, and nothing here needs more.
private func randomness(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ count: Int32, _ target: UnsafeMutablePointer<CChar>?
) -> Int32 {
  for index in 0..<Int(count) { target?[index] = CChar(truncatingIfNeeded: index &* 31 &+ 7) }
  return count
}
