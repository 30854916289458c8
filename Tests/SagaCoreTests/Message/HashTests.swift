import SagaCore
import Testing

@Suite("Hashes") struct HashTests {
  /// The hash of what is appended to a builder.
  private func hash(_ build: (inout HashBuilder) -> Void) -> Hash128 {
    var builder = HashBuilder()
    build(&builder)
    return builder.finalize()
  }

  @Test("no two sequences of parts give the same hash by moving a boundary") func boundaries() {
    func texts(_ parts: String...) -> Hash128 { hash { for part in parts { $0.append(part) } } }
    let hashes = [
      texts(), texts(""), texts("ab", "c"), texts("a", "bc"), texts("abc"), hash { $0.append(Array("abc".utf8)) },
      hash { $0.append(7 as Int64) }, hash { $0.append([0, 0, 0, 0, 0, 0, 0, 7] as [UInt8]) },
      hash { $0.append(Hash128(high: 0, low: 7)) },
    ]
    #expect(Set(hashes).count == hashes.count)
  }

  @Test("the encoding of parts never changes: stored ids are made of it") func golden() {
    let nothing = hash { _ in }
    #expect(nothing.hex == "e3b0c44298fc1c149afbf4c8996fb924")
    let parts = hash { builder in
      builder.append("order")
      builder.append(-1 as Int64)
      builder.append([1, 2] as [UInt8])
    }
    #expect(parts.hex == "02249f01162835064d457f396beeef6d")
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
