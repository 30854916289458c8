/// The file system of one simulated machine: what its processes see, and what a power loss leaves.
///
/// A value: copies share their pages, so one can be kept for every operation of a run. Files have a name only once a sync of
/// the directory made the name durable, as POSIX promises no more: SQLite syncs the directory after it made or removed a
/// journal.
///
/// The model of unsynced writes follows SQLite's own crash tests (`test6.c`: an ordered list of writes of which any may be
/// missing or torn), the failing fsync Rebello et al., "Can Applications Recover from fsync Failures?" (USENIX ATC 2020).
public struct SimulatedDisk: Sendable {
  typealias FileNumber = Int

  struct Name: Sendable {
    var path: String
    var file: FileNumber
  }

  /// A name made (`file`) or removed (nil) since the last sync of the directory.
  struct NameChange: Sendable {
    var serial: Int
    var path: String
    var file: FileNumber?
  }

  /// By number; nil once nothing refers to it any more.
  var files: [SimulatedFile?] = []
  /// What processes see.
  private(set) var names: [Name] = []
  private(set) var durableNames: [Name] = []
  private(set) var pendingNames: [NameChange] = []
  /// Counts changes and syncs: the order in which they were made.
  private(set) var serial = 0
  /// `serial` at the last sync: equal for disks of one run that are the same after a power loss that takes everything unsynced.
  private(set) var lastSync = 0

  /// An empty disk.
  public init() {}

  /// The paths of all files, sorted.
  public var paths: [String] { names.map(\.path).sorted() }

  /// The bytes of a file as a process would read them; nil when there is no such file.
  public func contents(_ path: String) -> [UInt8]? {
    guard let number = number(of: path), let file = files[number] else { return nil }
    return [UInt8](unsafeUninitializedCapacity: file.cached.count) { buffer, count in
      count = file.cached.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
    }
  }

  /// How many changes a power loss may undo.
  public var unsyncedChanges: Int { files.reduce(pendingNames.count) { $0 + ($1?.pending.count ?? 0) } }

  func number(of path: String) -> FileNumber? { names.first { $0.path == path }?.file }

  /// Makes a file; without a path one that nobody else can open.
  mutating func create(_ path: String?) -> FileNumber {
    files.append(SimulatedFile())
    let number = files.count - 1
    if let path { rename(path, to: number) }
    return number
  }

  /// - Returns: false when there is no such file.
  mutating func remove(_ path: String) -> Bool {
    guard number(of: path) != nil else { return false }
    rename(path, to: nil)
    return true
  }

  private mutating func rename(_ path: String, to number: FileNumber?) {
    serial += 1
    pendingNames.append(NameChange(serial: serial, path: path, file: number))
    SimulatedDisk.apply(pendingNames[pendingNames.count - 1], to: &names)
  }

  static func apply(_ change: NameChange, to names: inout [Name]) {
    names.removeAll { $0.path == change.path }
    if let file = change.file { names.append(Name(path: change.path, file: file)) }
  }

  mutating func write(_ number: FileNumber, _ bytes: UnsafeRawBufferPointer, at offset: Int) {
    serial += 1
    files[number]?.write(bytes, at: offset, serial: serial)
  }

  mutating func resize(_ number: FileNumber, to size: Int) {
    serial += 1
    files[number]?.resize(to: size, serial: serial)
  }

  mutating func sync(_ number: FileNumber) {
    serial += 1
    lastSync = serial
    files[number]?.sync()
  }

  mutating func failSync(_ number: FileNumber) {
    serial += 1
    files[number]?.failSync()
  }

  /// Makes all names durable as they are.
  mutating func syncNames() {
    serial += 1
    lastSync = serial
    durableNames = names
    pendingNames.removeAll()
    releaseFiles()
  }

  mutating func opened(_ number: FileNumber) { files[number]?.openCount += 1 }

  mutating func closed(_ number: FileNumber) {
    files[number]?.openCount -= 1
    releaseFiles()
  }

  /// Frees the contents of files that have neither a name nor a process that has them open.
  private mutating func releaseFiles() {
    for number in files.indices where files[number]?.openCount == 0 {
      let isNamed =
        names.contains { $0.file == number } || durableNames.contains { $0.file == number }
        || pendingNames.contains { $0.file == number }
      if !isNamed { files[number] = nil }
    }
  }

  /// What the next process finds when all are killed: everything, and what is not synced still is not.
  public func afterKill() -> SimulatedDisk {
    var disk = self
    for number in disk.files.indices { disk.files[number]?.openCount = 0 }
    disk.releaseFiles()
    return disk
  }

  /// What is left after a power loss: no process has anything open.
  init(files: [SimulatedFile?], names: [Name], serial: Int) {
    self.files = files
    self.names = names
    durableNames = names
    self.serial = serial
    releaseFiles()
  }
}
