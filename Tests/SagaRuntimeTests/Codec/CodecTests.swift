import SagaCore
import Testing

@testable import SagaRuntime

/// These bytes are the file format: a change here needs a new version of the encoding, and the old one stays readable.
@Suite("The encodings of the journal")
struct CodecTests {
  let id = Hash128(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)
  let hashBytes: [UInt8] = Array(1...16)

  @Test("keep a decision with all of its parts")
  func decided() throws {
    var record = DecidedRecord(.started)
    record.identity = MessageIdentity(id: id, body: 0x1112_1314_1516_1718)
    record.machine = 3
    record.facts = [9, 9]
    record.state = .image([7, 7, 7])
    let bytes = [1, 0b11_0011, 1] + hashBytes + Array(0x11...0x18) + [6, 2, 9, 9, 3, 7, 7, 7]
    #expect(record.encode() == bytes)
    #expect(try DecidedRecord(decoding: bytes) == record)
  }

  @Test("keep a refusal with its reason and fingerprint")
  func dead() throws {
    var record = DecidedRecord(.dead)
    record.fault = MessageFault(code: "a.b", message: "no", isRetryable: true)
    record.fingerprint = id
    record.state = .patch(prefix: 300, suffix: 1, middle: [5])
    let bytes = [1, 0b100_1100, 6, 3, 97, 46, 98, 2, 110, 111, 1] + hashBytes + [0xac, 2, 1, 1, 5]
    #expect(record.encode() == bytes)
    #expect(try DecidedRecord(decoding: bytes) == record)
  }

  @Test("keep a change of a state, under the next version of the form")
  func delta() throws {
    var record = DecidedRecord(.handled)
    record.state = .delta([1, 2])
    #expect(record.encode() == [2, 0b1000_0000, 2, 2, 1, 2])
    #expect(try DecidedRecord(decoding: [2, 0b1000_0000, 2, 2, 1, 2]) == record)
  }

  @Test("pack what goes out beside what came in, where that is shorter")
  func packed() throws {
    let input = Array("a message that says something".utf8)
    let outgoing = OutgoingRecord.encode([
      OutgoingRecord(kind: .event, destination: nil, lanes: [1], ordering: id, event: Array("it says something".utf8))
    ])
    let packed = OutgoingRecord.packed(outgoing, beside: input)
    #expect(packed.first == 2)
    #expect(packed.count < outgoing.count)
    #expect(try OutgoingRecord.unpacked(packed, beside: input) == outgoing)
    #expect(throws: DecodingFault.self) { try OutgoingRecord.unpacked(Array(packed.dropLast()), beside: input) }
    // A row of the first version, one that gains nothing, and one that sends nothing.
    #expect(try OutgoingRecord.unpacked(outgoing, beside: input) == outgoing)
    #expect(OutgoingRecord.packed([1, 0], beside: nil) == [1, 0])
    #expect(try OutgoingRecord.unpacked(nil, beside: input) == nil)
  }

  @Test("keep what goes out; an ordering key that repeats is written once")
  func outgoing() throws {
    let records = [
      OutgoingRecord(kind: .command, destination: "card", lanes: [1, 2], ordering: id, event: [8, 8]),
      OutgoingRecord(kind: .event, destination: nil, lanes: [], ordering: id, event: []),
    ]
    let bytes: [UInt8] = [1, 2, 0x12, 4, 99, 97, 114, 100, 2, 2, 4] + hashBytes + [2, 8, 8, 0x21, 0, 0]
    #expect(OutgoingRecord.encode(records) == bytes)
    #expect(try OutgoingRecord.decode(bytes) == records)
  }

  @Test("keep cursor moves and seen ids")
  func marksAndSeen() throws {
    let marks = [
      LaneMark(lane: 1, name: "out", sequence: 64, effect: 2), LaneMark(lane: 2, name: "", sequence: 1, effect: 0),
    ]
    let bytes: [UInt8] = [1, 2, 2, 3, 111, 117, 116, 0x80, 1, 4, 4, 0, 2, 0]
    #expect(LaneMark.encode(marks) == bytes)
    #expect(try LaneMark.decode(bytes) == marks)
    var seen = SeenIDs()
    seen.append(MessageIdentity(id: id, body: 1))
    #expect(seen.encode(skipping: 0) == [1, 0, 1] + hashBytes + [0, 0, 0, 0, 0, 0, 0, 1])
    #expect(seen.encode(skipping: 1) == [1, 1, 0])
    seen.commit()
    #expect(try SeenIDs(decoding: seen.encode(skipping: 0)) == seen)
  }

  @Test(
    "keep inputs that are no messages",
    arguments: [
      (InputRecord.timer(TimerFiring(timer: .state(index: 2), armedRevision: 5)), [1, 1, 1, 4, 10] as [UInt8]),
      (.timer(TimerFiring(timer: .role(index: 0), armedRevision: 1)), [1, 1, 2, 0, 2]),
      (.timer(TimerFiring(timer: .call(7), armedRevision: 1)), [1, 1, 3, 14, 2]),
      (
        .operation(Operation(verb: .skip, by: "a", reason: "b")),
        [1, 2, 4, 115, 107, 105, 112, 1, 97, 1, 98]
      ),
      (.undeliverable(idempotencyKey: "k", reason: "r"), [1, 3, 1, 107, 1, 114]),
      (.rearmed, [1, 4]),
      (.deadLetterReplay(9, by: "a", reason: ""), [1, 5, 18, 1, 97, 0]),
      (.deadLetterDiscard(9, by: "a", reason: ""), [1, 6, 18, 1, 97, 0]),
      (.outgoingRetry(lane: "x", nil, by: "a", reason: ""), [1, 7, 0, 0, 1, 120, 1, 97, 0]),
      (
        .outgoingDiscard(lane: "x", OutgoingPosition(sequence: 3, effect: 1), by: "a", reason: ""),
        [1, 8, 6, 2, 1, 120, 1, 97, 0]
      ),
      (.clockConfirmed(by: "a", reason: ""), [1, 9, 1, 97, 0]),
    ])
  func inputs(record: InputRecord, bytes: [UInt8]) throws {
    #expect(record.encode() == bytes)
    #expect(try InputRecord(decoding: bytes) == record)
  }

  @Test("refuse every truncation, and bytes of a newer version")
  func truncation() throws {
    var record = DecidedRecord(.dead)
    record.identity = MessageIdentity(id: id, body: 1)
    record.machine = 1
    record.fault = MessageFault(code: "code", message: "message")
    record.fingerprint = id
    record.facts = [1, 2, 3]
    record.state = .patch(prefix: 1, suffix: 2, middle: [1, 2, 3])
    let whole = record.encode()
    for length in whole.indices {
      #expect(throws: DecodingFault.self) { try DecidedRecord(decoding: Array(whole[..<length])) }
    }
    #expect(throws: DecodingFault.self) { try DecidedRecord(decoding: [3] + whole.dropFirst()) }
    #expect(throws: DecodingFault.self) { try DecidedRecord(decoding: whole + [0]) }
  }

  @Test("give a state back from what differs")
  func changes() throws {
    let left = Array("the state of an order, before".utf8)
    let right = Array("the state of this order, before it is paid".utf8)
    let change = StateChange(from: left, to: right, revision: 2)
    guard case .delta = change else {
      Issue.record("\(change)")
      return
    }
    #expect(try change.applied(to: left) == right)
    #expect(throws: DecodingFault.self) { try change.applied(to: nil) }
    #expect(StateChange(from: left, to: right, revision: 33) == .image(right))
    #expect(StateChange(from: [], to: right, revision: 2) == .image(right))
    #expect(StateChange(from: [1, 2], to: [3, 4], revision: 2) == .image([3, 4]))
  }

  @Test(
    "give a state back from a patch of the first version",
    arguments: [
      (1, 1, [9]), (0, 3, [7, 7]), (3, 0, []), (0, 0, [1, 2, 3, 4]),
    ] as [(Int, Int, [UInt8])])
  func patches(prefix: Int, suffix: Int, middle: [UInt8]) throws {
    let previous: [UInt8] = [10, 11, 12]
    let patch = StateChange.patch(prefix: prefix, suffix: suffix, middle: middle)
    #expect(try patch.applied(to: previous) == Array(previous.prefix(prefix)) + middle + Array(previous.suffix(suffix)))
    #expect(throws: DecodingFault.self) { try StateChange.patch(prefix: 3, suffix: 3, middle: []).applied(to: [1, 2]) }
  }
}
