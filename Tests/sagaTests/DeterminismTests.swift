import SagaCore
import Testing

@testable import saga

@Suite("Seeds that run in two processes") struct DeterminismTests {
  private func run(_ seed: UInt64, hash: UInt64 = 7, events: Int = 3, steps: [UInt32]? = nil) -> DeterminismCheck.Run {
    DeterminismCheck.Run(seed: seed, hash: hash, events: events, steps: steps)
  }

  @Test("are compared by seed, hash and events: the first that differs is found")
  func seeds() {
    let runs = [run(4), run(5), run(6)]
    #expect(DeterminismCheck.firstDifference(runs, runs) == nil)
    #expect(DeterminismCheck.firstDifference(runs, [run(4), run(5, hash: 8), run(6, hash: 8)]) == 1)
    #expect(DeterminismCheck.firstDifference(runs, [run(4), run(5), run(6, events: 4)]) == 2)
    #expect(DeterminismCheck.firstDifference(runs, [run(3), run(5), run(6)]) == 0)
    #expect(DeterminismCheck.firstDifference(runs, [run(4), run(5)]) == 2)
    #expect(DeterminismCheck.firstDifference([], runs) == 0)
  }

  @Test("part after the last event whose hash is the same in both")
  func steps() {
    let one = run(4, steps: [1, 2, 3])
    #expect(DeterminismCheck.difference(one, one) == nil)
    func event(_ other: DeterminismCheck.Run) -> Int? { DeterminismCheck.difference(one, other)?.event }
    #expect(event(run(4, hash: 8, steps: [1, 9, 8])) == 1)
    #expect(event(run(4, hash: 8, steps: [9, 2, 3])) == 0)
    #expect(event(run(4, hash: 8, events: 2, steps: [1, 2])) == 2)
    #expect(event(run(4, hash: 8, events: 4, steps: [1, 2, 3, 4])) == 3)
    // What is done after the last event has no step of its own.
    #expect(event(run(4, hash: 8, steps: [1, 2, 3])) == 3)
    #expect(
      DeterminismCheck.difference(one, run(4, hash: 8, steps: [1, 9, 8]))
        == DeterminismCheck.Difference(seed: 4, event: 1, events: 3))
  }

  @Test("are told of in lines that are read again")
  func lines() {
    for steps in [nil, [], [0, .max, 17]] as [[UInt32]?] {
      let told = run(.max, hash: .max - 1, events: 3, steps: steps)
      #expect(DeterminismCheck.Run(told.json) == told)
    }
    #expect(DeterminismCheck.Run(["seed": "4", "hash": "7"]) == nil)
    #expect(DeterminismCheck.Run(["seed": "4", "hash": "x", "events": 3]) == nil)
    #expect(DeterminismCheck.Run(["seed": "4", "hash": "7", "events": 3, "steps": ["1", "x"]]) == nil)
  }

  @Test("go the same way", arguments: ["memory", "sqlite"])
  func same(store: String) throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let arguments = ["simulate", "orders.json", "--seed", "5", "--seeds", "4", "--store", store, "--twice"]
    let told = try world.saga(arguments)
    told.expectDone()
    #expect(told.output == "4 seeds went the same way in two processes\n")
    #expect(told.errors.isEmpty)
    #expect(try world.saga(arguments + ["--json"]).json() == [["seeds": 4, "same": true]])
  }

  @Test("print a hash for each, and with the story one for each event")
  func hashes() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let plain = try world.saga("simulate", "orders.json", "--seed", "5", "--seeds", "2", "--hashes").json()
    #expect(plain.map { $0["seed"]?.stringValue } == ["5", "6"])
    #expect(plain.allSatisfy { $0["steps"] == nil && $0["hash"] != nil })
    let stepped = try world.saga("simulate", "orders.json", "--seed", "5", "--seeds", "2", "--hashes", "--story").json()
    for (line, before) in zip(stepped, plain) {
      #expect(line["hash"] == before["hash"])
      #expect(line["events"] == before["events"])
      #expect(line["steps"]?.arrayValue.map { Int64($0.count) } == line["events"]?.intValue)
    }
    #expect(stepped.count == 2)
  }

  @Test("say with which exit code a second process ended that could not do it")
  func failure() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    // Only the first process has an input; to the second one the scenario is empty.
    let result = try world.saga(
      ["simulate", "orders.json", "--scenario", "/dev/stdin", "--seeds", "2", "--twice"],
      input: try world.read("orders.scenario.json"))
    result.expectRefusal(3, mentioning: "the second process ended early, with exit code ", "/dev/stdin:")
    #expect(result.output.isEmpty)
  }

  @Test(
    "refuse what does not go with them", arguments: [["--crash-points"], ["--hashes"], ["--story"], ["--time", "1s"]])
  func usage(options: [String]) throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    try world.saga(["simulate", "orders.json", "--twice"] + options).expectRefusal(2, mentioning: "--twice", options[0])
  }
}
