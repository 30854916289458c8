import CEL
import Testing

@Suite struct ValueTests {
  @Test("a map keeps its order and finds numbers across types, small or large", arguments: [3, 100])
  func map(count: Int) throws {
    let map = try CELMap(
      (0..<count).map { (.int(Int64($0)), .string("v\($0)")) } + [(.string("k"), .null), (.bool(true), .int(1))])
    #expect(map.count == count + 2)
    #expect(map.entries.prefix(count).map(\.key) == (0..<count).map { .int(Int64($0)) })
    #expect(map[.uint(2)] == .string("v2"))
    #expect(map[.double(2)] == .string("v2"))
    #expect(map[.double(2.5)] == nil)
    #expect(map[.null] == nil)
    #expect(map["k"] == .null)
    #expect(map[.bool(true)] == .int(1))
  }

  @Test("keys that are equal in CEL are duplicates, keys that only look alike are not")
  func keys() throws {
    #expect(throws: CELError.self) { try CELMap([(.int(1), .null), (.uint(1), .null)]) }
    #expect(throws: CELError.self) { try CELMap([(.double(1), .null)]) }
    let map = try CELMap([(.string("\u{e9}"), .int(1)), (.string("e\u{301}"), .int(2))])
    #expect(map["\u{e9}"] == .int(1))
    #expect(map["e\u{301}"] == .int(2))
  }

  @Test("equal values have equal hashes")
  func hashing() throws {
    let equal: [(CELValue, CELValue)] = [
      (.int(1), .double(1)), (.uint(7), .int(7)), (.uint(.max), .double(0x1p64)),
      (.list([.int(1)]), .list([.double(1)])),
      (object(("a", .int(1)), ("b", .int(2))), object(("b", .uint(2)), ("a", .double(1)))),
    ]
    for (left, right) in equal where left == right { #expect(left.hashValue == right.hashValue) }
    #expect(Set<CELValue>([.int(1), .uint(1), .double(1)]).count == 1)
    #expect(CELValue.double(.nan) != .double(.nan))
  }

  @Test("values survive protobuf's JSON mapping")
  func protobufJSON() {
    #expect(
      CELValue.list([.int(1), .uint(2), .double(.infinity), .bytes([0, 255])]).protobufJSON
        == #"{"listValue":{"values":[{"int64Value":"1"},{"uint64Value":"2"},{"doubleValue":"Infinity"},{"bytesValue":"AP8="}]}}"#
    )
    #expect(
      object(("a\n", .type("int"))).protobufJSON
        == #"{"mapValue":{"entries":[{"key":{"stringValue":"a\n"},"value":{"typeValue":"int"}}]}}"#)
    #expect(
      CELValue.duration(CELDuration(seconds: -1, nanoseconds: -500_000_000)).protobufJSON
        == #"{"objectValue":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"-1.5s"}}"#)
    #expect(CELValue(protobufJSON: .object([.init("int64Value", .string("x"))])) == nil)
    #expect(CELValue(protobufJSON: .object([.init("bytesValue", .string("AP8"))])) == .bytes([0, 255]))
  }

  @Test("a description reads like the language")
  func description() {
    let value = object(("a", .list([.null, .uint(1), .double(1.5), .string("x\"y")])), ("b", .bytes([1, 0xff])))
    #expect(value.description == #"{"a": [null, 1u, 1.5, "x\"y"], "b": b"\x01\xff"}"#)
  }
}
