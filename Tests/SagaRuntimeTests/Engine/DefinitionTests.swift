import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Definitions in use")
struct DefinitionTests {
  @Test("are stored with the first instance, and another one of the same name and version is refused")
  func conflict() throws {
    let world = try World([Definitions.parcel])
    #expect(world.contents.machines.isEmpty)
    try world.offer("1", "Opened", ["id": "p"])
    #expect(world.contents.machines.map(\.saga) == ["parcel"])
    let changed = Definitions.parcel.replacing("\"30d\"", with: "\"31d\"")
    #expect(throws: EngineError.self) { try World([changed], contents: world.contents) }
  }

  @Test("keep their instances when a newer version comes; new instances start on that")
  func versions() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "old"])
    let newer = Definitions.parcel.replacing("\"version\": 1", with: "\"version\": 2")
      .replacing("\"Receipt\"", with: "\"Invoice\"")
    let both = try World([newer, Definitions.parcel], contents: world.contents)
    try both.offer("2", "Opened", ["id": "new"])
    for key in ["old", "new"] { try both.offer("pay-\(key)", "Paid", ["id": .string(key)]) }
    #expect(try both.sentTypes() == ["Receipt", "Invoice"])
    #expect(both.contents.machines.map(\.version) == [1, 2])
  }

  @Test("that open instances need are compiled from the store, or the engine does not start")
  func compiled() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "old"])
    let newer = Definitions.parcel.replacing("\"version\": 1", with: "\"version\": 2")
    #expect(throws: EngineError.self) { try World([newer], contents: world.contents) }
    let again = try World([newer], contents: world.contents) {
      $0.compile = { source, role in
        try World.load(String(decoding: source, as: UTF8.self)).first { $0.identity.role == role }!
      }
    }
    #expect(try again.offer("2", "Paid", ["id": "old"]) == .handled)
    #expect(try again.sentTypes() == ["Receipt"])
  }

  /// One with other states than the first version, of which a closed parcel's last one is none.
  private static let shorter = """
    {
      "saga": "parcel", "version": 2,
      "messages": { "Opened": { "key": "event.data.id" }, "Paid": { "key": "event.data.id" },
        "Sent": { "key": "event.data.id" } },
      "roles": { "desk": {
        "start": { "Opened": { "goto": "opened" } },
        "states": { "opened": { "on": { "Sent": { "goto": "done" } }, "after": { "1h": { "goto": "done" } } },
          "done": { "final": "completed" } } } }
    }
    """

  @Test(
    "that only closed instances have had decide what comes late for these, and nothing else",
    arguments: [true, false])
  func closed(isCompiled: Bool) throws {
    let world = try World([Definitions.parcel])
    try world.offer("open", "Opened", ["id": "old"])
    try world.offer("pay", "Paid", ["id": "old"])
    try world.offer("pack", "Packed", ["id": "old", "trackingId": "t"])
    try world.offer("send", "Sent", ["id": "old"])
    try world.fold()
    func configure(_ configuration: inout EngineConfiguration) {
      if isCompiled { configuration.compile = DefinitionTests.compile }
    }
    let again = try World([DefinitionTests.shorter], contents: world.contents, configure: configure)
    // An id that comes with another body names the state in which it is refused: the fifth of two.
    #expect(try again.offer("send", "Sent", ["id": "old", "by": "air"]).isDead("message.conflict"))
    #expect(try again.offer("late", "Sent", ["id": "old"]) == .late)
    #expect(try again.offer("late", "Sent", ["id": "old"]) == .duplicate)
    // The older version takes a type that the newer does not; it is not taken for the sake of what has ended.
    #expect(!again.engine.machines.takes("Packed"))
    // A row of it that is not folded yet does not make anybody need the definition.
    let restarted = try World([DefinitionTests.shorter], contents: again.contents, configure: configure)
    #expect(try restarted.offer("late", "Sent", ["id": "old"]) == .duplicate)
    try again.fold()
    // What is stored stays as it is, for the day on which somebody loads the definition again.
    let back = try World([DefinitionTests.shorter, Definitions.parcel], contents: again.contents)
    #expect(try back.instance("old")?.status == .completed)
    #expect(try back.offer("later", "Paid", ["id": "old"]) == .late)
  }

  private static let compile: @Sendable ([UInt8], String) throws -> Machine = { source, role in
    try World.load(String(decoding: source, as: UTF8.self)).first { $0.identity.role == role }!
  }

  @Test("of an instance that a late success has opened again are heard, though nobody loaded them")
  func openedAgain() throws {
    /// Answers the last command of a type.
    func answer(_ world: World, _ type: String, to command: String) throws -> DeliveryReceipt.Outcome {
      let sent = try world.contents.journal.flatMap { row in
        try row.outgoing.map { try OutgoingRecord.decode($0) } ?? []
      }.map { try CloudEvent.decode($0.event) }
      let last = try #require(sent.last { $0.type == command })
      return try world.offer("\(type)-\(sent.count)", type, ["orderId": "o"], correlation: last.correlationid)
    }
    let world = try World([Definitions.order])
    try world.offer("1", "OrderPlaced", ["orderId": "o", "totalCents": 7])
    for _ in 0..<20 where try !world.sentTypes().contains("Refund") { try world.pass(30) }
    #expect(try answer(world, "Refunded", to: "Refund") == .handled)
    #expect(try world.instance("o", saga: "order", role: "")?.status == .compensated)
    try world.fold()
    // The next version refunds nothing and knows no such answer.
    let refund =
      #""undo": { "call": "Refund", "to": "payments", "with": {}, "reply": { "Refunded": {} } } }"#
    let newer = Definitions.order.replacing(#""version": 1"#, with: #""version": 2"#)
      .replacing(refund, with: #""undo": "none" }"#)
      .replacing(#""Refunded": { "key": "event.data.orderId" },"#, with: "")
    let again = try World([newer], contents: world.contents) { $0.compile = DefinitionTests.compile }
    again.now = world.now
    #expect(try answer(again, "Charged", to: "Charge") == .handled)
    #expect(try again.sentTypes().count { $0 == "Refund" } == 2)
    #expect(try answer(again, "Refunded", to: "Refund") == .handled)
    #expect(try again.instance("o", saga: "order", role: "")?.status == .compensated)
  }
}
