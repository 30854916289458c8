import SagaCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The right to be a database's only writer: `flock` on `FILE.lock`.
///
/// A lock file of its own, because closing any descriptor of the database file would drop a lock on that, and because
/// SQLite's exclusive mode would shut readers out. The file is never unlinked: a starter that had opened the old one would
/// lock a file that nobody else sees. The lock ends with the process, however it ends.
public final class WriterLock {
  /// Where the operator socket belongs; at most 100 bytes. Whoever holds the lock may remove what a dead process left there.
  public let socketPath: String
  /// The lock file.
  public let path: String
  private let descriptor: Int32

  /// Takes the lock, waiting for at most `waitMilliseconds`.
  ///
  /// - Throws: `StoreOpenError` with cause `locked` (naming the owner where the lock file does), or `lockFile`.
  public init(database: String, waitMilliseconds: Int, socketPath: String? = nil) throws {
    let database = try FileInspection.resolve(database)
    let path = Self.path(ofResolved: database)
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard opened >= 0 else { throw Self.failure(database, path, SystemError.last) }
    let chosen: String
    do {
      try Self.wait(for: opened, database: database, lockFile: path, waitMilliseconds: waitMilliseconds)
      chosen = try SocketPath.choose(database: database, preferred: socketPath)
      try Self.write(LockOwner(current: chosen).line, to: opened)
    } catch let error as SystemError {
      close(opened)
      throw Self.failure(database, path, error)
    } catch {
      close(opened)
      throw error
    }
    // Only now: once every property is set, what is thrown ends in `deinit`, which would close the descriptor again.
    self.socketPath = chosen
    self.path = path
    self.descriptor = opened
  }

  deinit {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  private static func wait(for descriptor: Int32, database: String, lockFile: String, waitMilliseconds: Int) throws {
    let pollMilliseconds = 20
    var remaining = max(0, waitMilliseconds)
    // A client that looks whether the lock is held has it for an instant, so one refusal proves nothing.
    var isFirst = true
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let error = SystemError.last
      if error.number == EINTR { continue }
      guard error.number == EWOULDBLOCK else { throw error }
      guard remaining > 0 || isFirst else {
        throw StoreOpenError(path: database, cause: .locked(read(descriptor), lockFile: lockFile))
      }
      isFirst = false
      usleep(UInt32(pollMilliseconds * 1000))
      remaining -= pollMilliseconds
    }
  }

  /// The dead owner's line goes first: clients wait for a line rather than believe an old one.
  private static func write(_ line: [UInt8], to descriptor: Int32) throws(SystemError) {
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, line, line.count, 0) == line.count else {
      throw SystemError.last
    }
  }

  private static func failure(_ database: String, _ lockFile: String, _ error: SystemError) -> StoreOpenError {
    StoreOpenError(path: database, cause: .lockFile(lockFile, reason: error.text))
  }
}

extension WriterLock {
  /// The writer of a database as its lock file names it, or nil when nobody holds the lock.
  ///
  /// For clients: connect to the owner's `socketPath`, or open the file when there is none.
  /// - Throws: `StoreOpenError`; with cause `locked` when the lock is held by a process that has not said who it is.
  public static func owner(ofDatabase database: String) throws -> LockOwner? {
    let database = try FileInspection.resolve(database)
    let path = Self.path(ofResolved: database)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let error = SystemError.last
      if error.number == ENOENT { return nil }
      throw failure(database, path, error)
    }
    defer { close(descriptor) }
    // A process that has just taken the lock may not have written its line yet.
    for _ in 0..<10 {
      if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
      if let owner = read(descriptor) { return owner }
      usleep(5_000)
    }
    throw StoreOpenError(path: database, cause: .locked(nil, lockFile: path))
  }

  static func path(ofResolved database: String) -> String { database + ".lock" }

  private static func read(_ descriptor: Int32) -> LockOwner? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0, let end = buffer[..<count].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    return LockOwner(line: Array(buffer[...end]))
  }
}

extension LockOwner {
  /// This process, now.
  fileprivate init(current socketPath: String) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let milliseconds = Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    self.init(
      processID: getpid(), host: HostName.current, startedAt: Timestamp(milliseconds: milliseconds),
      socketPath: socketPath)
  }
}
