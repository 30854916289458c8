import Testing

@testable import SagaCore

@Suite("The message table")
struct MessageTableTests {
  @Test("has one row for every state and type", arguments: DefinitionFixtures.names(in: "valid"))
  func total(name: String) throws {
    let loaded = try DefinitionFixtures.load("valid", name)
    let definition = try #require(loaded.definition)
    for (role, machine) in zip(definition.roles, loaded.machines) {
      let table = MessageTable(machine, types: ["Unheard"])
      let types = Set(table.rows.map(\.type))
      #expect(types.isSuperset(of: definition.messages.map(\.type) + ["Unheard"]))
      #expect(table.rows.count == role.states.count * types.count)
      for state in role.states {
        #expect(table.rows.filter { $0.state == state.name }.map(\.type) == types.sorted())
      }
    }
  }

  @Test("says of each type in each state what becomes of it")
  func outcomes() throws {
    let machine = try #require(try DefinitionFixtures.load("valid", "cycle.json").machines.first)
    let table = MessageTable(machine, types: ["Unheard"])
    func row(_ state: String, _ type: String) -> MessageTable.Row? {
      table.rows.first { $0.state == state && $0.type == type }
    }
    #expect(row("open", "Asked")?.outcome == .handled)
    #expect(row("open", "Asked")?.otherwise == .late)
    #expect(row("open", "Answered")?.outcome == .late)
    #expect(row("open", "Answered")?.isDeclared == true)
    #expect(row("asked", "Answered")?.otherwise == nil)
    #expect(row("asked", "Ended")?.outcome == .deferred)
    #expect(row("closed", "Ended")?.outcome == .late)
    #expect(row("open", "Unheard")?.outcome == .foreign)
  }

  @Test(
    "agrees with the machine",
    arguments: [([], "B"), ([], "A"), (["A"], "A"), (["A"], "B"), (["A", "B"], "A")] as [([String], String)])
  func agrees(path: [String], type: String) throws {
    let definition = """
      { "saga": "s", "version": 1,
        "messages": { "Begun": { "key": "event.data.id" }, "A": { "key": "event.data.id" }, "B": { "key": "event.data.id" } },
        "roles": { "desk": { "start": { "Begun": { "goto": "first" } }, "states": {
          "first": { "on": { "A": { "goto": "second" } }, "after": { "1d": { "goto": "closed" } } },
          "second": { "on": { "B": { "goto": "closed" } }, "after": { "1d": { "goto": "closed" } } },
          "closed": { "final": "completed" } } } } }
      """
    let play = try Play(definition, role: "desk")
    try play.start("Begun", ["id": "k"])
    for step in path { try play.send(step, ["id": "k"]) }
    let row = MessageTable(play.machine).rows.first { $0.state == play.state && $0.type == type }
    switch try play.send(type, ["id": "k"]) {
    case .handled: #expect(row?.outcome == .handled)
    case .deferred: #expect(row?.outcome == .deferred)
    case .late: #expect(row?.outcome == .late)
    case let outcome: Issue.record("\(outcome)")
    }
  }
}
