import SagaCore
import Testing

@testable import SagaSimulation

@Suite("What oracles know of a definition")
struct TimeBudgetTests {
  private func definition(_ steps: String, after: String) throws -> Definition {
    let text = """
      {
        "saga": "clearing", "version": 1,
        "messages": {
          "Opened": { "key": "event.data.id", "schema": { "type": "object", "properties": { "id": { "type": "string" } } } },
          "Cleared": {}, "Closed": {}
        },
        "data": { "schema": { "type": "object", "properties": { "id": { "type": "string" }, "wait": { "type": "string" } } } },
        "start": { "on": "Opened", "set": { "id": "event.data.id" } },
        "after": \(after),
        "settle": "10s",
        "steps": [\(steps)]
      }
      """
    let loaded = LoadedDefinition.load(source: Array(text.utf8), file: "clearing.json")
    return try #require(loaded.definition, "\(loaded.diagnostics.map(\.message))")
  }

  @Test("A saga may take as long as its attempts, pauses, deadlines and undos together")
  func sum() throws {
    let call = """
      { "step": "clear", "call": "Clear", "to": "bank", "with": {}, "reply": { "Cleared": {} }, "timeout": "1m",
        "retry": { "attempts": 3, "delay": "10s", "factor": 1, "maxDelay": "10s" },
        "undo": { "call": "Unclear", "to": "bank", "with": {}, "reply": { "Closed": {} }, "timeout": "5s",
          "retry": { "attempts": 2, "delay": "1s", "factor": 1, "maxDelay": "1s" } } }
      """
    let budget = TimeBudget([try definition(call, after: #"{ "1h": { "compensate": "'late'" } }"#)])
    // The deadline, settling, three attempts and two pauses, two attempts of the undo and one pause.
    let parts: [Int64] = [3_600_000, 10_000, 3 * 60_000, 2 * 10_000, 2 * 5_000, 1_000]
    #expect(budget.milliseconds == parts.reduce(0, +))
    #expect(budget.afters == [3_600_000])
    #expect(budget.longestAfter == 3_600_000)
  }

  @Test("Where an expression says a time there is no bound")
  func computed() throws {
    let call =
      #"{ "step": "clear", "call": "Clear", "to": "bank", "with": {}, "reply": { "Cleared": {} }, "undo": "none" }"#
    let fixed = TimeBudget([try definition(call, after: #"{ "1h": { "compensate": "'late'" } }"#)])
    #expect(fixed.milliseconds != nil)
    let computed = TimeBudget([try definition(call, after: #"{ "duration(data.wait)": { "compensate": "'late'" } }"#)])
    #expect(computed.milliseconds == nil)
  }

  @Test("Worlds last until after the longest wait in some runs, and messages come at its end")
  func duration() throws {
    let setup = try Repository.setup("expense-claims")
    #expect(setup.budget.longestAfter > 700 * 86_400_000)
    #expect(setup.moments.contains(setup.budget.longestAfter))
    #expect(setup.moments.prefix(4) == [10, 100, 300, 1_000])
  }

  @Test("Which states come before which, and which come again")
  func order() throws {
    func load(_ file: String) throws -> Definition {
      try #require(
        LoadedDefinition.load(source: try Repository.read("Fixtures/definitions/\(file)"), file: file).definition)
    }
    let stages = try #require(try load("simulated/two-stages.json").roles.first)
    let graph = StateGraph(stages)
    let indexes = Dictionary(uniqueKeysWithValues: stages.states.enumerated().map { ($0.element.name, $0.offset) })
    let (working, wrapping) = (try #require(indexes["working"]), try #require(indexes["wrapping"]))
    let nothing = try #require(indexes["nothing"])
    #expect(graph.isBefore(working, wrapping) && graph.isBefore(working, nothing))
    #expect(!graph.isBefore(wrapping, working) && !graph.isBefore(nothing, wrapping))
    #expect(stages.states.indices.allSatisfy { !graph.isEnteredAgain($0) })
    // How often it is entered only the data say.
    let polls = try load("unsafe/polls-for-ever.json")
    #expect(polls.roles.contains { role in role.states.indices.contains { StateGraph(role).isEnteredAgain($0) } })
    #expect(TimeBudget([polls]).milliseconds == nil)
  }

  @Test("A command of a choreography is given once, unless a list repeats it")
  func once() throws {
    let traits = try Repository.setup("order-choreography").traits
    #expect(traits.repeatable.intersection(["ChargeCard", "CreateParcel"]).isEmpty)
    #expect(traits.repeatable.contains("ReserveStock"))
  }

  @Test("What a later state did is undone first, and what a `goto` leaves in flight is not awaited")
  func states() throws {
    func traits(_ name: String) throws -> DefinitionTraits {
      let file = "Fixtures/definitions/simulated/\(name).json"
      let loaded = LoadedDefinition.load(source: try Repository.read(file), file: file)
      return DefinitionTraits([try #require(loaded.definition)])
    }
    let stages = try traits("two-stages")
    #expect(stages.isSequential("Take", "Wrap"))
    #expect(!stages.isSequential("Wrap", "Take"))
    #expect(stages.leftInFlight.isEmpty)
    #expect(try traits("goto-while-calling").leftInFlight == ["Take"])
  }
}
