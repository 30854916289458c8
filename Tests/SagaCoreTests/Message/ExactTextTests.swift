import Testing

@testable import SagaCore

@Suite("Texts by their code points") struct ExactTextTests {
  /// 256 texts of eight letters, each of which is written in one of two ways: to `String` they are all the same.
  static let spellings: [String] = (0..<256).map { number in
    var text = ""
    for place in 0..<8 { text += (number >> place) & 1 == 0 ? "\u{E9}" : "e\u{301}" }
    return text
  }

  @Test("spellings of one text are different texts, and do not share a hash") func spellings() {
    #expect(Set(ExactTextTests.spellings).count == 1)
    let texts = ExactTextTests.spellings.map { ExactText(text: $0) }
    #expect(Set(texts).count == 256)
    #expect(Set(texts.map(\.hashValue)).count == 256)
  }

  @Test(
    "the same text has the same hash wherever it is kept", arguments: ["", "key", "a key of more than fifteen bytes"])
  func same(text: String) {
    let other = String(decoding: Array(text.utf8), as: UTF8.self)
    #expect(ExactText(text: text) == ExactText(text: other))
    #expect(ExactText(text: text).hashValue == ExactText(text: other).hashValue)
  }

  @Test("a large object keeps a member for each spelling, and finds it") func members() throws {
    let text = ExactTextTests.spellings.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
    let object = try #require(try JSON.parse("{\(text)}").objectValue)
    #expect(object.count == 256)
    for (number, key) in ExactTextTests.spellings.enumerated() { #expect(object[key]?.intValue == Int64(number)) }
  }
}
