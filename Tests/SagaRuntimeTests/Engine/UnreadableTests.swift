import Testing

@testable import SagaCore
@testable import SagaRuntime

/// What an instance sends is read again, by its lanes and by others: it must be a message to them.
@Suite("Messages that nobody could read")
struct UnreadableTests {
  /// Puts a note one object deeper, and may publish one that grows.
  private static let notes = """
    {
      "saga": "notes", "version": 1,
      "messages": { "Noted": { "key": "event.data.id" }, "Kept": { "key": "event.data.id" } },
      "data": { "type": "object", "properties": { "note": { "default": null } } },
      "start": { "Noted": { "set": { "note": "event.data.note" } } },
      "steps": [
        { "step": "keep", "call": "Keep", "to": "archive", "with": { "notes": { "note": "data.note", "again": "data.note" } },
          "reply": { "Kept": {} }, "undo": "none" }
      ]
    }
    """

  private static func nested(_ levels: Int) -> JSON { (0..<levels).reduce(JSON.int(1)) { inner, _ in .array([inner]) } }

  @Test("keys with control characters, or too long, are dead letters and begin nothing")
  func keys() throws {
    let world = try World([Definitions.order])
    let long = String(repeating: "k", count: MachineLimits.maximumKeyBytes + 1)
    for (index, key) in ["a\nb", "a\u{7F}b", "a\u{85}b", long].enumerated() {
      let outcome = try world.offer("\(index)", "OrderPlaced", ["orderId": .string(key), "totalCents": 5])
      guard case .deadLettered(code: "key.invalid", _) = outcome else {
        Issue.record("\(outcome)")
        continue
      }
    }
    let longest = String(long.dropLast())
    #expect(try world.offer("longest", "OrderPlaced", ["orderId": .string(longest), "totalCents": 5]) == .started)
    let sent = try world.engine.takeOutgoing(lane: "output", limit: 10, now: world.now)
    #expect(try sent.map { try CloudEvent.decode($0.bytes).sagakey } == [longest])
  }

  @Test("an instance that has such a key from an earlier version is still found by its messages")
  func earlierKeys() throws {
    let world = try World([Definitions.order])
    let machine = try #require(world.machines.first)
    let long = String(repeating: "k", count: MachineLimits.maximumKeyBytes + 1)
    for key in ["a\u{85}b", long] {
      let reply = CloudEvent(id: "1", source: "/s", type: "Charged", data: ["orderId": .string(key)])
      #expect(try machine.route(reply) == .primary([key]))
    }
    let outcome = try world.offer("1", "Charged", ["orderId": .string(long)])
    #expect(outcome == .parked, "who has no instance waits for one, and none can begin: \(outcome)")
  }

  @Test("a time beyond the years of RFC 3339 goes out as the last of them")
  func years() throws {
    let world = try World([Definitions.order])
    world.now = Timestamp(milliseconds: 253_402_300_800_000 + 86_400_000)
    #expect(try world.offer("1", "OrderPlaced", ["orderId": "a", "totalCents": 5]) == .started)
    let sent = try world.engine.takeOutgoing(lane: "output", limit: 10, now: world.now)
    let command = try CloudEvent.decode(try #require(sent.first).bytes)
    #expect(command.time == "9999-12-31T23:59:59.999Z")
    #expect(command.expirytime == command.time)
  }

  @Test("an alert tells a reason in part, however few characters it calls itself")
  func reasons() throws {
    let world = try World([Definitions.order])
    try world.offer("1", "OrderPlaced", ["orderId": "a", "totalCents": 5])
    let one = "a" + String(repeating: "\u{301}", count: 600_000)
    let sent = try world.engine.takeOutgoing(lane: "output", limit: 10, now: world.now)
    for _ in 0..<3 {
      let refused = DeliveryResult(
        position: try #require(sent.first).position, outcome: .refused(reason: one, isPermanent: true))
      try world.engine.confirm(lane: "output", [refused], now: world.now)
    }
    for row in world.contents.journal {
      for record in try row.outgoing.map({ try OutgoingRecord.decode($0) }) ?? [] {
        _ = try CloudEvent.decode(record.event)
      }
    }
  }

  @Test("a payload that is too deep or too large leaves the instance stuck, and sends nothing")
  func payloads() throws {
    let world = try World([UnreadableTests.notes])
    let large = JSON.string(String(repeating: "\u{1}", count: 70_000))
    for (key, note) in [("deep", UnreadableTests.nested(62)), ("large", large)] {
      #expect(try world.offer(key, "Noted", ["id": .string(key), "note": note]) == .started)
    }
    let nothing = try world.engine.takeOutgoing(lane: "output", limit: 10, now: world.now)
    #expect(nothing.filter { $0.kind == .command } == [])
    #expect(world.engine.inspected.map(\.instance.status) == [.stuck, .stuck])
    for machine in world.machines {
      let problems = world.engine.inspected.map { $0.instance.problem(machine.model)?.reason ?? "" }
      #expect(problems.allSatisfy { $0.contains("the payload of Keep") }, "\(problems)")
    }
    #expect(try world.offer("fits", "Noted", ["id": "fits", "note": UnreadableTests.nested(61)]) == .started)
    let sent = try world.engine.takeOutgoing(lane: "output", limit: 10, now: world.now).filter { $0.kind == .command }
    #expect(sent.map(\.orderingKey) == ["fits"])
    for delivery in sent { _ = try CloudEvent.decode(delivery.bytes) }
  }

  @Test("one that an older engine has stored stops no lane: it is given out, and refused it returns to its saga")
  func stored() throws {
    let world = try World([Definitions.order])
    try world.offer("1", "OrderPlaced", ["orderId": "a", "totalCents": 5])
    try world.offer("2", "OrderPlaced", ["orderId": "b", "totalCents": 5])
    try world.fold()
    var contents = world.contents
    for index in contents.journal.indices {
      guard let outgoing = contents.journal[index].outgoing else { continue }
      let records = try OutgoingRecord.decode(outgoing).map { record in
        var record = record
        let text = String(decoding: record.event, as: UTF8.self)
        record.event = Array(text.replacing(#""sagakey":"a""#, with: #""sagakey":"a\u0085""#).utf8)
        return record
      }
      contents.journal[index].outgoing = OutgoingRecord.encode(records)
    }
    let again = try World([Definitions.order], contents: contents)
    again.now = world.now
    let sent = try again.engine.takeOutgoing(lane: "output", limit: 10, now: again.now)
    #expect(sent.map(\.orderingKey) == ["a", "b"])
    #expect(throws: MessageFault.self) { try CloudEvent.decode(sent[0].bytes) }
    let refused = DeliveryResult(position: sent[0].position, outcome: .refused(reason: "no message", isPermanent: true))
    try again.engine.confirm(lane: "output", [refused], now: again.now)
    try again.restart()
    let left = try again.engine.takeOutgoing(lane: "output", limit: 10, now: again.now)
    #expect(left.map(\.orderingKey).contains("b"))
    let instance = try #require(again.engine.inspected.first { $0.instance.key == "a" }?.instance)
    #expect(instance.status != .running, "its saga knows that it cannot be sent: \(instance.status)")
  }

  @Test("a journal's bytes are read whatever the rules are by now; what is damaged is not")
  func readsStored() throws {
    let long = String(repeating: "i", count: CloudEvent.maximumAttributeBytes + 1)
    for id in ["a\u{85}", "", long] {
      let bytes = CloudEvent(id: id, source: "/s", type: "T", data: UnreadableTests.nested(100)).encode()
      #expect(throws: MessageFault.self) { try CloudEvent.decode(bytes) }
      #expect(try CloudEvent.decodeStored(bytes).id == id)
    }
    #expect(throws: MessageFault.self) { try CloudEvent.decodeStored(Array("{\"id\":".utf8)) }
    let longest = CloudEvent(id: String(long.dropLast()), source: "/s", type: "T")
    #expect(try CloudEvent.decode(longest.encode()) == longest)
  }
}
