import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files that appear under their name only when they are whole and on disk.
enum FileReplacement {
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// A name beside the file that only this process uses. What processes that died have left under such names is removed.
  static func temporaryName(for path: String) -> String {
    for (temporary, processID) in temporaryNames(of: path) where kill(processID, 0) != 0 && errno == ESRCH {
      unlink(temporary)
    }
    let own = temporaryPrefix(for: path) + "\(getpid())"
    remove(own)
    return own
  }

  private static func temporaryPrefix(for path: String) -> String { "\(path).partial-" }

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
    try synchronize(FileInspection.split(path).directory, for: path, isDirectory: true)
  }

  /// Makes the temporary file of another one, empty: what keeps it from being made is said of the file that was asked
  /// for.
  ///
  /// - Throws: `SQLiteStoreError.file`.
  static func make(_ partial: String, for path: String) throws {
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let reason = SystemError.last.text
      throw SQLiteStoreError.file(
        path: path, operation: "make a file in the directory \(FileInspection.split(path).directory)",
        reason: "\(reason); give this user write access to it, or name another place")
    }
    close(descriptor)
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
    try synchronize(FileInspection.split(path).directory, for: path, isDirectory: true)
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
    for (temporary, _) in temporaryNames(of: path) where areSame(temporary, path) { unlink(temporary) }
  }

  /// The files that processes have made for another one, with what SQLite keeps beside them.
  private static func temporaryNames(of path: String) -> [(path: String, processID: pid_t)] {
    let (directory, name) = FileInspection.split(path)
    let prefix = temporaryPrefix(for: name)
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return entries.compactMap { entry in
      guard entry.hasPrefix(prefix) else { return nil }
      let rest = entry.dropFirst(prefix.count)
      let digits = rest.prefix { $0.isNumber }
      guard let processID = pid_t(digits), suffixes.contains(String(rest.dropFirst(digits.count))) else { return nil }
      return (directory + "/" + entry, processID)
    }
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
