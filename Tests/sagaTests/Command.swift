import Foundation
import TestSupport
import Testing

/// The built `saga` executable, driven as a person or a supervisor would.
struct Command {
  var arguments: [String]
  var directory: URL
  var executable: URL

  struct Result {
    var code: Int32
    var output: String
    var errors: String
  }

  /// Beside the test bundle, where SwiftPM puts executables.
  static let executable: URL = {
    let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
      "saga")
    if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
    return repository.appendingPathComponent(".build/debug/saga")
  }()

  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  init(_ arguments: [String], in directory: URL, executable: URL = Command.executable) {
    self.arguments = arguments
    self.directory = directory
    self.executable = executable
  }

  func start(input: FileHandle? = nil) throws -> Process {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.standardInput = input ?? FileHandle.nullDevice
    return process
  }

  /// Runs to the end. Output goes through files: a pipe that nobody empties would stop a talkative process.
  func run(input: String? = nil) throws -> Result {
    let id = UUID().uuidString
    let files = ["out", "err", "in"].map { directory.appendingPathComponent(".\(id).\($0)") }
    for file in files { try Data().write(to: file) }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    if let input { try Data(input.utf8).write(to: files[2]) }
    let process = try start(input: try FileHandle(forReadingFrom: files[2]))
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    try process.waitUntilExit(withinSeconds: 300)
    // As shells do it: 128 and the signal.
    let code =
      process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
    return Result(
      code: code, output: String(decoding: try Data(contentsOf: files[0]), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self))
  }
}

extension Command {
  /// Runs `saga run --follow` beside `body`, which begins when operators can ask the engine, and ends it as a supervisor would.
  ///
  /// - Parameter socket: where the engine listens, in the command's directory.
  func whileFollowing(socket: String, _ body: (Process) async throws -> Void) async throws {
    let engine = try start()
    engine.standardOutput = FileHandle.nullDevice
    engine.standardError = FileHandle.nullDevice
    try engine.run()
    defer {
      engine.terminate()
      do { try engine.waitUntilExit(withinSeconds: 20) } catch { Issue.record(error) }
    }
    try await eventually("\(socket) is there") {
      try #require(engine.isRunning, "the engine has ended by itself")
      return FileManager.default.fileExists(atPath: directory.appendingPathComponent(socket).path)
    }
    try await body(engine)
  }
}

/// A folder that goes away with the test.
final class Folder {
  let url: URL
  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("saga-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: url) }
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

extension Folder {
  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
  }
}
