import Foundation

/// The input of a run, opened before anything else is done, so that a wrong path leaves no new database behind.
struct InputFile: Sendable {
  let path: String
  /// nil for a named pipe, whose opening waits for whoever writes.
  private let opened: Int32?

  /// - Parameter path: `-` for standard input.
  /// - Throws: `Failure` (environment) when the file cannot be opened, and for one that plainly has no messages in its
  ///   lines. That a named pipe cannot be opened is said by `descriptor()`.
  init(path: String) throws {
    self.path = path
    if path == "-" {
      opened = STDIN_FILENO
    } else if InputFile.isNamedPipe(path) {
      opened = nil
    } else {
      let descriptor = try InputFile.openNow(path)
      try InputFile.requireLines(descriptor, path)
      opened = descriptor
    }
  }

  /// What to read from; of a named pipe when somebody writes to it.
  ///
  /// - Throws: `Failure` (environment) when a named pipe cannot be opened.
  func descriptor() throws -> Int32 { try opened ?? InputFile.openNow(path) }

  private static func isNamedPipe(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  private static func openNow(_ path: String) throws -> Int32 {
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

  /// How every SQLite database begins.
  private static let databaseBeginning = Array("SQLite format 3\u{0}".utf8)

  /// Refuses a database, and JSON that goes over several lines. What else is no message becomes a dead letter, line by
  /// line, since there may be messages behind it.
  private static func requireLines(_ descriptor: Int32, _ path: String) throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    // What keeps the file from being read is told by whoever reads it.
    guard count > 0 else { return }
    let bytes = buffer[..<count]
    if bytes.starts(with: databaseBeginning) {
      throw Failure.environment(
        "\(path): is a SQLite database; --input takes one CloudEvent a line (JSON Lines), so give it another file")
    }
    let newline = UInt8(ascii: "\n")
    let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
    let text = bytes.drop { $0 == newline || blanks.contains($0) }
    guard let bracket = text.first, bracket == UInt8(ascii: "{") || bracket == UInt8(ascii: "[") else { return }
    guard text.dropFirst().first(where: { !blanks.contains($0) }) == newline else { return }
    throw Failure.environment(
      "\(path): its first line is no message but a lone \(Character(UnicodeScalar(bracket))); --input takes one "
        + "CloudEvent a line (JSON Lines)")
  }
}
