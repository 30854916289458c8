import Foundation

/// Writes whole lines to a file or to standard output: a file is cut back to its last whole line at the start and
/// fsynced before the engine's cursor moves.
final class OutputWriter {
  private let descriptor: Int32
  private let path: String
  private let isFile: Bool
  private let isDurable: Bool

  /// - Parameters:
  ///   - path: `-` for standard output.
  ///   - isDurable: whether a file is fsynced before its messages are confirmed, as the database is.
  /// - Throws: `Failure` when the file cannot be opened or cut.
  init(path: String, isDurable: Bool) throws {
    self.path = path
    self.isDurable = isDurable
    isFile = path != "-"
    guard isFile else {
      descriptor = STDOUT_FILENO
      return
    }
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Failure.environment("\(path): the output cannot be opened: \(String(cString: strerror(errno)))")
    }
    try cutTornLine()
  }

  deinit { if isFile { close(descriptor) } }

  private func cutTornLine() throws {
    var end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while end > 0 {
      let start = max(0, end - off_t(buffer.count))
      let count = pread(descriptor, &buffer, Int(end - start), start)
      guard count == Int(end - start) else { throw fault("reading its end") }
      if let last = buffer[..<count].lastIndex(of: UInt8(ascii: "\n")) {
        end = start + off_t(last) + 1
        break
      }
      end = start
    }
    guard ftruncate(descriptor, end) == 0, lseek(descriptor, end, SEEK_SET) >= 0 else {
      throw fault("cutting a torn line")
    }
  }

  /// Writes lines and makes them as durable as the database.
  ///
  /// - Throws: `Failure`; then nothing may be confirmed.
  func write(_ lines: [[UInt8]]) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
    for line in lines {
      bytes += line
      bytes.append(UInt8(ascii: "\n"))
    }
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + start, bytes.count - start) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw fault("writing") }
      start += count
    }
    if isFile, isDurable, fsync(descriptor) != 0 { throw fault("fsync") }
  }

  private func fault(_ what: String) -> Failure {
    let name = isFile ? path : "standard output"
    return .environment("\(name): \(what) failed: \(String(cString: strerror(errno))); nothing was confirmed")
  }
}
