import Foundation
import SagaCore
import TestSupport
import Testing

/// Input of every bad kind through `saga run --input`, `saga check` and `saga send`: a clear error with the right exit
/// code, nothing lost, no crash.
@Suite("Bad input") struct BadInputTests {
  static let evil = "x'; DROP TABLE journal; --../../etc/passwd%00%n$(reboot)"

  static func message(_ data: String, id: String = "1") -> [UInt8] {
    Array("{\"specversion\":\"1.0\",\"id\":\"\(id)\",\"source\":\"/s\",\"type\":\"OrderPlaced\",\"data\":\(data)}".utf8)
  }

  /// Lines that must each end as one dead letter.
  static var refused: [(name: String, bytes: [UInt8])] {
    let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    let large = "{\"orderId\":\"big\",\"totalCents\":1,\"pad\":\"\(String(repeating: "a", count: 10_000_000))\"}"
    return [
      ("broken JSON", Array("{\"specversion\":\"1.0\",".utf8)),
      ("no object", Array("[1,2,3]".utf8)),
      (
        "wrong type of an attribute",
        Array("{\"specversion\":\"1.0\",\"id\":7,\"source\":\"/s\",\"type\":\"OrderPlaced\"}".utf8)
      ),
      ("wrong type of data", message("{\"orderId\":\"k\",\"totalCents\":\"much\"}", id: "2")),
      ("missing field", message("{\"orderId\":\"k\"}", id: "3")),
      ("wrong type of the key", message("{\"orderId\":{\"a\":1},\"totalCents\":1}", id: "4")),
      (
        "unknown attribute",
        Array("{\"specversion\":\"1.0\",\"id\":\"5\",\"source\":\"/s\",\"type\":\"OrderPlaced\",\"Bad-Name\":1}".utf8)
      ),
      ("10 MB", message(large, id: "6")),
      ("depth 10,000", message(deep, id: "7")),
      ("duplicate keys", message("{\"orderId\":\"k\",\"orderId\":\"l\",\"totalCents\":1}", id: "8")),
      (
        "invalid UTF-8", message("{\"orderId\":\"", id: "9") + [0xFF, 0xC0, 0x80] + Array("\",\"totalCents\":1}}".utf8)
      ),
      ("NUL byte", message("{\"orderId\":\"a", id: "10") + [0] + Array("b\",\"totalCents\":1}}".utf8)),
      (
        "NUL in an attribute",
        Array("{\"specversion\":\"1.0\",\"id\":\"a\\u0000\",\"source\":\"/s\",\"type\":\"OrderPlaced\"}".utf8)
      ),
      ("1e999", message("{\"orderId\":\"k\",\"totalCents\":1e999}", id: "11")),
      ("lone surrogate", message("{\"orderId\":\"\\ud800\",\"totalCents\":1}", id: "12")),
      // It would go out as an attribute, which may have none; U+0085 comes of text in a wrong encoding.
      ("control character in the key", message("{\"orderId\":\"a\\nb\",\"totalCents\":1}", id: "14")),
      ("C1 control in the key", message("{\"orderId\":\"a\u{85}b\",\"totalCents\":1}", id: "15")),
      (
        "long key", message("{\"orderId\":\"\(String(repeating: "é", count: 120_000))\",\"totalCents\":1}", id: "16")
      ),
      (
        "long attribute",
        Array(
          "{\"specversion\":\"1.0\",\"id\":\"\(String(repeating: "i", count: 20_000))\",\"source\":\"/s\",\"type\":\"OrderPlaced\"}"
            .utf8)
      ),
      ("byte order mark", [0xEF, 0xBB, 0xBF] + message("{\"orderId\":\"k\",\"totalCents\":1}", id: "13")),
    ]
  }

  @Test("run ends with code 3 where nobody reads what it writes, its errors included")
  func nobodyReads() throws {
    let folder = try Folder()
    #expect(try Command(["init", "orders"], in: folder.url).run().code == 0)
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let process = try Command(
      [
        "run", "--db", "orders.db", "--definitions", "orders.json", "--participants", "orders.scenario.json", "--input",
        "orders.messages.jsonl",
      ], in: folder.url
    ).start()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    try process.waitUntilExit(withinSeconds: 300)
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 3)
  }

  @Test("run puts every bad line into the dead letters with its bytes and goes on")
  func run() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    var input: [UInt8] = []
    for (_, bytes) in BadInputTests.refused { input += bytes + [UInt8(ascii: "\n")] }
    // Strange strings are only strings, unknown fields are kept.
    let strange = JSON.string(BadInputTests.evil).description
    input += BadInputTests.message(
      "{\"orderId\":\(strange),\"totalCents\":1,\"\(strange.dropFirst().dropLast())\":[\(strange)]}", id: "ok")
    try world.write("bad.jsonl", input)
    let result = try world.runOrders("bad.jsonl")
    result.expectDone()
    let summary = try JSONParser.parse(Array(result.errors.utf8.dropLast()))
    #expect(summary["dead-lettered"]?.intValue == Int64(BadInputTests.refused.count))
    #expect(summary["started"] == 1)
    #expect(try world.saga("list", "--db", "orders.db", "--json").json().first?["key"] == .string(BadInputTests.evil))
    try world.saga("history", "--db", "orders.db", BadInputTests.evil).expectDone()
    let letters = try world.saga("dlq", "list", "--db", "orders.db", "--json").json()
    #expect(letters.count == BadInputTests.refused.count)
    for (letter, line) in zip(letters, BadInputTests.refused) {
      #expect(letter["bytes"]?.intValue == Int64(line.bytes.count), "\(line.name)")
      #expect(letter["message"]?.stringValue?.isEmpty == false, "\(line.name)")
    }
    try world.saga("dlq", "list", "--db", "orders.db").expectDone()
    // The same lines again are duplicates of dead letters, not new ones.
    try world.runOrders("bad.jsonl").expectDone()
    #expect(try world.saga("dlq", "list", "--db", "orders.db", "--json").json().count == letters.count)
  }

  @Test("send refuses each of them", arguments: refused.map(\.name))
  func send(name: String) throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.write("first.jsonl", CommandLineWorld.order("first", key: "first") + "\n")
    try world.runOrders("first.jsonl").expectDone()
    try world.write("message", BadInputTests.refused.first { $0.name == name }!.bytes)
    try world.saga("send", "--db", "orders.db", "@message").expectRefusal(1)
  }

  @Test(
    "check refuses definitions of every bad kind with the place",
    arguments: [
      "broken JSON", "unknown field", "wrong type", "10 MB", "depth 10,000", "duplicate keys", "invalid UTF-8", "NUL",
      "1e999",
      "expression bomb", "SQL for a name", "empty", "array",
    ])
  func check(kind: String) throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.write("bad.json", BadInputTests.definition(kind, from: try world.read("orders.json")))
    try world.saga("check", "bad.json").expectRefusal(1, mentioning: "bad.json:", "error[")
    try world.saga("run", "--db", "x.db", "--definitions", "bad.json").expectRefusal(1, mentioning: "bad.json:")
    #expect(!FileManager.default.fileExists(atPath: world.folder.path("x.db")))
  }

  static func definition(_ kind: String, from text: String) -> [UInt8] {
    let version = "\"version\": 1"
    let total = "\"event.data.totalCents\""
    switch kind {
    case "broken JSON": return Array(text.dropLast(20).utf8)
    case "unknown field": return Array(text.replacing("\"timeout\": \"30s\"", with: "\"timeoutt\": \"30s\"").utf8)
    case "wrong type": return Array(text.replacing(version, with: "\"version\": \"one\"").utf8)
    case "10 MB":
      return Array(
        text.replacing(version, with: "\(version), \"$schema\": \"\(String(repeating: "a", count: 10_000_000))\"").utf8)
    case "depth 10,000": return Array(String(repeating: "{\"a\":", count: 10_000).utf8)
    case "duplicate keys": return Array(text.replacing(version, with: "\(version), \(version)").utf8)
    case "invalid UTF-8": return Array(text.utf8.prefix(40)) + [0xFF] + Array(text.utf8.dropFirst(40))
    case "NUL": return Array(text.utf8.prefix(40)) + [0] + Array(text.utf8.dropFirst(40))
    case "1e999": return Array(text.replacing(version, with: "\"version\": 1e999").utf8)
    case "expression bomb":
      return Array(text.replacing(total, with: "\"\(String(repeating: "(", count: 50_000))1\"").utf8)
    case "SQL for a name":
      return Array(text.replacing("\"saga\": \"orders\"", with: "\"saga\": \"\(evil)\\u0000\"").utf8)
    case "array": return Array("[\(text)]".utf8)
    default: return []
    }
  }

  @Test("an expression that would run for ever makes a dead letter, not a halt")
  func expressionBomb() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let list = "event.data.list"
    let bomb = "\(list).all(a, \(list).all(b, \(list).all(c, \(list).all(d, a == a)))) ? 1 : 2"
    var text = try world.read("orders.json").replacing("\"event.data.totalCents\"", with: "\"\(bomb)\"")
    text = text.replacing("\"required\": [\"orderId\", \"totalCents\"]", with: "\"required\": [\"orderId\"]")
    try world.write("orders.json", text)
    let numbers = (0..<200).map(String.init).joined(separator: ",")
    try world.write(
      "bomb.jsonl", BadInputTests.message("{\"orderId\":\"bomb\",\"totalCents\":1,\"list\":[\(numbers)]}"))
    try world.runOrders("bomb.jsonl").expectDone()
    let letters = try world.saga("dlq", "list", "--db", "orders.db", "--json").json()
    #expect(letters.count == 1)
    #expect(letters.first?["message"]?.stringValue?.contains("budget") == true)
  }
}
