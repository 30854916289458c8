import Foundation
import Testing

@Suite("The bytes of a dead letter")
struct DeadLetterBytesTests {
  /// Neither JSON nor UTF-8, text that is no JSON, and JSON in which every space counts.
  private static let messages: [[UInt8]] = [
    Array("{\"id\":\"".utf8) + [0xFF, 0xC0, 0x80], Array("no JSON: é".utf8), Array("[1,  2 ]".utf8),
  ]

  private let world: CommandLineWorld

  init() throws {
    world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.write("in.jsonl", Array(Self.messages.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")])
    try world.saga(
      "run", "--db", "orders.db", "--definitions", "orders.json", "--input", "in.jsonl", "--output", "out.jsonl"
    ).expectDone()
  }

  private func rows() throws -> [String] {
    let letters = try world.saga("dlq", "list", "--db", "orders.db", "--json").json()
    return letters.compactMap { $0["sequence"]?.intValue }.map { "\($0)" }
  }

  @Test("come out of dlq show --raw as they went in, with nothing behind them")
  func raw() throws {
    for (row, bytes) in zip(try rows(), Self.messages) {
      try world.shell("saga dlq show --db orders.db \(row) --raw > \(row).raw").expectDone()
      #expect(try Data(contentsOf: URL(fileURLWithPath: world.folder.path("\(row).raw"))) == Data(bytes))
    }
  }

  @Test("are in its JSON as event, as text, and in base64 where they are no text")
  func json() throws {
    let shown = try rows().map { try world.saga("dlq", "show", "--db", "orders.db", $0, "--json").json()[0] }
    try #require(shown.count == 3)
    #expect(shown[0]["text"] == nil && shown[0]["event"] == nil)
    let base64 = try #require(shown[0]["base64"]?.stringValue)
    #expect(Data(base64Encoded: base64) == Data(Self.messages[0]))
    #expect(shown[1]["text"] == "no JSON: é" && shown[1]["base64"] == nil)
    #expect(shown[2]["event"] == [1, 2] && shown[2]["text"] == nil)
  }
}
