import Foundation
import SagaCore
import Testing

/// A folder of its own with files in it, and `saga` run there.
struct CommandLineWorld {
  let folder: Folder

  init() throws { folder = try Folder() }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path(name)))
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder.path(name))), as: UTF8.self)
  }

  func saga(_ arguments: String..., input: String? = nil) throws -> Command.Result { try saga(arguments, input: input) }

  func saga(_ arguments: [String], input: String? = nil) throws -> Command.Result {
    try Command(arguments, in: folder.url).run(input: input)
  }

  /// A line as a person types it into a shell.
  func shell(_ line: String) throws -> Command.Result {
    let function = "saga() { '\(Command.executable.path)' \"$@\"; }\n"
    return try Command(["-c", function + line], in: folder.url, executable: URL(fileURLWithPath: "/bin/sh")).run()
  }

  /// A database after the starter saga's ten orders.
  static func withOrders() throws -> CommandLineWorld {
    let world = try CommandLineWorld()
    try #require(try world.saga("init", "orders").code == 0)
    try #require(try world.runOrders().code == 0)
    return world
  }

  /// Runs the starter saga over a file of messages.
  func runOrders(_ input: String = "orders.messages.jsonl") throws -> Command.Result {
    try saga(
      "run", "--db", "orders.db", "--definitions", "orders.json", "--input", input, "--participants",
      "orders.scenario.json", "--clock", "events", "--linger", "2h", "--output", "orders.out.jsonl", "--json")
  }

  static func order(_ id: String, key: String, time: String = "2026-01-06T09:00:00Z") -> String {
    "{\"specversion\":\"1.0\",\"id\":\"\(id)\",\"source\":\"/shop\",\"type\":\"OrderPlaced\",\"time\":\"\(time)\","
      + "\"data\":{\"orderId\":\"\(key)\",\"totalCents\":100}}"
  }
}

extension Command.Result {
  /// Standard output as JSON lines.
  func json() throws -> [JSON] {
    try output.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8), limits: .definition) }
  }

  /// Ended by itself with a message that a person can read, not by a trap.
  func expectRefusal(_ code: Int32, mentioning words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    let text = errors + output
    #expect(self.code == code, "\(text)", sourceLocation: sourceLocation)
    #expect(!text.contains("Fatal error") && !text.contains("💣"), sourceLocation: sourceLocation)
    #expect(!text.isEmpty, sourceLocation: sourceLocation)
    for word in words { #expect(text.contains(word), "\(word) is missing in: \(text)", sourceLocation: sourceLocation) }
  }

  func expectDone(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(code == 0, "\(errors)\(output)", sourceLocation: sourceLocation)
  }
}
