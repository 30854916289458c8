import SagaCore
import SagaSimulation
import Testing

@Suite("Traces and stories")
struct TraceTests {
  /// An undo whose payload can never be computed: what is owed stays owed.
  static let broken = """
    {
      "saga": "broken", "version": 1,
      "messages": { "Asked": { "key": "event.data.id" }, "Done": { "key": "event.data.id" }, "Undone": { "key": "event.data.id" },
                    "Paid": { "key": "event.data.id" }, "Refused": { "key": "event.data.id" } },
      "start": { "Asked": {} },
      "steps": [
        { "step": "reserve", "call": "Reserve", "to": "stock", "with": { "id": "saga.key" }, "reply": { "Done": {} },
          "undo": { "call": "Release", "to": "stock", "with": { "id": "saga.key", "reason": "[1, 2][size(saga.key)]" }, "reply": { "Undone": {} } } },
        { "step": "pay", "call": "Pay", "to": "bank", "with": { "id": "saga.key" },
          "reply": { "Paid": {}, "Refused": { "fail": "'no'" } }, "undo": "none" } ],
      "completed": {}, "compensated": {}
    }
    """

  static func simulation() throws -> Simulation {
    let loaded = LoadedDefinition.load(source: Array(broken.utf8), file: "broken.json")
    try #require(!loaded.hasErrors, "\(loaded.diagnostics)")
    return Simulation(try SimulationSetup([loaded], scenario: SimulationScenario()))
  }

  static func violation(_ simulation: Simulation) throws -> Simulation.Outcome {
    for seed in 0..<UInt64(200) {
      let outcome = try simulation.run(seed: seed, isRecording: true)
      if outcome.violation != nil { return outcome }
    }
    throw Missing()
  }

  struct Missing: Error {}

  @Test("An undo whose expression always fails is found: the saga stays stuck")
  func found() throws {
    let outcome = try Self.violation(try Self.simulation())
    #expect(outcome.violation?.oracle == "settles")
    #expect(outcome.violation?.message.contains("reserve") ?? false)
  }

  @Test("A violation is shrunk until no choice can be taken away or be smaller, and still is the same violation")
  func shrunk() throws {
    let simulation = try Self.simulation()
    let outcome = try Self.violation(simulation)
    var shrinker = Shrinker(simulation, oracle: "settles")
    let choices = try shrinker.shrink(outcome.choices)
    #expect(choices.count < outcome.choices.filter { $0.value != 0 }.count)
    #expect(try simulation.replay(choices).violation?.oracle == "settles")
    for index in choices.indices {
      var shorter = choices
      shorter.remove(at: index)
      #expect(try simulation.replay(shorter).violation?.oracle != "settles", "choice \(choices[index]) is not needed")
      for value in 1..<choices[index].value {
        var lower = choices
        lower[index].value = value
        #expect(try simulation.replay(lower).violation?.oracle != "settles", "\(choices[index]) could be \(value)")
      }
    }
  }

  @Test("A trace survives its file: the same choices, hash and story")
  func trace() throws {
    let simulation = try Self.simulation()
    let recorded = try Self.violation(simulation)
    let told = try simulation.replay(recorded.choices, isTelling: true)
    let trace = Trace(
      engineVersion: "1", definitions: [Trace.File(path: "broken.json", sha256: "00")], scenario: nil, store: "memory",
      options: simulation.options, seed: 7, outcome: told)
    let read = try Trace(json: try JSON.parse(trace.json.description))
    #expect(read.choices == trace.choices)
    #expect(read.hash == trace.hash)
    #expect(read.steps == trace.steps)
    #expect(read.violation == trace.violation)
    #expect(read.options.faults == simulation.options.faults)
    let again = try Simulation(simulation.setup, options: read.options).replay(read.choices, isTelling: true)
    #expect(again.hash == trace.hash)
    #expect(again.steps == trace.steps)
  }

  @Test("What is no trace is refused with the reason", arguments: ["{}", "[]", "{\"format\":1}", "{\"format\":2}"])
  func wrong(text: String) throws {
    #expect(throws: TraceError.self) { try Trace(json: try JSON.parse(text)) }
  }

  /// A trace with one member in another form: its path, and what the error says.
  struct Damage: Sendable, CustomTestStringConvertible {
    var path: [String]
    var value: JSON
    var says: String
    var testDescription: String { says }
  }

  static let damages = [
    Damage(path: ["definitions"], value: [["path": "broken.json"]], says: "`definitions[0].sha256`"),
    Damage(path: ["definitions"], value: [["path": "a", "sha256": "0"], 7], says: "`definitions[1].path`"),
    Damage(path: ["scenario"], value: ["path": "a.scenario.json"], says: "`scenario.sha256`"),
    Damage(path: ["scenario"], value: "a.scenario.json", says: "`scenario.path`"),
    Damage(path: ["options", "faults"], value: ["crash", "gremlins"], says: "`options.faults[1]` is 'gremlins'"),
    Damage(path: ["options", "faults"], value: [7], says: "`options.faults[0]`"),
    Damage(path: ["seed"], value: "-1", says: "`seed`"),
    Damage(path: ["seed"], value: 7, says: "`seed`"),
    Damage(path: ["violation"], value: ["oracle": "settles"], says: "`violation.message`"),
    Damage(path: ["violation"], value: "settles", says: "`violation.oracle`"),
    Damage(path: ["steps"], value: [1, 4_294_967_296], says: "`steps[1]`"),
    Damage(path: ["choices"], value: [["label": "crash"]], says: "`choices[0]`"),
  ]

  /// Each of these was read once: as another world, or as one that ended the process.
  static let excesses: [Damage] = [
    Damage(path: ["definitions"], value: [], says: "`definitions` is empty"),
    Damage(path: ["definitions"], value: [["path": "a", "sha256": "0", "size": 1]], says: "unknown member `size`"),
    Damage(path: ["scenario"], value: ["path": "a", "sha256": "0", "size": 1], says: "`scenario` has the unknown"),
    Damage(path: ["mutant"], value: "clockGoesBack", says: "a trace has the unknown member `mutant`"),
    Damage(path: ["options", "seeds"], value: 7, says: "`options` has the unknown member `seeds`"),
    Damage(path: ["options", "sagas"], value: 100_000_000, says: "`options.sagas` is 100000000; it is a number"),
    Damage(path: ["options", "sagas"], value: -3, says: "`options.sagas` is -3; it is a number from 1 to 7"),
    Damage(path: ["options", "sagas"], value: 0, says: "`options.sagas` is 0"),
    Damage(path: ["options", "maximumEvents"], value: -1, says: "`options.maximumEvents` is -1"),
    Damage(path: ["options", "maximumEvents"], value: 200_001, says: "`options.maximumEvents` is 200001"),
    Damage(path: ["options", "faultMilliseconds"], value: 0, says: "`options.faultMilliseconds` is 0"),
    Damage(path: ["options", "faultMilliseconds"], value: .int(.max), says: "`options.faultMilliseconds` is 9223"),
    Damage(path: ["seed"], value: "x", says: "`seed`"),
    Damage(path: ["violation"], value: ["oracle": "a", "message": "b", "at": 1], says: "`violation` has the unknown"),
    Damage(path: ["steps"], value: [], says: "`steps` is empty"),
    Damage(
      path: ["choices"], value: [["label": "crash", "stream": 0, "index": 0, "count": 2, "value": 1, "why": ""]],
      says: "`choices[0]` has the unknown member `why`"),
  ]

  @Test(
    "A trace that is damaged, or newer, is refused with the name of what is wrong in it", arguments: damages + excesses)
  func damaged(damage: Damage) throws {
    let simulation = try Self.simulation()
    let told = try simulation.replay([], isTelling: true)
    let trace = Trace(
      engineVersion: "1", definitions: [Trace.File(path: "broken.json", sha256: "00")], scenario: nil, store: "memory",
      options: simulation.options, seed: 7, outcome: told)
    var members = try #require(trace.json.objectValue)
    if damage.path.count == 1 {
      members[damage.path[0]] = damage.value
    } else {
      var inner = try #require(members[damage.path[0]]?.objectValue)
      inner[damage.path[1]] = damage.value
      members[damage.path[0]] = .object(inner)
    }
    _ = try Trace(json: trace.json)
    do throws(TraceError) {
      _ = try Trace(json: .object(members))
      Issue.record("a trace with this \(damage.path.joined(separator: ".")) is read: \(damage.value)")
    } catch {
      #expect(error.message.contains(damage.says), "\(error)")
    }
  }

  @Test(
    "A trace without one of its parts is refused",
    arguments: [
      "engine", "timeZoneData", "definitions", "scenario", "store", "options", "seed", "violation", "hash", "steps",
      "choices",
    ])
  func incomplete(part: String) throws {
    let simulation = try Self.simulation()
    let trace = Trace(
      engineVersion: "1", definitions: [Trace.File(path: "broken.json", sha256: "00")], scenario: nil, store: "memory",
      options: simulation.options, seed: nil, outcome: try simulation.replay([], isTelling: true))
    _ = try Trace(json: trace.json)
    var members = try #require(trace.json.objectValue)
    #expect(members[part] != nil)
    members[part] = JSON?.none
    let rest = JSON.object(members)
    #expect(throws: TraceError.self) { try Trace(json: rest) }
  }

  @Test("The story names who sent what, and ends with what broke")
  func story() throws {
    let simulation = try Self.simulation()
    let told = try simulation.replay(try Self.violation(simulation).choices, isTelling: true)
    let text = StoryWriter.text(told.story)
    #expect(text.contains("outside"))
    #expect(text.contains("Reserve"))
    #expect(text.contains("VIOLATION settles"))
    let mermaid = StoryWriter.mermaid(told.story)
    #expect(mermaid.hasPrefix("sequenceDiagram\n  participant p0 as outside"))
    #expect(mermaid.contains("->>"))
  }
}
