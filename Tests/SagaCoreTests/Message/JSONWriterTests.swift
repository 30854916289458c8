import SagaCore
import Testing

@Suite("JSON writer") struct JSONWriterTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test(
    "writes the shortest text that reads back as the same value",
    arguments: [
      (.null, "null"), (true, "true"), (0, "0"), (-7, "-7"), (10, "10"), (.int(.min), "-9223372036854775808"),
      (.int(.max), "9223372036854775807"), (0.1, "0.1"), (-12.25, "-12.25"), (.double(4999), "4999"),
      (.double(-0.0), "-0"),
      (.double(0x1p53), "9007199254740992.0"), (.double(1e300), "1e+300"), (.double(.leastNonzeroMagnitude), "5e-324"),
      (.double(.infinity), "null"), (.double(.nan), "null"), ("", "\"\""), ("a\"\\/b", #""a\"\\/b""#),
      ("\u{8}\u{9}\u{A}\u{C}\u{D}\u{0}\u{1F}\u{7F}", "\"\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}\""),
      ("é€😀\u{2028}", "\"é€😀\u{2028}\""),
      ([], "[]"), ([1, [2]], "[1,[2]]"), ([:], "{}"), (["b": 1, "a\n": nil], "{\"b\":1,\"a\\n\":null}"),
    ] as [(JSON, String)])
  func compact(value: JSON, expected: String) {
    #expect(text(JSONWriter.compact(value)) == expected)
  }

  @Test(
    "what is written reads back",
    arguments: [
      ["a": [1, 2.5, -0.125, "x\u{0}\"", nil, true, [:], []], "日本": "語"], 1e-7, 123_456.789, .double(1e22),
      .double(0x1p70),
      .double(.greatestFiniteMagnitude), .double(.leastNonzeroMagnitude), .double(0.1 + 0.2), .double(-0.0),
    ] as [JSON])
  func roundTrip(value: JSON) throws {
    #expect(try JSONParser.parse(JSONWriter.compact(value)) == value)
    #expect(try JSONParser.parse(JSONWriter.pretty(value)) == value)
    #expect(try JSONParser.parse(JSONWriter.canonical(value)).isEquivalent(to: value))
  }

  @Test("many doubles and integers read back as they were") func manyNumbers() throws {
    var state: UInt64 = 88_172_645_463_325_252
    for _ in 0..<20_000 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let double = Double(bitPattern: state)
      if double.isFinite {
        #expect(try JSONParser.parse(JSONWriter.compact(.double(double))).isEquivalent(to: .double(double)))
      }
      let integer = Int64(bitPattern: state) >> Int64(state % 64)
      #expect(try JSONParser.parse(JSONWriter.compact(.int(integer))) == .int(integer))
      let decimal = "\(integer % 1_000_000_000).\(state % 1_000_000)e\(Int(state % 40) - 20)"
      #expect(try JSON.parse(decimal) == .double(try #require(Double(decimal))))
    }
  }

  @Test("the canonical text is one for all equivalent values") func canonical() {
    let one: JSON = ["b": [1, 4999.0], "a": ["y": 1, "x": .double(1e17)]]
    let other: JSON = ["a": ["x": 100_000_000_000_000_000, "y": 1.0], "b": [1, 4999]]
    #expect(text(JSONWriter.canonical(one)) == #"{"a":{"x":100000000000000000,"y":1},"b":[1,4999]}"#)
    #expect(JSONWriter.canonical(one) == JSONWriter.canonical(other))
    #expect(JSONWriter.canonical(.double(-0.0)) == JSONWriter.canonical(0))
    #expect(text(JSONWriter.canonical(["😀": 1, "\u{FFFD}": 2, "Z": 3])) == "{\"Z\":3,\"\u{FFFD}\":2,\"😀\":1}")
  }

  @Test("the pretty text has one member a line") func pretty() {
    let value: JSON = ["a": [1, [:]], "b": [], "c": ["d": "e"]]
    #expect(
      text(JSONWriter.pretty(value)) == """
        {
          "a": [
            1,
            {}
          ],
          "b": [],
          "c": {
            "d": "e"
          }
        }
        """)
  }
}
