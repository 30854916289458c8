import Foundation
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files that appear under their name only when they are whole and on disk.
package enum FileReplacement {
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// What tells this process from all others of this host, also from an earlier one that had its number, as in a container each has.
  private static let process = "\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
  private static let namesMade = Atomic<Int>(0)

  /// A name beside the file that nobody else uses, nor this process for anything else.
  static func temporaryName(for path: String) -> String {
    let number = namesMade.add(1, ordering: .relaxed).newValue
    return ownPrefix(for: path) + "\(process).\(number)"
  }

  /// Removes what processes of this host that have died were making of a file, with what SQLite kept beside it. What this one is making
  /// stays: another of its threads may be about to publish it.
  static func removeAbandoned(of path: String) {
    let prefix = ownPrefix(for: FileInspection.split(path).name)
    for temporary in temporaryNames(of: path) {
      let name = FileInspection.split(temporary).name
      guard name.hasPrefix(prefix) else { continue }
      let rest = name.dropFirst(prefix.count)
      // Older versions had the number of the process alone.
      let maker = rest.prefix { $0.isNumber || $0 == "." }
      guard let processID = pid_t(maker.prefix { $0 != "." }),
        suffixes.contains(String(rest.dropFirst(maker.count)))
      else { continue }
      let isDead =
        processID == getpid() ? !maker.hasPrefix(process + ".") : kill(processID, 0) != 0 && errno == ESRCH
      if isDead { unlink(temporary) }
    }
  }

  private static func temporaryPrefix(for path: String) -> String { "\(path).partial-" }

  private static func ownPrefix(for path: String) -> String {
    let host = HostName.current.map { $0.isLetter || $0.isNumber ? $0 : "-" }
    return temporaryPrefix(for: path) + String(host) + "-"
  }

  /// A file and what SQLite keeps beside it.
  private static let suffixes = ["", "-journal", "-wal", "-shm"]

  /// Also what SQLite may have left beside it.
  static func remove(_ path: String) {
    for suffix in suffixes { unlink(path + suffix) }
  }

  /// Removes files for good: no power loss brings them back.
  ///
  /// - Throws: `SQLiteStoreError.file` for the first that stays.
  static func removeDurably(_ files: [String], beside path: String) throws {
    for file in files {
      if unlink(file) == 0 || errno == ENOENT { continue }
      throw failure(path, "be restored while another database's log lies beside it, and \(file) cannot be removed")
    }
    try synchronizeDirectory(of: path)
  }

  /// Makes the temporary file of another one, empty: what keeps it from being made is said of the file that was asked
  /// for.
  ///
  /// - Parameter source: what will be copied: whoever may not read it may not read its copy either.
  /// - Throws: `SQLiteStoreError.file`.
  static func make(_ partial: String, for path: String, permissionsOf source: String) throws {
    try make(partial, for: path, permissionsOf: source, flags: O_EXCL)
  }

  /// Makes a file where there is none, empty, also where a symbolic link leads to none.
  ///
  /// - Parameter source: whoever may not read it may not read the new file either.
  /// - Throws: `SQLiteStoreError.file`.
  package static func makeMissing(_ path: String, permissionsOf source: String) throws {
    var status = stat()
    if stat(path, &status) == 0 { return }
    try make(path, for: path, permissionsOf: source, flags: 0)
  }

  private static func make(
    _ partial: String, for path: String, permissionsOf source: String, flags: Int32
  ) throws {
    // Nobody else's until it has its permissions: whoever had opened it before could read on.
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
    guard descriptor >= 0 else {
      let reason = SystemError.last.text
      throw SQLiteStoreError.file(
        path: path, operation: "make a file in the directory \(FileInspection.split(path).directory)",
        reason: "\(reason); give this user write access to it, or name another place")
    }
    defer { close(descriptor) }
    var status = stat()
    guard stat(source, &status) == 0 else { throw failure(path, "get the permissions of \(source)") }
    // Its owner may write it, or a database that is out of the reach of writers could not be copied.
    let permissions = (status.st_mode & 0o777) | 0o600
    if fchmod(descriptor, permissions) == 0 { return }
    // To a file that this process has just made nobody forbids it: the file system has no permissions for each file.
    guard errno == EPERM || errno == ENOTSUP else { throw failure(path, "get the permissions of \(source)") }
  }

  /// Gives a finished file its name, unless something has it by now.
  ///
  /// - Throws: `SQLiteStoreError.destinationExists`, `.file`.
  static func publish(_ partial: String, as path: String) throws {
    try synchronize(partial, for: path)
    // Unlike rename, link fails when the name is taken.
    if link(partial, path) == 0 {
      unlink(partial)
    } else if errno == EEXIST {
      throw SQLiteStoreError.destinationExists(path: path)
    } else if exists(path) || rename(partial, path) != 0 {
      throw failure(path, "give the finished file this name")
    }
    try synchronizeDirectory(of: path)
  }

  /// Whether two names are of one file.
  static func areSame(_ path: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return lstat(path, &first) == 0 && lstat(other, &second) == 0 && first.st_dev == second.st_dev
      && first.st_ino == second.st_ino
  }

  /// A process that died while it published a file may have left it under its temporary name too.
  ///
  /// - Parameter path: the file, which keeps this name.
  static func removeTemporaryNames(of path: String) {
    for temporary in temporaryNames(of: path) where areSame(temporary, path) { unlink(temporary) }
  }

  private static func temporaryNames(of path: String) -> [String] {
    let (directory, name) = FileInspection.split(path)
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return entries.filter { $0.hasPrefix(temporaryPrefix(for: name)) }.map { directory + "/" + $0 }
  }

  /// Makes names durable that were given or taken in a file's directory.
  ///
  /// - Throws: `SQLiteStoreError.file`.
  static func synchronizeDirectory(of path: String) throws {
    try synchronize(FileInspection.split(path).directory, for: path, isDirectory: true)
  }

  private static func synchronize(_ file: String, for path: String, isDirectory: Bool = false) throws {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "write it to disk") }
    defer { close(descriptor) }
    if fsync(descriptor) == 0 { return }
    // A file system may have no such thing as the sync of a directory.
    guard isDirectory, errno == EINVAL || errno == ENOTSUP else { throw failure(path, "write it to disk") }
  }

  private static func failure(_ path: String, _ operation: String) -> SQLiteStoreError {
    .file(path: path, operation: operation, reason: SystemError.last.text)
  }
}
