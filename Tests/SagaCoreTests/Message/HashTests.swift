import SagaCore
import Testing

@Suite("Hashes") struct HashTests {
  @Test("no two sequences of parts give the same hash by moving a boundary") func boundaries() {
    let hashes = [
      Hash128.of([]), Hash128.of([.string("")]), Hash128.of([.string("ab"), .string("c")]),
      Hash128.of([.string("a"), .string("bc")]), Hash128.of([.string("abc")]), Hash128.of([.bytes(Array("abc".utf8))]),
      Hash128.of([.int(7)]), Hash128.of([.bytes([0, 0, 0, 0, 0, 0, 0, 7])]),
      Hash128.of([.hash(Hash128(high: 0, low: 7))]),
    ]
    #expect(Set(hashes).count == hashes.count)
  }

  @Test("the encoding of parts never changes: stored ids are made of it") func golden() {
    #expect(Hash128.of([]).hex == "e3b0c44298fc1c149afbf4c8996fb924")
    #expect(Hash128.of([.string("order"), .int(-1), .bytes([1, 2])]).hex == "02249f01162835064d457f396beeef6d")
    #expect(Slot(key: "order-1").value == 776)
  }

  @Test("bytes, hexadecimal digits and order agree") func representations() throws {
    let hash = Hash128(bytes: (1...16).map { UInt8($0) })
    #expect(hash.hex == "0102030405060708090a0b0c0d0e0f10")
    #expect(hash.bytes == (1...16).map { UInt8($0) })
    #expect(Hash128(hex: hash.hex) == hash)
    #expect(Hash128(hex: "+102030405060708090a0b0c0d0e0f10") == nil)
    #expect(Hash128(hex: "01") == nil)
    #expect(Hash128(high: 0, low: .max) < Hash128(high: 1, low: 0))
  }

  @Test("the identity of a message ignores the order of members, the form of numbers and the time") func identity()
    throws
  {
    let head = #"{"specversion":"1.0","id":"1","source":"/s","type":"T","#
    func identity(_ rest: String) throws -> MessageIdentity {
      MessageIdentity(try CloudEvent.decode(Array((head + rest + "}").utf8)))
    }
    let one = try identity(#""data":{"a":1,"b":[2,{"c":3,"d":4}]}"#)
    #expect(one == (try identity(#""time":"2017-01-09T08:49:50Z","data":{"b":[2.0,{"d":4,"c":3}],"a":1}"#)))
    let others = try [
      #""data":{"a":1,"b":[2,{"c":3,"d":5}]}"#, #""data":null"#, #""data":"""#, #""data":"AA==""#,
      #""data_base64":"AA==""#,
      #""subject":"x""#, #""x":1"#,
    ].map(identity)
    #expect(others.allSatisfy { $0.id == one.id && $0.body != one.body })
    #expect(Set(others.map(\.body)).count == others.count)
  }

  @Test("keys spread over all slots") func slots() {
    let slots = Set((0..<100_000).map { Slot(key: "key-\($0)") })
    #expect(slots.count == Slot.count)
    #expect(slots.allSatisfy { $0.value < 4096 })
  }
}
