import Testing

@testable import SagaCore

@Suite("Keys that a message is addressed to") struct RouteTests {
  private func keys(_ ids: [JSON]) throws -> [String] {
    let text = """
      { "saga": "s", "version": 1, "messages": { "Begun": { "key": "event.data.ids" } }, "start": { "Begun": {} },
        "steps": [ { "set": {} } ] }
      """
    let loaded = LoadedDefinition.load(source: Array(text.utf8), file: "test.json", runsChecks: false)
    let machine = try #require(loaded.machines.first, "\(loaded.diagnostics)")
    let event = CloudEvent(id: "1", source: "/test", type: "Begun", data: ["ids": .array(ids)])
    guard case .primary(let keys)? = try machine.route(event) else { return [] }
    return keys
  }

  @Test("a key that stands in the list twice is one, and spellings that look alike are two")
  func doubles() throws {
    let found = try keys(["b", "a", "b", 1, "1", "caf\u{E9}", "cafe\u{301}"])
    #expect(found.map { Array($0.utf8) } == ["b", "a", "1", "caf\u{E9}", "cafe\u{301}"].map { Array($0.utf8) })
  }

  @Test("as many keys as a message has room for are counted in one go", .timeLimit(.minutes(1)))
  func many() throws {
    let ids = (0..<150_000).map { JSON.string(String($0)) }
    #expect(try keys(ids + ids.prefix(1000)).count == 150_000)
  }
}
