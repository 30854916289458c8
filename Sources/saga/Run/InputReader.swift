import Foundation
import SagaRuntime

/// What reaches the thread that runs the engine.
enum RunInput: Sendable {
  /// A line of the input, without its end.
  case line([UInt8])
  case endOfInput
  /// The input cannot be read any further.
  case failed(String)
  /// An operator's request and where its answer goes.
  case request(SocketRequest, @Sendable (OperatorAnswer) -> Void)
  /// SIGINT or SIGTERM.
  case stop
}

/// Reads lines from a file, a pipe or standard input on a thread of its own.
struct InputReader: Sendable {
  /// The rest of a longer line is dropped; what is kept is over the engine's limit and becomes a dead letter.
  static let maximumLineBytes = 17_825_792

  let mailbox: Mailbox<RunInput>

  /// - Parameter path: `-` for standard input.
  /// - Throws: `Failure` when the file cannot be opened. That a named pipe cannot is told through the mailbox: its opening waits for
  ///   whoever writes, while the engine is at work.
  func start(path: String) throws {
    let opened = Self.isNamedPipe(path) ? nil : try Self.opened(path)
    let reader = self
    let thread = Thread {
      do {
        reader.read(try opened ?? Self.opened(path), path)
      } catch {
        reader.mailbox.put(.failed("\(error)"))
      }
    }
    thread.name = "saga input"
    thread.start()
  }

  private static func isNamedPipe(_ path: String) -> Bool {
    var status = stat()
    return path != "-" && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  private static func opened(_ path: String) throws -> Int32 {
    if path == "-" { return STDIN_FILENO }
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
      throw Failure.environment("\(path): is a directory; --input takes a file of JSON lines, or -")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure.environment("\(path): the input cannot be opened: \(String(cString: strerror(errno)))")
    }
    return descriptor
  }

  private func read(_ descriptor: Int32, _ path: String) {
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 262_144)
    while true {
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 {
        mailbox.put(.failed("\(path): reading failed: \(String(cString: strerror(errno)))"))
        return
      }
      if count == 0 { break }
      var start = 0
      while let end = buffer[start..<count].firstIndex(of: UInt8(ascii: "\n")) {
        append(buffer[start..<end], to: &line)
        if !deliver(&line) { return }
        start = end + 1
      }
      append(buffer[start..<count], to: &line)
    }
    if deliver(&line) { mailbox.put(.endOfInput) }
  }

  private func append(_ part: ArraySlice<UInt8>, to line: inout [UInt8]) {
    line += part.prefix(max(0, InputReader.maximumLineBytes - line.count))
  }

  /// - Returns: false when nobody listens any more.
  private func deliver(_ line: inout [UInt8]) -> Bool {
    defer { line.removeAll(keepingCapacity: true) }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { return true }
    return mailbox.put(.line(line))
  }
}
