import Foundation
import SagaCore
import Testing

/// The reader and the writer beside Foundation's, and over the public JSONTestSuite (github.com/nst/JSONTestSuite).
@Suite("JSON beside other readers")
struct JSONDifferentialTests {
  /// What we refuse and Foundation takes: keys that stand twice, and texts that begin with a byte order mark.
  private static let stricter: Set<JSONError.Kind> = [.duplicateKey, .byteOrderMark]

  @Test("reads what Foundation reads, and writes what Foundation reads back", arguments: 0..<8)
  func whole(seed: UInt64) throws {
    var maker = TextMaker(seed: seed)
    for _ in 0..<250 {
      let text = maker.text()
      let value = try JSONParser.parse(text)
      let theirs = try JSONDecoder().decode(JSON.self, from: Data(text))
      #expect(value.isEquivalent(to: theirs), "\(String(decoding: text, as: UTF8.self))")
      let written = JSONWriter.compact(value)
      #expect(try JSONParser.parse(written).isEquivalent(to: value))
      #expect(try JSONDecoder().decode(JSON.self, from: Data(written)).isEquivalent(to: theirs))
    }
  }

  @Test("takes a damaged text only where Foundation takes it, and as the same", arguments: 0..<8)
  func damaged(seed: UInt64) {
    var maker = TextMaker(seed: seed &+ 1000)
    var (taken, refused) = (0, 0)
    for _ in 0..<1000 {
      let text = maker.damaged()
      let theirs = try? JSONDecoder().decode(JSON.self, from: Data(text))
      do throws(JSONError) {
        let value = try JSONParser.parse(text)
        taken += 1
        #expect(theirs.map(value.isEquivalent(to:)) == true, "\(String(decoding: text, as: UTF8.self))")
      } catch {
        refused += 1
        // From a zero byte at the beginning Foundation guesses that the text is UTF-16 or UTF-32.
        if theirs != nil, !Self.stricter.contains(error.kind), !text.prefix(4).contains(0) {
          Issue.record("Foundation takes \(String(decoding: text, as: UTF8.self)); \(error)")
        }
      }
    }
    // Damage that never made a difference, or always, would have compared little.
    #expect(taken > 50 && refused > 200)
  }

  @Test(
    "agrees with every case of JSONTestSuite",
    .enabled(
      if: TestSuite.folder != nil,
      "left out: JSONTestSuite is neither at ../shared/data nor where SAGA_JSON_TEST_SUITE says"))
  func suite() throws {
    let folder = try #require(TestSuite.folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
    #expect(names.count > 200)
    for name in names {
      let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
      do throws(JSONError) {
        _ = try JSONParser.parse(text)
        if name.hasPrefix("n_") { Issue.record("\(name) is no JSON and was taken") }
      } catch {
        // A reader may refuse keys that stand twice (RFC 8259, 4).
        if name.hasPrefix("y_"), !Self.stricter.contains(error.kind) { Issue.record("\(name): \(error)") }
      }
    }
  }

  private enum TestSuite {
    static let folder: String? = {
      let environment = ProcessInfo.processInfo.environment
      var folders = [environment["SAGA_JSON_TEST_SUITE"]].compactMap(\.self)
      if let shared = environment["SAGA_SHARED"] { folders.append(shared + "/data/JSONTestSuite") }
      var parent = URL(fileURLWithPath: #filePath)
      while parent.path != "/" {
        parent.deleteLastPathComponent()
        folders.append(parent.appendingPathComponent("shared/data/JSONTestSuite").path)
      }
      return folders.flatMap { [$0 + "/test_parsing", $0] }.first { FileManager.default.fileExists(atPath: $0) }
    }()
  }
}

/// Makes JSON texts from a seed, in all the ways that one value can be written, and damages them.
private struct TextMaker {
  private var random: SchemaMaker
  private var bytes: [UInt8] = []
  private static let pieces: [[UInt8]] = [
    "a", "Z", "é", "日", "😀", #"\n"#, #"\""#, #"\\"#, #"\/"#, #"\u0041"#, #"\u00e9"#, #"\uD83D\uDE00"#, #"\u0000"#,
    "\u{7F}", " ", "/", "{", ":",
  ].map { Array($0.utf8) }
  private static let numbers = [
    "0", "-0", "7", "-12", "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "0.1", "-2.50", "1e2",
    "1E-7", "12.5e+3", "1.7976931348623157e308", "5e-324", "0.30000000000000004", "1e23", "123456789.987654321",
  ]

  init(seed: UInt64) { random = SchemaMaker(seed: seed) }

  mutating func text() -> [UInt8] {
    bytes = []
    value(depth: 4)
    return bytes
  }

  /// A text with one to three bytes changed, taken out, doubled or put in.
  mutating func damaged() -> [UInt8] {
    var text = text()
    let inserted =
      Array("{}[]:,\"\\0123456789.-+eEtrufalsn \u{1}\u{0}".utf8) + [0x80, 0xC0, 0xED, 0xFF, 0xEF, 0xBB, 0xBF]
    for _ in 0...random.number(3) {
      let place = random.number(text.count + 1)
      let byte = inserted[random.number(inserted.count)]
      switch random.number(4) {
      case 0 where place < text.count: text[place] = byte
      case 1 where place < text.count: text.remove(at: place)
      case 2 where place < text.count: text.insert(text[place], at: place)
      default: text.insert(byte, at: place)
      }
    }
    return text
  }

  private mutating func value(depth: Int) {
    space()
    switch random.number(depth > 0 ? 9 : 6) {
    case 0: append(["null", "true", "false"][random.number(3)])
    case 1...3: append(TextMaker.numbers[random.number(TextMaker.numbers.count)])
    case 4...5: string()
    case 6: list("[", "]") { maker, _ in maker.value(depth: depth - 1) }
    default:
      list("{", "}") { maker, index in
        // The number makes keys differ.
        maker.string(ending: "\(index)")
        maker.space()
        maker.append(":")
        maker.value(depth: depth - 1)
      }
    }
    space()
  }

  private mutating func list(_ begin: String, _ end: String, _ element: (inout TextMaker, Int) -> Void) {
    append(begin)
    for index in 0..<random.number(5) {
      if index > 0 { append(",") }
      space()
      element(&self, index)
    }
    space()
    append(end)
  }

  private mutating func string(ending: String = "") {
    append("\"")
    for _ in 0..<random.number(6) { bytes += TextMaker.pieces[random.number(TextMaker.pieces.count)] }
    append(ending)
    append("\"")
  }

  private mutating func space() {
    if random.number(4) == 0 { bytes.append([0x20, 0x09, 0x0A, 0x0D][random.number(4)]) }
  }

  private mutating func append(_ text: String) { bytes += Array(text.utf8) }
}
