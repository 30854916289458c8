import SagaCore
import Testing

@Suite("Positions in JSON texts") struct LocatedJSONTests {
  static let text = """
    {
      "saga": "x",
      "ünï😀": [1, {"a": true}, []],
      "steps": [
        {"call": "A"}, {"call": "B", "with": {}}
      ]
    }
    """

  @Test(
    "values and keys know their line and column",
    arguments: [
      ([], 1, 1, 1), (["saga"], 2, 11, 3), (["ünï😀"], 3, 11, 3), (["ünï😀", 0], 3, 12, 12),
      (["ünï😀", 1, "a"], 3, 21, 16),
      (["ünï😀", 2], 3, 28, 28), (["steps", 0, "call"], 5, 14, 6), (["steps", 1], 5, 20, 20),
      (["steps", 1, "with"], 5, 42, 34),
    ] as [(JSONPointerPath, Int, Int, Int)])
  func positions(path: JSONPointerPath, line: Int, column: Int, keyColumn: Int) throws {
    let located = try JSONParser.parseWithPositions(Array(LocatedJSONTests.text.utf8))
    let value = try #require(located.position(of: path))
    #expect("\(value)" == "\(line):\(column)")
    #expect(located.keyPosition(of: path)?.column == keyColumn)
    #expect(SourcePosition(offset: value.offset, in: located.bytes) == value)
  }

  @Test("paths that lead nowhere have no position, but a nearest one") func missing() throws {
    let located = try JSONParser.parseWithPositions(Array(LocatedJSONTests.text.utf8))
    #expect(located.position(of: ["steps", 2]) == nil)
    #expect(located.position(of: ["steps", "call"]) == nil)
    #expect(located.position(of: ["saga", 0]) == nil)
    #expect(located.nearestPosition(of: ["steps", 1, "timeout", "x"]) == located.position(of: ["steps", 1]))
    #expect(located.nearestPosition(of: ["nothing"]) == located.position(of: []))
  }

  @Test("keys that only look alike have places of their own") func spellings() throws {
    let located = try JSONParser.parseWithPositions(Array("{\n  \"\u{E9}\": 1,\n  \"e\u{301}\": 2\n}".utf8))
    #expect(located.nearestPosition(of: ["\u{E9}"]).line == 2)
    #expect(located.nearestPosition(of: ["e\u{301}"]).line == 3)
  }

  @Test("an error knows its line and column") func errors() {
    let bytes = Array("{\n  \"é\": 1,\n  \"é\": 2\n}".utf8)
    let error = #expect(throws: JSONError.self) { try JSONParser.parseWithPositions(bytes) }
    #expect(error?.position(in: bytes).description == "3:3")
  }

  @Test("a path is written as a JSON Pointer") func pointers() {
    let path: JSONPointerPath = ["a/b", 0, "m~n", ""]
    #expect(path.description == "/a~1b/0/m~0n/")
    #expect(JSONPointerPath().description == "")
    #expect((["a/b": [["m~n": ["": 7]]]] as JSON)[path] == 7)
    #expect((["a/b": []] as JSON)[path] == nil)
  }
}
