import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Offering messages")
struct OfferTests {
  @Test("starts an instance and moves it; each message is one row")
  func startsAndMoves() throws {
    let world = try World([Definitions.parcel])
    #expect(try world.offer("1", "Opened", ["id": "p"]) == .started)
    #expect(try world.offer("2", "Paid", ["id": "p"]) == .handled)
    #expect(try world.state("p") == "paid")
    #expect(world.contents.journal.map(\.revision) == [1, 2])
    #expect(world.contents.journal.map(\.previousSequence) == [nil, 1])
    #expect(try world.sentTypes() == ["Receipt"])
  }

  @Test("decides a later message of a batch on what an earlier one did, in one commit")
  func batch() throws {
    let world = try World([Definitions.parcel])
    let receipts = try world.engine.offer(
      [
        world.message("1", "Opened", ["id": "p"]), world.message("1", "Opened", ["id": "p"]),
        world.message("2", "Paid", ["id": "p"]),
      ], now: world.now)
    #expect(receipts.map { $0.deliveries[0].outcome } == [.started, .duplicate, .handled])
    #expect(receipts[2].deliveries[0].machine == MachineIdentity(saga: "parcel", version: 1, role: "desk"))
    #expect(receipts[2].deliveries[0].key == "p")
    #expect(world.store.commits.count == 1)
  }

  @Test("acknowledges a duplicate without a row, folded and evicted or not, also of a final instance")
  func duplicates() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p"])
    try world.offer("3", "Packed", ["id": "p", "trackingId": "t"])
    try world.offer("4", "Sent", ["id": "p"])
    let rows = world.contents.journal.count
    #expect(try world.offer("2", "Paid", ["id": "p"]) == .duplicate)
    try world.restart()
    #expect(try world.offer("2", "Paid", ["id": "p"]) == .duplicate)
    try world.fold()
    try world.restart()
    #expect(try world.offer("1", "Opened", ["id": "p"]) == .duplicate)
    #expect(try world.offer("4", "Sent", ["id": "p"]) == .duplicate)
    #expect(world.contents.journal.filter { $0.kind != .marks }.count == rows)
    #expect(try world.offer("5", "Sent", ["id": "p"]) == .late)
  }

  @Test("remembers ids that no longer fit inline")
  func spilled() throws {
    let world = try World([Definitions.parcel]) { $0.inlineSeenIDs = 3 }
    try world.offer("1", "Opened", ["id": "p"])
    for index in 0..<10 { #expect(try world.offer("o\(index)", "Optional", ["id": "p"]) == .handled) }
    try world.fold()
    #expect(world.contents.seen.count == 8)
    for index in 10..<20 { try world.offer("o\(index)", "Optional", ["id": "p"]) }
    try world.fold()
    try world.restart()
    #expect(world.contents.seen.count == 18)
    #expect(try world.offer("o0", "Optional", ["id": "p"]) == .duplicate)
    #expect(try world.offer("o5", "Optional", ["id": "p", "x": 1]).isDead("message.conflict"))
    #expect(try world.offer("o19", "Optional", ["id": "p"]) == .duplicate)
    #expect(try world.offer("o20", "Optional", ["id": "p"]) == .handled)
  }

  @Test("puts the same id with another body into the dead letters, once for each body")
  func conflict() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Paid", ["id": "p", "cents": 1])
    #expect(try world.offer("2", "Paid", ["id": "p", "cents": 2]).isDead("message.conflict"))
    #expect(try world.offer("2", "Paid", ["id": "p", "cents": 2]) == .duplicate)
    #expect(try world.offer("2", "Paid", ["id": "p", "cents": 3]).isDead("message.conflict"))
    #expect(try world.deadLetters().count == 2)
    #expect(try world.state("p") == "paid")
    #expect(try world.instance("p")?.revision == 4)
  }

  @Test("keeps the bytes of what is no message, once")
  func undecodable() throws {
    let world = try World([Definitions.parcel])
    let garbage = IncomingMessage(bytes: Array("{\"no\":".utf8))
    let first = try world.engine.offer([garbage, garbage], now: world.now)
    #expect(first[0].deliveries[0].outcome.isDead(MessageFault.undecodable))
    #expect(first[1].deliveries[0].outcome == .duplicate)
    try world.restart()
    #expect(try world.engine.offer([garbage], now: world.now)[0].deliveries[0].outcome == .duplicate)
    #expect(world.contents.journal.map(\.input) == [garbage.bytes])
  }

  @Test("keeps a bounded part of an oversized message")
  func oversized() throws {
    let world = try World([Definitions.parcel]) {
      $0.maximumMessageBytes = 100
      $0.maximumDeadLetterBytes = 120
    }
    let bytes = [UInt8](repeating: 32, count: 200)
    let outcome = try world.engine.offer([IncomingMessage(bytes: bytes)], now: world.now)[0].deliveries[0].outcome
    #expect(outcome.isDead("message.size"))
    #expect(world.contents.journal[0].input?.count == 120)
  }

  @Test("counts what nothing names, and refuses commands and replies that nothing takes")
  func foreign() throws {
    let world = try World([Definitions.parcel])
    #expect(try world.offer("1", "Unheard", [:]) == .foreign)
    #expect(world.contents.journal.isEmpty)
    #expect(world.engine.foreignCount == 1)
    var command = world.event("2", "DoIt", [:])
    command.messagekind = "command"
    let receipts = try world.engine.offer([IncomingMessage(bytes: command.encode())], now: world.now)
    #expect(receipts[0].deliveries[0].outcome.isDead("message.unexpected"))
  }

  @Test("reaches every key of a list; each dedupes for itself")
  func manyKeys() throws {
    let world = try World([Definitions.parcel]) { $0.keysPerMessage = 3 }
    for key in ["a", "b"] { try world.offer("open-\(key)", "Opened", ["id": .string(key)]) }
    let recall = world.message("r", "Recalled", ["ids": ["a", "b", "c"]])
    let receipt = try world.engine.offer([recall], now: world.now)[0]
    #expect(receipt.deliveries.map(\.outcome) == [.handled, .handled, .parked])
    #expect(receipt.deliveries.map(\.key) == ["a", "b", "c"])
    #expect(
      try world.engine.offer([recall], now: world.now)[0].deliveries.map(\.outcome) == [
        .duplicate, .duplicate, .duplicate,
      ])
    #expect(try world.offer("r2", "Recalled", ["ids": ["a", "b", "c", "d"]]).isDead("message.keys"))
  }

  @Test("treats a missing instance as the type says")
  func missing() throws {
    let world = try World([Definitions.parcel])
    #expect(try world.offer("1", "Optional", ["id": "p"]) == .foreign)
    #expect(try world.offer("2", "Strict", ["id": "p"]).isDead("message.missing"))
    #expect(try world.offer("3", "Paid", ["id": "p"]) == .parked)
  }

  @Test("refuses a value that another open instance correlates, and gives it away when that one is closed")
  func keyTaken() throws {
    let world = try World([Definitions.parcel])
    for key in ["a", "b"] {
      try world.offer("open-\(key)", "Opened", ["id": .string(key)])
      try world.offer("pay-\(key)", "Paid", ["id": .string(key)])
    }
    #expect(try world.offer("1", "Packed", ["id": "a", "trackingId": "t"]) == .handled)
    #expect(try world.offer("2", "Packed", ["id": "b", "trackingId": "t"]).isDead("key.taken"))
    #expect(try world.state("b") == "paid")
    try world.offer("3", "Sent", ["id": "a"])
    #expect(try world.offer("4", "Packed", ["id": "b", "trackingId": "t"]) == .handled)
    #expect(try world.offer("5", "Tracked", ["trackingId": "t"]) == .handled)
    #expect(try world.instance("b")?.data == ["tracked": 1])
    #expect(try world.instance("a")?.data == ["tracked": 0])
  }

  @Test("refuses what the definition's schema refuses, and leaves the instance as it was")
  func rejected() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    let outcome = try world.offer("2", "Paid", ["id": "p", "cents": "many"])
    guard case .deadLettered = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(try world.state("p") == "opened")
    #expect(try world.offer("3", "Paid", ["id": "p", "cents": 1]) == .handled)
  }
}

extension DeliveryReceipt.Outcome {
  func isDead(_ code: String) -> Bool {
    if case .deadLettered(let found, _) = self { found == code } else { false }
  }
}

extension OfferTests {
  @Test("does nothing but count a message whose key is null")
  func nullKey() throws {
    let world = try World([
      Definitions.parcel.replacing(
        #""Paid": { "key": "event.data.id""#, with: #""Paid": { "key": "has(event.data.id) ? event.data.id : null""#)
    ])
    try world.offer("1", "Opened", ["id": "p"])
    let rows = world.contents.journal.count
    #expect(try world.offer("2", "Paid", ["other": 1]) == .foreign)
    #expect(world.engine.foreignCount == 1)
    #expect(world.contents.journal.count == rows)
    #expect(try world.offer("3", "Paid", ["id": "p"]) == .handled)
  }

  /// A message that each part of a definition that it decides itself refuses, with the code.
  static let refusals: [(type: String, data: JSON, code: String)] = [
    ("Key", ["other": 1], "expression.failed"), ("Key", ["id": 1.5], "key.type"), ("Key", ["id": ""], "key.empty"),
    ("Guard", ["id": "p"], "expression.failed"), ("Set", ["id": "p"], "expression.failed"),
    ("Set", ["id": "p", "n": "text"], "data.schema"), ("Claim", ["id": "p"], "expression.failed"),
    ("Back", ["id": "p"], "expression.failed"), ("Tell", ["id": "p"], "expression.failed"),
    ("Tell", ["id": "p", "n": "text"], "payload.schema"), ("Typed", ["id": "p", "n": "text"], "message.schema"),
    ("Refused", ["id": "p"], "expression.failed"),
  ]

  @Test(
    "keeps of what is refused the bytes, the reason, the definition and the state; the instance and other messages go on",
    arguments: OfferTests.refusals)
  func refused(type: String, data: JSON, code: String) throws {
    let world = try World([
      """
      { "saga": "refusing", "version": 3,
        "messages": { "Go": { "key": "event.data.id" }, "Key": { "key": "event.data.id" }, "Guard": { "key": "event.data.id" },
          "Set": { "key": "event.data.id" }, "Claim": { "key": "event.data.id" }, "Back": { "key": "event.data.id" },
          "Tell": { "key": "event.data.id" }, "Refused": { "key": "event.data.id" }, "Done": { "key": "event.data.id" },
          "Claimed": { "key": { "claim": "event.data.claim" } },
          "Typed": { "key": "event.data.id", "schema": { "type": "object", "properties": { "n": { "type": "integer" } } } },
          "Told": { "schema": { "type": "object", "properties": { "n": { "type": "number" } } } } },
        "data": { "type": "object", "properties": { "n": { "type": "number", "default": 0 } } },
        "roles": { "r": { "start": { "Go": { "goto": "a" } }, "after": { "30d": { "goto": "z" } }, "states": {
          "a": { "do": [ { "step": "s", "call": "Ask", "to": "p", "with": {},
                   "reply": { "Refused": { "fail": "event.data.reason" }, "Done": {} }, "timeout": "30d", "undo": "none" } ],
                 "on": { "Key": {}, "Guard": { "when": "event.data.n > 1.0" }, "Set": { "set": { "n": "event.data.n" } },
                         "Claim": { "correlate": { "claim": "event.data.claim" } }, "Claimed": {}, "Typed": {},
                         "Back": { "compensate": "event.data.reason", "goto": "y" },
                         "Tell": { "publish": { "Told": { "n": "event.data.n" } } } },
                 "done": { "goto": "z" }, "failed": { "goto": "y" } },
          "z": { "final": "completed" }, "y": { "final": "compensated" } } } } }
      """
    ])
    try world.offer("1", "Go", ["id": "p"])
    let before = try #require(try world.instance("p", saga: "refusing", role: "r"))
    let bytes = world.message("2", type, data).bytes
    let receipts = try world.engine.offer(
      [IncomingMessage(bytes: bytes), world.message("3", "Go", ["id": "q"])], now: world.now)
    #expect(receipts[0].deliveries[0].outcome.isDead(code), "\(receipts[0].deliveries[0].outcome)")
    #expect(receipts[1].deliveries[0].outcome == .started)
    let letter = try #require(try ShardReader(store: world.store).deadLetters(onlyUnresolved: true).first)
    #expect(letter.bytes == bytes)
    #expect(letter.fault.code == code && !letter.fault.message.isEmpty)
    #expect(letter.machine == MachineIdentity(saga: "refusing", version: 3, role: "r"))
    #expect(letter.state == (type == "Key" ? nil : "a"))
    var after = try #require(try world.instance("p", saga: "refusing", role: "r"))
    after.revision = before.revision
    #expect(after == before)
    #expect(try world.offer("4", "Done", ["id": "p"]) == .handled)
    #expect(try world.state("p", saga: "refusing", role: "r") == "z")
  }

  @Test("commits a message after which its instance is stuck: it is taken, once, and others go on")
  func stuck() throws {
    let world = try World([
      """
      { "saga": "sticky", "version": 1, "messages": { "Go": { "key": "event.data.id" }, "Done": { "key": "event.data.id" } },
        "start": { "Go": { "set": { "n": "event.data.n" } } },
        "steps": [ { "step": "s", "call": "Ask", "to": "p", "with": { "n": "data.n.deep" }, "reply": { "Done": {} }, "undo": "none" } ] }
      """
    ])
    #expect(try world.offer("1", "Go", ["id": "a", "n": 1]) == .started)
    #expect(try world.offer("2", "Go", ["id": "b", "n": ["deep": 2]]) == .started)
    #expect(try world.instance("a", saga: "sticky", role: "")?.status == .stuck)
    #expect(try world.instance("b", saga: "sticky", role: "")?.status == .running)
    #expect(try world.sentTypes() == ["saga.stuck", "Ask"])
    #expect(try world.deadLetters().isEmpty)
    try world.restart()
    #expect(try world.offer("1", "Go", ["id": "a", "n": 1]) == .duplicate)
    let address = InstanceAddress(saga: "sticky", role: "", key: "a")
    let retry = OperatorRequest.instance(address, Operation(verb: .retry, by: "ann", reason: "mended"))
    #expect(try world.engine.operate(retry, now: world.now) == .done)
    #expect(try world.sentTypes() == ["saga.stuck", "Ask", "saga.stuck"], "evaluated again")
  }
}
