import Foundation

/// A process that is talked to line by line.
final class Child {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var unread: [UInt8] = []

  /// Starts a program, found on the `PATH` unless it is a path.
  ///
  /// - Throws: when it cannot be started.
  init(_ program: String, _ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
    process.arguments = program.contains("/") ? arguments : [program] + arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  /// This program again, in another part.
  convenience init(part: String, _ arguments: String...) throws {
    guard let program = Bundle.main.executablePath else {
      throw BenchmarkError("this program does not know its own path")
    }
    try self.init(program, ["--child", part] + arguments)
  }

  func write(_ line: String) throws { try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) }

  /// The next line.
  ///
  /// - Throws: when the process ends without one.
  func readLine() throws -> String {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread.removeSubrange(...end)
        return line
      }
      let data = output.fileHandleForReading.availableData
      if data.isEmpty {
        throw BenchmarkError("a child process ended early: \(String(decoding: unread, as: UTF8.self))")
      }
      unread += data
    }
  }

  /// The next line, which begins with a word and goes on with numbers.
  func readNumbers(_ word: String) throws -> [Double] {
    let line = try readLine()
    let parts = line.split(separator: " ")
    guard parts.first == Substring(word) else { throw BenchmarkError("a child process says '\(line)'") }
    return try parts.dropFirst().map {
      guard let number = Double($0) else { throw BenchmarkError("a child process says '\(line)'") }
      return number
    }
  }

  /// For the other side: a line that is read at once.
  static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

  /// Ends it as a power switch would: it cannot tidy up.
  func kill() {
    #if canImport(Darwin)
      Darwin.kill(process.processIdentifier, SIGKILL)
    #else
      Glibc.kill(process.processIdentifier, SIGKILL)
    #endif
    process.waitUntilExit()
  }

  /// Waits until it has ended by itself, its input closed.
  ///
  /// - Throws: unless it succeeded.
  func finish() throws {
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchmarkError("a child process ended with \(process.terminationStatus)")
    }
  }

  /// What a command prints.
  ///
  /// - Throws: when it cannot be started, or fails.
  static func output(of program: String, _ arguments: [String]) throws -> Data {
    let child = try Child(program, arguments)
    let data = child.output.fileHandleForReading.readDataToEndOfFile()
    try child.finish()
    return data
  }
}
