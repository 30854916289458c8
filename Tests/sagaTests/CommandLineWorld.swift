import Foundation
import SagaCore
import Testing

/// A folder of its own and the built `saga`, run as a process in it.
final class CommandLineWorld {
  struct Result {
    var code: Int32
    var out: String
    var error: String
    /// Standard output as JSON lines.
    func json() throws -> [JSON] {
      try out.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8), limits: .definition) }
    }
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("saga-cli-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path(name))) }

  func read(_ name: String) throws -> String { String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self) }

  /// Runs `saga` to its end with the folder as its working directory.
  func saga(_ arguments: String..., input: [UInt8] = []) throws -> Result { try saga(arguments, input: input) }

  func saga(_ arguments: [String], input: [UInt8] = []) throws -> Result {
    let process = try start(arguments, input: input)
    process.process.waitUntilExit()
    return try process.result()
  }

  /// A process that may still run.
  struct Running {
    let process: Process
    let outputs: [URL]

    func result() throws -> Result {
      let texts = try outputs.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
      let isSignal = process.terminationReason == .uncaughtSignal
      return Result(code: isSignal ? -process.terminationStatus : process.terminationStatus, out: texts[0], error: texts[1])
    }
  }

  /// Standard output and error go to files, so that nothing waits for a full pipe.
  func start(_ arguments: [String], input: [UInt8] = []) throws -> Running {
    let process = Process()
    process.executableURL = CommandLineWorld.binary
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(["USER": "tester", "NO_COLOR": "1"]) { $1 }
    let name = UUID().uuidString.prefix(8)
    let urls = ["in", "out", "err"].map { folder.appendingPathComponent(".\(name).\($0)") }
    try Data(input).write(to: urls[0])
    for url in urls.dropFirst() { try Data().write(to: url) }
    process.standardInput = try FileHandle(forReadingFrom: urls[0])
    process.standardOutput = try FileHandle(forWritingTo: urls[1])
    process.standardError = try FileHandle(forWritingTo: urls[2])
    try process.run()
    return Running(process: process, outputs: Array(urls.dropFirst()))
  }

  /// Beside the test bundle, wherever the build folder is.
  private static let binary: URL = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folders = [
      URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent(), Bundle.main.bundleURL,
      Bundle.main.bundleURL.deletingLastPathComponent(), package.appendingPathComponent(".build/debug"),
    ]
    let candidates = folders.map { $0.appendingPathComponent("saga") }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) && !isDirectory($0) } ?? candidates[3]
  }()

  private static func isDirectory(_ url: URL) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && isDirectory.boolValue
  }
}

extension CommandLineWorld {
  /// A database after the starter saga's ten orders.
  static func withOrders() throws -> CommandLineWorld {
    let world = try CommandLineWorld()
    #expect(try world.saga("init", "orders").code == 0)
    #expect(try world.runOrders().code == 0)
    return world
  }

  /// Runs the starter saga over a file of messages.
  func runOrders(_ input: String = "orders.messages.jsonl", more: [String] = []) throws -> Result {
    try saga(
      [
        "run", "--db", "orders.db", "--definitions", "orders.json", "--input", input, "--participants",
        "orders.scenario.json", "--clock", "events", "--linger", "2h", "--output", "orders.out.jsonl", "--json",
      ] + more)
  }

  static func order(_ id: String, key: String, time: String = "2026-01-06T09:00:00Z") -> String {
    "{\"specversion\":\"1.0\",\"id\":\"\(id)\",\"source\":\"/shop\",\"type\":\"OrderPlaced\",\"time\":\"\(time)\","
      + "\"data\":{\"orderId\":\"\(key)\",\"totalCents\":100}}"
  }
}

extension CommandLineWorld.Result {
  /// Ended by itself with a message that a person can read, not by a trap.
  func expectRefusal(_ code: Int32, mentioning words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(self.code == code, "\(error)\(out)", sourceLocation: sourceLocation)
    let text = error + out
    #expect(!text.contains("Fatal error"), sourceLocation: sourceLocation)
    #expect(!text.isEmpty, sourceLocation: sourceLocation)
    for word in words { #expect(text.contains(word), sourceLocation: sourceLocation) }
  }
}
