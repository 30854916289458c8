import SagaCore
import Testing

@testable import SagaRuntime

@Suite("What a participant remembers")
struct BarrierRecordTests {
  private static let reply = BarrierReply(.done("Charged", ["id": 7]))

  /// Bytes as version 1 wrote them: they are read for ever.
  private static let goldens: [(record: BarrierRecord, hex: String)] = [
    (.started(attempts: 3), "010106"), (.done(reply), "0102074368617267656408" + "7b226964223a377d"),
    (.declined(reply), "0103074368617267656408" + "7b226964223a377d"),
    (.undone(reply), "010401074368617267656408" + "7b226964223a377d"), (.undone(nil), "010400"), (.tombstone, "0105"),
  ]

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  @Test("is written as it always was, and read back", arguments: goldens.indices)
  func golden(_ index: Int) throws {
    let (record, expected) = Self.goldens[index]
    #expect(hex(record.encode()) == expected)
    #expect(try BarrierRecord(decoding: record.encode()) == record)
  }

  @Test("is refused where it is no record", arguments: [[], [1], [2, 5], [1, 9], [1, 2, 7]] as [[UInt8]])
  func damaged(_ bytes: [UInt8]) {
    #expect(throws: DecodingFault.self) { try BarrierRecord(decoding: bytes) }
  }
}
