import Foundation
import SagaCore
import SagaSQLite
import Testing

/// `saga run --ledger` on ledgers that something has happened to.
@Suite("A ledger of participants") struct LedgerTests {
  private let world: CommandLineWorld

  init() throws {
    world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.write("first.jsonl", CommandLineWorld.order("first", key: "first") + "\n")
    try world.write(
      "second.jsonl", CommandLineWorld.order("second", key: "second", time: "2026-01-07T09:00:00Z") + "\n")
  }

  private static func arguments(_ input: String) -> [String] {
    [
      "run", "--db", "orders.db", "--definitions", "orders.json", "--input", input, "--participants",
      "orders.scenario.json", "--clock", "events", "--linger", "2h", "--output", "out.jsonl", "--ledger",
      "orders.ledger",
    ]
  }

  private func run(_ input: String) throws -> Command.Result { try world.saga(Self.arguments(input)) }

  private func lines() throws -> [String] {
    try world.read("orders.ledger").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test("loses a torn last line, and says so once")
  func torn() throws {
    try run("first.jsonl").expectDone()
    let whole = try world.read("orders.ledger")
    let count = whole.split(separator: "\n").count
    try #require(count > 0)
    try world.write("orders.ledger", whole + #"{"destination":"payments","comm"#)
    let mended = try run("second.jsonl")
    mended.expectDone()
    #expect(mended.errors.contains("orders.ledger:\(count + 1): the last line was torn and is cut off"))
    let after = try world.read("orders.ledger")
    #expect(after.hasPrefix(whole))
    #expect(after.count > whole.count)
    for line in after.split(separator: "\n") { _ = try JSONParser.parse(Array(line.utf8)) }
    let again = try run("second.jsonl")
    again.expectDone()
    #expect(!again.errors.contains("torn"))
  }

  @Test("keeps a last line that lacks nothing but its end")
  func unended() throws {
    try run("first.jsonl").expectDone()
    let whole = try world.read("orders.ledger")
    try world.write("orders.ledger", String(whole.dropLast()))
    let result = try run("second.jsonl")
    result.expectDone()
    #expect(!result.errors.contains("torn"))
    #expect(try world.read("orders.ledger").hasPrefix(whole))
  }

  @Test("and the output are left as they are by a run that does not get the database: another may be writing them")
  func locked() throws {
    try run("first.jsonl").expectDone()
    let torn = [
      ("orders.ledger", #"{"destination":"payments","comm"#), ("out.jsonl", #"{"specversion":"1.0","id":"7"#),
    ]
    for (name, rest) in torn { try world.write(name, try world.read(name) + rest) }
    let before = try torn.map { try world.read($0.0) }
    let stores = try SQLiteShards.open(world.folder.path("orders.db"))
    let refused = try run("second.jsonl")
    for store in stores { store.close() }
    refused.expectRefusal(3, mentioning: "orders.db", "is in use by process")
    #expect(!refused.errors.contains("torn"))
    #expect(try torn.map { try world.read($0.0) } == before)
    let mended = try run("second.jsonl")
    mended.expectDone()
    #expect(mended.errors.contains("the last line was torn and is cut off"))
    for (name, _) in torn {
      for line in try world.read(name).split(separator: "\n") { _ = try JSONParser.parse(Array(line.utf8)) }
    }
  }

  @Test(
    "is refused with file and line where any other line is no entry",
    arguments: [#"{"destination":"payments","comm"#, #"{"destination":"payments"}"#, "7"])
  func damaged(line: String) throws {
    try run("first.jsonl").expectDone()
    let before = try lines()
    for number in before.indices.dropLast() {
      var damaged = before
      damaged[number] = line
      let text = damaged.joined(separator: "\n")
      try world.write("orders.ledger", text)
      try run("second.jsonl").expectRefusal(3, mentioning: "orders.ledger:\(number + 1): is no entry of a ledger")
      #expect(try world.read("orders.ledger") == text)
    }
  }

  @Test("that cannot grow stops the run: no command is answered, or refused, that it does not know")
  func full() throws {
    let head = #"{"destination":"stock","command":"ReserveStock","key":"old","effect":"done","outcome":0,"sagakey":""#
    let tail = "\"}\n"
    let line = head + String(repeating: "a", count: 524_288 - head.utf8.count - tail.utf8.count) + tail
    let before = String(repeating: line, count: 4)
    try world.write("orders.ledger", before)
    // The ledger is as large as a file may be: 2 MiB. Without the signal a write beyond it fails, as on a full disk.
    let command = Self.arguments("first.jsonl").joined(separator: " ")
    let script = "trap '' XFSZ; ulimit -f 4096; exec '\(Command.executable.path)' \(command)"
    let refused = try Command(["-c", script], in: world.folder.url, executable: URL(fileURLWithPath: "/bin/sh")).run()
    refused.expectRefusal(3, mentioning: "orders.ledger: the ledger cannot be written", "was not answered")
    #expect(try world.read("orders.ledger") == before)
    try run("first.jsonl").expectDone()
    #expect(try world.read("orders.ledger").count > before.count)
    let listed = try world.saga("list", "--db", "orders.db", "--json").json()
    #expect(listed.map { $0["key"]?.stringValue } == ["first"])
  }
}
