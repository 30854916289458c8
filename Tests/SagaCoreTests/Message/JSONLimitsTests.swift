import SagaCore
import Testing

@Suite("JSON limits") struct JSONLimitsTests {
  private func kind(_ text: String, _ limits: JSONLimits) -> JSONError.Kind? {
    do throws(JSONError) {
      _ = try JSONParser.parse(Array(text.utf8), limits: limits)
      return nil
    } catch {
      return error.kind
    }
  }

  private func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  @Test("nesting up to the limit is accepted, one more is not") func depth() {
    #expect(kind(nested(64), .message) == nil)
    #expect(kind(nested(65), .message) == .tooDeep)
    #expect(kind("1", JSONLimits(maximumDepth: 0)) == nil)
    #expect(kind("{}", JSONLimits(maximumDepth: 0)) == .tooDeep)
  }

  @Test("ten thousand brackets and keys end with an error, whatever the limits say")
  func hostileNesting() {
    for limits in [.message, .definition, JSONLimits(maximumDepth: .max)] {
      #expect(kind(String(repeating: "[", count: 10_000), limits) == .tooDeep)
      #expect(kind(String(repeating: "{\"a\":", count: 10_000), limits) == .tooDeep)
    }
    #expect(kind(nested(JSONLimits.greatestDepth), JSONLimits(maximumDepth: .max)) == nil)
  }

  @Test("ten megabytes are over the limit of a message") func size() {
    #expect(kind("\"" + String(repeating: "x", count: 10_000_000) + "\"", .message) == .tooLarge)
    #expect(kind("[1,2]", JSONLimits(maximumBytes: 5)) == nil)
    #expect(kind("[1,2]", JSONLimits(maximumBytes: 4)) == .tooLarge)
  }

  @Test("long strings and wide objects have limits of their own") func parts() {
    #expect(kind("\"abc\"", JSONLimits(maximumStringBytes: 3)) == nil)
    #expect(kind("\"abcd\"", JSONLimits(maximumStringBytes: 3)) == .stringTooLong)
    #expect(kind("\"\\n\\n\"", JSONLimits(maximumStringBytes: 3)) == .stringTooLong)
    #expect(kind("[1,2]", JSONLimits(maximumMembers: 2)) == nil)
    #expect(kind("[1,2,3]", JSONLimits(maximumMembers: 2)) == .tooManyMembers)
    #expect(kind("{\"a\":1,\"b\":2,\"c\":3}", JSONLimits(maximumMembers: 2)) == .tooManyMembers)
  }

  @Test("the depth of a value is told without reading it again") func deepValues() {
    let value: JSON = [[1], ["a": [[]]]]
    #expect(value.isDeeper(than: 3))
    #expect(!value.isDeeper(than: 4))
    #expect(!JSON.int(1).isDeeper(than: 0))
  }
}
