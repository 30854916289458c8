import Testing

@testable import SagaCore

/// Deltas are part of the file format: what was written once is read for ever.
@Suite("A delta")
struct DeltaTests {
  static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(
    "gives the target back, whatever it has in common with the base",
    arguments: [
      ("", ""), ("", "a"), ("a", ""), ("a", "a"), ("abcdefgh", "abcdefgh"), ("abcdefgh", "abcdefghi"),
      ("one two three four five", "one two 3 four five"), ("one two three four five", "four five one two three"),
      ("", "again and again and again and again"), ("", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
      ("xxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), ("a text that is gone", "nothing alike"),
    ])
  func roundTrip(base: String, target: String) throws {
    let (base, target) = (Self.bytes(base), Self.bytes(target))
    #expect(try Delta.decode(Delta.encode(target, base: base), base: base) == target)
  }

  @Test(
    "is what its form says",
    arguments: [
      // length 6 · 6 new bytes
      ("", "abcdef", [6, 6, 97, 98, 99, 100, 101, 102]),
      // length 17 · nothing new · from 0, 8 more than the least · 1 new byte
      ("0123456789abcdef", "0123456789abcdef!", [17, 0, 0, 8, 1, 33]),
      // length 20 · 1 new byte · from 4, 2 more than the least · nothing new · one behind the end of that, where it stands again, one less
      ("0123456789abcd", "!456789abcd456789abc", [20, 1, 33, 8, 2, 0, 2, 1]),
    ] as [(String, String, [UInt8])])
  func golden(base: String, target: String, delta: [UInt8]) throws {
    #expect(Delta.encode(Self.bytes(target), base: Self.bytes(base)) == delta)
    #expect(try Delta.decode(delta, base: Self.bytes(base)) == Self.bytes(target))
  }

  @Test("of random edits gives the target back, and is short where the edits are few")
  func randomEdits() throws {
    var random = SplitMix(state: 7)
    for round in 0..<3_000 {
      let base = (0..<random.next(below: round % 10 == 0 ? 90_000 : 900)).map { _ in
        UInt8(truncatingIfNeeded: random.next(below: round % 3 == 0 ? 3 : 256))
      }
      var target = base
      let edits = random.next(below: 5)
      for _ in 0..<edits {
        let from = random.next(below: target.count + 1)
        let upTo = min(target.count, from + random.next(below: 9))
        target.replaceSubrange(
          from..<upTo, with: (0..<random.next(below: 9)).map { _ in UInt8(truncatingIfNeeded: random.next(below: 256)) }
        )
      }
      let delta = Delta.encode(target, base: base)
      #expect(try Delta.decode(delta, base: base) == target)
      // Copies are found up to the end of what the table can name.
      if base.count < 900 { #expect(delta.count <= 12 + 24 * (edits + 1)) }
    }
  }

  @Test("that is damaged is refused or gives other bytes, and never reads beyond its memory")
  func damage() throws {
    let base = Self.bytes(#"{"specversion":"1.0","id":"order-1","type":"OrderPlaced","data":{"total":4999}}"#)
    let target = Self.bytes(#"{"specversion":"1.0","id":"charge-1","type":"ChargePayment","data":{"total":4999}}"#)
    let delta = Delta.encode(target, base: base)
    #expect(delta.count < target.count / 2)
    for length in delta.indices {
      #expect(throws: DecodingFault.self) { try Delta.decode(Array(delta[..<length]), base: base) }
    }
    #expect(throws: DecodingFault.self) { try Delta.decode(delta + [0], base: base) }
    #expect(throws: DecodingFault.self) { try Delta.decode(delta, base: []) }
    for place in delta.indices {
      for bit in 0..<8 {
        var damaged = delta
        damaged[place] ^= 1 << bit
        do throws(DecodingFault) {
          _ = try Delta.decode(damaged, base: base)
        } catch {
          #expect(error.subject == "a delta")
        }
      }
    }
  }

  @Test(
    "is not trusted with memory",
    arguments: [
      // A length of 2^62, one beyond the limit, one within it that no byte stands behind.
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F], [0x81, 0x80, 0x80, 0x80, 0x04],
      [0x80, 0x80, 0x80, 0x80, 0x04],
      // A copy from before the beginning, from behind the end, and as long as a number can be.
      [9, 0, 1, 1], [9, 0, 2, 1], [9, 1, 65, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ] as [[UInt8]])
  func impossible(delta: [UInt8]) {
    #expect(throws: DecodingFault.self) { try Delta.decode(delta, base: []) }
  }
}

/// Numbers that are the same in every run (SplitMix64).
private struct SplitMix {
  var state: UInt64
  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return bound == 0 ? 0 : Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}
