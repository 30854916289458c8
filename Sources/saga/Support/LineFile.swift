import Foundation
import SagaFiles
import SagaSQLite

/// A file of lines that a command adds to, and may find there from before.
///
/// A process that was killed may have left half a line, which is cut off. A file of anybody else's, which an option
/// names by mistake, has another beginning: of such a file nothing is cut, and nothing is put behind it.
final class LineFile {
  /// What the lines are.
  struct Kind {
    /// What messages call the file.
    var name: String
    /// The option that names it.
    var option: String
    /// The command that writes it.
    var command: String
    /// How each line begins.
    var beginning: [UInt8]

    static let output = Kind(
      name: "output", option: "--output", command: "saga run", beginning: Array("{\"specversion\":".utf8))
    static let archive = Kind(
      name: "archive", option: "--archive", command: "saga prune", beginning: Array("{\"sequence\":".utf8))
    static let ledger = Kind(
      name: "ledger", option: "--ledger", command: "saga run", beginning: Array("{\"destination\":".utf8))

    /// The longest line that may be cut off; what a process was about to write is shorter.
    static let maximumTornBytes = 67_108_864

    /// Whether what stands behind the last whole line is what is there of another one.
    ///
    /// - Parameter isAlone: whether no whole line stands before it.
    func isTorn(_ rest: ArraySlice<UInt8>, isAlone: Bool) -> Bool {
      let written = rest.prefix { $0 != 0 }
      guard written.starts(with: beginning) || beginning.starts(with: written) else { return false }
      if written.count == rest.count || written.count >= beginning.count { return true }
      // A power loss may leave zeros where a line was being written.
      return !(isAlone && written.isEmpty) && rest[written.endIndex...].allSatisfy { $0 == 0 }
    }

    /// The refusal of a file whose line is none of the command's.
    func refusal(_ path: String, line: Int) -> Failure {
      .environment(
        "\(path):\(line): is no line of `\(command)`, so nothing is cut off or put behind it; give \(option) another "
          + "file, or move this one away")
    }
  }

  /// Why nothing was written.
  struct Fault: Error {
    var reason: String
  }

  let path: String
  /// Whether it is a plain file: nothing is cut from a pipe, a terminal or a device, nor are these waited for.
  let isPlain: Bool
  private let kind: Kind
  private let descriptor: Int32
  /// Whether there was no file before.
  private let isMade: Bool
  private var isNameDurable = false
  private var isLocked = false

  private static let newline = UInt8(ascii: "\n")

  /// Opens the file, or makes it when there is none. Nothing is read from it yet.
  ///
  /// - Throws: `Failure` (environment).
  init(path: String, _ kind: Kind) throws {
    self.path = path
    self.kind = kind
    var status = stat()
    isMade = stat(path, &status) != 0
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let cause = SystemCause.text(errno, path: path)
      throw Failure.environment("\(path): the \(kind.name) cannot be opened: \(cause)")
    }
    isPlain = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  deinit { close(descriptor) }

  /// Makes the file where there is none, for nobody who may not read another one.
  ///
  /// - Parameter source: the file whose permissions the new one gets.
  /// - Throws: `Failure` (environment).
  static func make(_ path: String, _ kind: Kind, permissionsOf source: String) throws {
    var status = stat()
    if stat(path, &status) == 0 { return }
    do { try FileReplacement.makeMissing(path, permissionsOf: source) } catch {
      guard let fault = SystemCause.directoryFault(of: path) else { throw Failure(error, path: path) }
      throw Failure.environment("\(path): the \(kind.name) cannot be opened: \(fault)")
    }
    let file = resolved(path)
    if let number = DirectorySync.run(beside: file) {
      // Or the next attempt would take it for one whose name is durable.
      unlink(file)
      let cause = SystemCause.text(number, path: path)
      throw Failure.environment("\(path): the \(kind.name) cannot be made: its directory cannot be synced: \(cause)")
    }
  }

  /// Where a symbolic link leads.
  private static func resolved(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
  }

  /// Cuts off what is behind the last whole line. Only for whoever alone writes the file: to others a line that is being
  /// written looks as if it were torn.
  ///
  /// - Throws: `Failure` (environment) for a file of other lines, which stays as it is.
  func cutTornLine() throws {
    guard isPlain else { return }
    try lock()
    let end = lseek(descriptor, 0, SEEK_END)
    let whole = try lineStart(before: end)
    // The first line and the last whole one stand for all: a file of gigabytes is not read from end to end.
    if whole > 0 {
      try requireOwn(lineAt: 0, before: whole)
      try requireOwn(lineAt: lineStart(before: whole - 1), before: whole)
    }
    if whole < end {
      guard Int(end - whole) <= Kind.maximumTornBytes else { throw try refusal(at: whole) }
      let rest = try read(from: whole, to: end)
      guard kind.isTorn(rest[...], isAlone: whole == 0) else { throw try refusal(at: whole) }
      try cut(to: whole)
    }
  }

  /// Cuts off what is behind a place.
  ///
  /// - Throws: `Failure` (environment).
  func cut(to end: off_t) throws {
    try lock()
    if ftruncate(descriptor, end) != 0 { throw unmended("it cannot be cut", errno) }
  }

  /// Writes bytes at the end.
  func append(_ bytes: [UInt8]) throws(Fault) {
    if !takeLock() { throw Fault(reason: LineFile.inUse) }
    try LineFile.write(bytes, to: descriptor, path: path)
  }

  /// Makes this the only process that writes the file, until it ends. A command for another database may have been given the same file: what
  /// one of them writes just now looks torn to the other. Not when the file is opened: until then a command for the same database may be
  /// at its end, which is waited for at that.
  ///
  /// - Throws: `Failure` (environment).
  private func lock() throws {
    if !takeLock() { throw Failure.environment("\(path): the \(kind.name) cannot be written: \(LineFile.inUse)") }
  }

  private static let inUse = "another process writes it; wait for that one to end, or name another file"

  /// How often a file that is in use is tried, every 20 milliseconds: of a process that was killed the files are closed one after the other, and
  /// the database may come before this one.
  private static let maximumTries = 10

  /// - Returns: whether nobody else has it. A file system without such locks has nobody to tell of.
  private func takeLock() -> Bool {
    guard isPlain, !isLocked else { return true }
    for _ in 0..<LineFile.maximumTries {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        isLocked = true
        return true
      }
      guard errno == EWOULDBLOCK || errno == EINTR else { return true }
      usleep(20_000)
    }
    return false
  }

  /// Waits until what was written is on disk, and the file's name too: without it a power loss would leave the lines to nobody.
  func synchronize() throws(Fault) {
    guard isPlain else { return }
    if fsync(descriptor) != 0 { throw Fault(reason: "fsync failed: \(SystemCause.text(errno, path: path))") }
    if isNameDurable { return }
    // A file that was there may be of a process that was killed before it came here, or in a directory of somebody else's.
    if let number = DirectorySync.run(beside: LineFile.resolved(path)), isMade {
      throw Fault(reason: "its directory cannot be synced: \(SystemCause.text(number, path: path))")
    }
    isNameDurable = true
  }

  /// - Parameter path: for errors.
  static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(Fault) {
    if let number = DescriptorWriting.writeAll(bytes, to: descriptor) {
      throw Fault(reason: "writing failed: \(SystemCause.text(number, path: path))")
    }
  }

  private func requireOwn(lineAt start: off_t, before end: off_t) throws {
    let bytes = try read(from: start, to: min(end, start + off_t(kind.beginning.count)))
    if bytes != kind.beginning { throw try refusal(at: start) }
  }

  private func refusal(at start: off_t) throws -> Failure {
    var line = 1
    var place: off_t = 0
    while place < start {
      let next = min(start, place + LineFile.blockBytes)
      for byte in try read(from: place, to: next) where byte == LineFile.newline { line += 1 }
      place = next
    }
    return kind.refusal(path, line: line)
  }

  private static let blockBytes: off_t = 65_536

  /// The place behind the last newline before another place.
  private func lineStart(before place: off_t) throws -> off_t {
    var end = place
    while end > 0 {
      let start = max(0, end - LineFile.blockBytes)
      if let last = try read(from: start, to: end).lastIndex(of: LineFile.newline) { return start + off_t(last) + 1 }
      end = start
    }
    return 0
  }

  private func read(from start: off_t, to end: off_t) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(end - start))
    guard pread(descriptor, &bytes, bytes.count, start) == bytes.count else {
      throw unmended("its end cannot be read", errno)
    }
    return bytes
  }

  private func unmended(_ what: String, _ number: Int32) -> Failure {
    .environment("\(path): the end of the \(kind.name) cannot be mended: \(what): \(String(cString: strerror(number)))")
  }
}
