import Foundation
import SagaCore
import TestSupport
import Testing

/// A release build with mutants, for what takes a debug build too long: `SAGA_MUTANT_BINARY` names it, `scripts/test` builds it
/// apart from everything that is shipped.
enum ReleaseBinary {
  static let path = ProcessInfo.processInfo.environment["SAGA_MUTANT_BINARY"]
  static let isThere = path != nil
  /// What tests say that need it and do not have it.
  static let leftOut: Comment = "left out: SAGA_MUTANT_BINARY names no release build; scripts/test makes one"

  /// An answer of the binary.
  struct Answer {
    var code: Int32
    /// What it printed.
    var output: String
    /// The lines of that which are JSON.
    var lines: [JSON]
    var errors: String
  }

  /// Far more than the longest run takes: an engine that is broken on purpose may not come to an end.
  private static let patienceSeconds = 7200

  /// Runs the binary in the repository. Waits without holding a thread: other tests go on meanwhile.
  ///
  /// - Parameter environment: variables besides those of the tests.
  /// - Throws: `StillRunning` for a process that had to be killed.
  static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Answer {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("release-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func file(_ name: String) throws -> (url: URL, handle: FileHandle) {
      let url = folder.appendingPathComponent(name)
      try Data().write(to: url)
      return (url, try FileHandle(forWritingTo: url))
    }
    let (output, errors) = (try file("output"), try file("errors"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = Repository.root
    process.standardOutput = output.handle
    process.standardError = errors.handle
    let deadline = ContinuousClock.now + .seconds(patienceSeconds)
    try process.run()
    // Nothing of it outlives a test that is cancelled.
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    while process.isRunning {
      guard ContinuousClock.now < deadline else {
        throw StillRunning(process, afterSeconds: patienceSeconds)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    let text = try Data(contentsOf: output.url)
    let complaints = try Data(contentsOf: errors.url)
    try FileManager.default.removeItem(at: folder)
    let lines = try text.split(separator: UInt8(ascii: "\n")).filter { $0.first == UInt8(ascii: "{") }.map {
      try JSONParser.parse([UInt8]($0), limits: .message)
    }
    return Answer(
      code: code, output: String(decoding: text, as: UTF8.self), lines: lines,
      errors: String(decoding: complaints, as: UTF8.self))
  }

  /// Runs seeds; a violation's trace is not kept.
  static func simulate(_ file: String, seeds: Int, _ options: [String] = []) async throws -> Answer {
    let trace = NSTemporaryDirectory() + "\(UUID().uuidString).trace.json"
    defer { try? FileManager.default.removeItem(atPath: trace) }
    return try await run(
      ["simulate", file, "--seeds", "\(seeds)", "--no-shrink", "--json", "--trace", trace] + options)
  }
}
