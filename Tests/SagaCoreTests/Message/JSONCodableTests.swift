import Foundation
import SagaCore
import Testing

@Suite("JSON in Codable types")
struct JSONCodableTests {
  private struct Holder: Codable, Equatable {
    var any: JSON
    var perhaps: JSON?
  }

  private func decode(_ text: String) throws -> Holder {
    try JSONDecoder().decode(Holder.self, from: Data(text.utf8))
  }

  @Test(
    "comes as it is written",
    arguments: [
      ("null", .null), ("true", true), ("false", false), ("0", 0), ("1", 1), ("-7", -7), ("2.5", 2.5),
      ("9007199254740993", 9_007_199_254_740_993), ("1e300", 1e300), ("\"\"", ""), ("\"1\"", "1"), ("[]", []),
      ("[null,[1,{\"a\":[]}]]", [nil, [1, ["a": []]]]), ("{}", [:]),
      ("{\"b\":{\"c\":null},\"a\":1}", ["a": 1, "b": ["c": nil]]),
    ] as [(String, JSON)])
  func decoding(text: String, value: JSON) throws {
    let holder = try decode("{\"any\":\(text)}")
    #expect(holder.any == value)
    #expect(holder.perhaps == nil)
    let again = try JSONDecoder().decode(Holder.self, from: try JSONEncoder().encode(holder))
    #expect(again == holder)
  }

  @Test("has its members sorted, whatever order a decoder gives them in")
  func order() throws {
    let keys = (0..<40).map { "k\($0)" }
    let text = keys.shuffled().map { "\"\($0)\":1" }.joined(separator: ",")
    let holder = try decode("{\"any\":{\(text)}}")
    #expect(holder.any.objectValue?.keys == keys.sorted())
  }

  @Test("that must be there is missed, and a number that is none is refused by the encoder")
  func refusals() throws {
    #expect(throws: DecodingError.self) { try decode("{}") }
    #expect(throws: EncodingError.self) { try JSONEncoder().encode(JSON.double(.infinity)) }
  }
}
