import Foundation
import TestSupport

/// Programs of the toolchain.
enum Tool {
  struct Result {
    var code: Int32
    var output: String
    var errors: String
  }

  static func run(_ arguments: [String]) throws -> Result {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = Repository.root
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: a pipe that nobody empties would stop a talkative process.
    let files = try ["output", "errors"].map { try folder.write($0, "") }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    try process.waitUntilExit(withinSeconds: 300)
    return Result(
      code: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
      errors: try String(contentsOf: files[1], encoding: .utf8))
  }
}

/// The compiler's own judgement of code that uses the library as it is built.
enum Compiler {
  /// Beside the test bundle, where SwiftPM puts the modules.
  private static let modules: String = {
    let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("Modules")
    if FileManager.default.fileExists(atPath: beside.path) { return beside.path }
    return Repository.root.appendingPathComponent(".build/debug/Modules").path
  }()

  static func check(_ files: [(name: String, text: String)], features: [String] = []) throws -> Tool.Result {
    let folder = try TemporaryFolder()
    let paths = try files.map { try folder.write($0.name, $0.text).path }
    return try Tool.run(
      ["swiftc", "-typecheck", "-parse-as-library", "-swift-version", "6", "-warnings-as-errors"]
        + ["-module-name", "Checked", "-package-name", "checked", "-I", modules, "-diagnostic-style", "llvm"]
        + features.flatMap { ["-enable-upcoming-feature", $0] } + paths)
  }
}

/// A folder that goes away with the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("saga-generator-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ name: String, _ text: String) throws -> URL {
    let file = url.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file
  }
}
