import Testing

@testable import SagaCore

/// The bytes a journal keeps for ever. A golden that no longer matches is a new codec version, not a new golden.
@Suite("The stored form of instances and facts")
struct StoredFormTests {
  static let time = Timestamp(milliseconds: 1_700_000_000_000)

  static func reply(_ type: String) -> CloudEvent {
    var event = CloudEvent(id: "r1", source: "/test", type: type)
    event.data = ["n": 1.0]
    event.correlationid = "c"
    return event
  }

  static func call(_ number: Int64, _ phase: Call.Phase) -> Call {
    Call(
      number: number, node: 3, indexes: [2], item: "x", visit: 1, round: 1, attempt: 2,
      idempotencyKey: Hash128(high: 7, low: UInt64(number)),
      unsettled: [UnsettledVisit(round: 0, key: Hash128(high: 7, low: 99))], hasTimedOut: true, phase: phase)
  }

  static func undo(_ phase: OwedUndo.Phase) -> OwedUndo {
    OwedUndo(
      node: 3, indexes: [0, 1], item: nil, visit: 1, round: 0, actionKey: Hash128(high: 9, low: 9),
      event: reply("Done"),
      isUnknown: true, repetition: 1, phase: phase)
  }

  /// Running with nothing open.
  static let plain = Instance(
    Instance.Fields(
      uid: Hash128(high: 1, low: 2), key: "o1", revision: 1, status: .running, isPaused: false, startedAt: time,
      updatedAt: time, closedAt: nil, state: 0, visit: 1, data: ["total": 4999, "note": .null], failure: nil,
      correlations: [], starterCorrelation: nil, traceParent: nil, isPivoted: false, block: nil, owed: [],
      unwinding: nil,
      pending: [], timers: [], deferred: [], abandoned: [], repairs: [], answered: [], entryProblem: nil, nextCall: 1))

  /// Every frame and every phase of a call.
  static var busy: Instance {
    var instance = plain
    let failure = Failure(reason: "no", step: "a", kind: .business, time: time)
    instance.block = .sequence(
      node: 0, position: 1,
      child: .parallel(
        node: 1,
        branches: [
          nil, .call(call(1, .waiting)), .attempt(node: 4, child: .call(call(2, .backingOff))),
          .catching(node: 4, child: .choose(node: 5, branch: 1, child: .call(call(3, .repeating))), failure: nil),
          .recovering(node: 4, tree: .concurrent([.undo(undo(.settling(call(4, .settling))))], limit: 2), failure: nil),
          .forEach(
            node: 6, items: ["x", true], next: 1,
            active: [IndexedFrame(index: 0, frame: .call(call(5, .failed(failure, isUnknown: true))))], owed: []),
          .ready(node: 7, problem: "no such key"), .call(call(6, .stuck("refused"))),
        ], owed: [.undo(undo(.owed))]), owed: [.sequence([.undo(undo(.owed))])])
    instance.pending = [PendingExit(transition: TransitionReference(index: 2), failure: failure)]
    instance.timers = [
      InstanceTimer(name: .call(1), armedRevision: 3, setAt: time, delayMilliseconds: 30_000),
      InstanceTimer(name: .state(index: 0), armedRevision: 1, setAt: time, delayMilliseconds: 1),
      InstanceTimer(name: .role(index: 1), armedRevision: 1, setAt: time, delayMilliseconds: 86_400_000),
    ]
    instance.correlations = [Correlation(name: "paymentId", value: "p1")]
    instance.deferred = [DeferredMessage(sequence: 12, id: Hash128(high: 3, low: 4), type: "Later")]
    return instance
  }

  /// Compensating, with repairs and a continuation.
  static var undoing: Instance {
    var instance = plain
    instance.status = .compensating
    instance.isPaused = true
    instance.closedAt = time
    instance.starterCorrelation = "parent"
    instance.traceParent = "00-1-2-00"
    instance.failure = Failure(reason: "late", step: "", kind: .deadline, time: time)
    instance.unwinding = Unwinding(
      tree: .sequence([.undo(undo(.stuck("no"))), .undo(undo(.undoing(call(8, .answered(reply("Undone"))))))]),
      then: .transition(TransitionReference(index: 1), event: reply("Rejected")), problem: "no payload")
    instance.abandoned = [undo(.owed)]
    instance.repairs = [undo(.undoing(call(9, .waiting)))]
    instance.answered = [AnsweredCall(key: 7, type: "Done")]
    instance.entryProblem = "no duration"
    instance.nextCall = 10
    return instance
  }

  static let facts: [Fact] = [
    .started(type: "T"), .entered(state: "s"), .handled(type: "T"), .called(step: "a", attempt: 1, type: "C"),
    .waiting(step: "a"), .replied(step: "a", type: "R"), .timedOut(step: "a", attempt: 1),
    .retrying(step: "a", attempt: 2, delayMilliseconds: 1_000), .again(step: "a", visit: 1, delayMilliseconds: 5),
    .stepFailed(step: "a", kind: .unknown, reason: "r"), .published(type: "P"), .chose(step: "c", branch: 1),
    .caught(step: "t"), .compensating(kind: .cancelled, reason: "r"), .undoing(step: "a", attempt: 1, type: "U"),
    .undone(step: "a"), .pivoted(step: "p"), .timerFired(name: "n"), .stuck(step: "a", reason: "r"),
    .operated(verb: "skip", by: "ada", reason: "r"), .deferred(type: "T"), .late(type: "T"), .noted(text: "n"),
    .closed(status: .completed),
  ]

  static let instances = [plain, busy, undoing]

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test("an instance is written as it was in every version before", arguments: [0, 1, 2])
  func goldenInstance(index: Int) throws {
    let bytes = StoredFormTests.instances[index].encode()
    #expect(StoredFormTests.hex(bytes) == StoredGoldens.instances[index])
    #expect(try Instance(decoding: bytes) == StoredFormTests.instances[index])
  }

  /// `try` blocks that deal with failures of their own: forms 10 and 11; 7 and 8 were those without.
  static var catching: Instance {
    var instance = plain
    let failure = Failure(reason: "no", step: "a", kind: .unknown, time: time)
    instance.block = .parallel(
      node: 1,
      branches: [
        .catching(node: 4, child: .ready(node: 7, problem: nil), failure: failure),
        .recovering(node: 4, tree: .sequence([]), failure: failure),
      ], owed: [])
    return instance
  }

  @Test("a `catch` keeps the failure that it deals with")
  func goldenCatch() throws {
    let bytes = StoredFormTests.catching.encode()
    #expect(
      StoredFormTests.hex(bytes).contains("0b08000e00026e6f01610180a0abfef962010a080100026e6f01610180a0abfef962"))
    #expect(try Instance(decoding: bytes) == StoredFormTests.catching)
  }

  @Test("the fact of a refusal, which came later, is written as it was then")
  func goldenRefusal() throws {
    #expect(StoredFormTests.hex(Fact.encode([.refused(state: "a")])) == "01180161")
    #expect(try Fact.decode(Fact.encode([.refused(state: "a")])) == [.refused(state: "a")])
  }

  @Test("facts are written as they were in every version before")
  func goldenFacts() throws {
    let bytes = Fact.encode(StoredFormTests.facts)
    #expect(StoredFormTests.hex(bytes) == StoredGoldens.facts)
    #expect(try Fact.decode(bytes) == StoredFormTests.facts)
  }

  @Test("a stored instance that is cut short or too long is refused", arguments: [0, 1, 2])
  func truncatedInstance(index: Int) {
    let bytes = StoredFormTests.instances[index].encode()
    for length in bytes.indices {
      #expect(throws: DecodingFault.self) { try Instance(decoding: Array(bytes[..<length])) }
    }
    #expect(throws: DecodingFault.self) { try Instance(decoding: bytes + [0]) }
  }

  @Test("stored facts that are cut short or too long are refused")
  func truncatedFacts() {
    let bytes = Fact.encode(StoredFormTests.facts)
    for length in bytes.indices {
      #expect(throws: DecodingFault.self) { try Fact.decode(Array(bytes[..<length])) }
    }
    #expect(throws: DecodingFault.self) { try Fact.decode(bytes + [0]) }
  }

  @Test("a damaged byte is refused or read as another value; it never traps")
  func flipped() {
    var refused = 0
    for bytes in StoredFormTests.instances.map({ $0.encode() }) + [Fact.encode(StoredFormTests.facts)] {
      for index in bytes.indices {
        for mask in [0x01, 0x02, 0x08, 0x40, 0x80, 0xFF] as [UInt8] {
          var damaged = bytes
          damaged[index] ^= mask
          if (try? Instance(decoding: damaged)) == nil { refused += 1 }
          if (try? Fact.decode(damaged)) == nil { refused += 1 }
        }
      }
    }
    #expect(refused > 0)
  }

  @Test("bytes that claim to nest without end are refused")
  func endlessNesting() {
    var reader = ByteReader((0..<100_000).flatMap { _ in [6, 1] as [UInt8] })
    #expect(throws: DecodingFault.self) { try reader.json() }
    var owed = ByteReader((0..<100_000).flatMap { _ in [1, 1] as [UInt8] })
    #expect(throws: DecodingFault.self) { try owed.owed() }
    var frame = ByteReader((0..<100_000).flatMap { _ in [6, 0] as [UInt8] })
    #expect(throws: DecodingFault.self) { try frame.frame() }
  }
}
