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
}
