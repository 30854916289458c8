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
    let again = try World([DefinitionTests.shorter], contents: world.contents) {
      guard isCompiled else { return }
      $0.compile = { source, role in
        try World.load(String(decoding: source, as: UTF8.self)).first { $0.identity.role == role }!
      }
    }
    // An id that comes with another body names the state in which it is refused: the fifth of two.
    #expect(try again.offer("send", "Sent", ["id": "old", "by": "air"]).isDead("message.conflict"))
    #expect(try again.offer("late", "Sent", ["id": "old"]) == .late)
    #expect(try again.offer("late", "Sent", ["id": "old"]) == .duplicate)
    // The older version takes a type that the newer does not; it is not taken for the sake of what has ended.
    #expect(!again.engine.machines.takes("Packed"))
    try again.fold()
    // What is stored stays as it is, for the day on which somebody loads the definition again.
    let back = try World([DefinitionTests.shorter, Definitions.parcel], contents: again.contents)
    #expect(try back.instance("old")?.status == .completed)
    #expect(try back.offer("later", "Paid", ["id": "old"]) == .late)
  }
}
