import ArgumentParser
import Foundation
import SagaCore
import SagaFiles
import SagaRuntime
import SagaSQLiteFaults
import SagaSimulation

struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Runs a saga in worlds where everything goes wrong that can, and tells the shortest story of how it breaks.",
    discussion: """
      Each seed is one world: the real engine, with participants, network, clocks, crashes and people that are simulated. \
      First faults happen, then they end and every saga must settle. A violation is made as short as possible, told, and \
      written to a trace that `saga replay` repeats. Exit code 1 means that a property is broken, or that --twice found a \
      difference.

      Participants come from the definition, or from NAME.scenario.json beside it.

      Example:
        saga simulate sagas/order-fulfillment.json
        saga simulate orders.json --seeds 1000000 --time 60s
        saga simulate orders.json --faults duplicate,crash --seed 42 --story
        saga simulate orders.json --seeds 200 --twice
      """)

  @Argument(help: "Definition files, or directories of them; all are simulated together.")
  var definitions: [String] = []
  @Option(help: "A scenario: participants, messages, invariants. Default: the one beside a single definition.")
  var scenario: String?
  @Option(parsing: .unconditional, help: "How many seeds to run.")
  var seeds: Int = 1_000
  @Option(help: "The first seed.")
  var seed: UInt64 = 0
  @Option(help: "Kinds of faults: a list, all, none, or all,-NAME. See --list-faults.")
  var faults = "all"
  @Option(help: "Stop after this time even if seeds are left.")
  var time: String?
  @Option(
    parsing: .unconditional,
    help: "How many seeds, or sweeps of crash points, run at a time, each on a thread of its own.")
  var jobs: Int = min(1024, ProcessInfo.processInfo.activeProcessorCount)
  @Option(parsing: .unconditional, help: "Sagas in each world.")
  var sagas = 3
  @Option(help: "Where to write the trace of a violation: a new file, or over an earlier trace.")
  var trace = "violation.trace.json"
  @Flag(help: "Tell the story of the seed, broken or not.")
  var story = false
  @Flag(help: "Draw the story as a Mermaid sequence diagram.")
  var mermaid = false
  @Flag(
    help: """
      Print each seed's hash, one JSON object a line: equal in two processes when the runs are. With --story also the \
      hash after each event.
      """)
  var hashes = false
  @Flag(
    help: """
      Run the seeds here and in a second process, on one thread each whatever --jobs says, and show the first event \
      after which they differ. Whether properties hold is not looked at.
      """)
  var twice = false
  @Flag(help: "Leave a violation as long as it came.")
  var noShrink = false
  @Option(help: "Where the services keep their shards: memory, or real SQLite on a simulated disk.")
  var store = StoreChoice.memory
  @Flag(help: "Instead of seeds: one scripted run on SQLite, with every fault at every operation of its file system.")
  var crashPoints = false
  @Flag(help: "List the kinds of faults.")
  var listFaults = false
  #if SAGA_MUTANTS
    @Option(help: "Switch on a deliberate bug of the engine. See --list-mutants.")
    var mutant: String?
    @Flag(help: "List the deliberate bugs.")
    var listMutants = false
  #endif
  @OptionGroup var output: OutputOptions

  enum StoreChoice: String, ExpressibleByArgument, CaseIterable { case memory, sqlite }

  func validate() throws {
    #if SAGA_MUTANTS
      if let mutant, Mutant.active == nil { throw ValidationError("--mutant: there is no mutant '\(mutant)'") }
    #endif
    #if SAGA_MUTANTS
      let isList = listFaults || listMutants
    #else
      let isList = listFaults
    #endif
    if definitions.isEmpty, !isList { throw ValidationError("name a definition file, or a directory of them") }
    guard seeds > 0 else { throw ValidationError("--seeds takes a number from 1") }
    guard (1...1024).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 1024") }
    guard (1...7).contains(sagas) else { throw ValidationError("--sagas takes a number from 1 to 7") }
    try Options.validate(path: trace, option: "--trace")
    let others = [
      ("--crash-points", crashPoints), ("--hashes", hashes), ("--story", story), ("--mermaid", mermaid),
      ("--time", time != nil),
    ]
    if twice, let other = others.first(where: { $0.1 })?.0 {
      throw ValidationError("--twice runs whole seeds and compares them; it does not go with \(other)")
    }
    // The hashes are JSON in any case, and --story only adds to them.
    if output.json, !hashes, story || mermaid {
      throw ValidationError("\(story ? "--story" : "--mermaid") tells a story for people; it does not go with --json")
    }
  }

  func run() throws {
    if listFaults { return listKinds() }
    #if SAGA_MUTANTS
      if listMutants { return MutantList.print(json: output.json) }
    #endif
    if jobs > 1 { SimulatedSQLite.leaveOutMemoryStatistics() }
    if crashPoints { return try CrashPointReport.run(definitions, scenario: scenario, jobs: jobs, json: output.json) }
    let loaded = try SimulationFiles.load(definitions, scenario: scenario)
    var options = SimulationOptions()
    options.sagas = sagas
    options.faults = try SimulationFiles.faults(faults)
    let limit = try time.map { try Options.duration($0, option: "--time") }
    let simulation = try SimulationFiles.simulation(loaded.setup, options, store: store.rawValue)
    if twice { return try runTwice(simulation) }
    if hashes { return try printHashes(simulation) }
    if story { return try tellSeed(simulation) }
    try requireTrace(loaded)
    let campaign = SeedCampaign(first: seed, count: seeds, jobs: jobs, limitMilliseconds: limit) {
      [setup = loaded.setup, store, options] in
      try SimulationFiles.simulation(try setup.recompiled(), options, store: store.rawValue)
    }
    let result = try campaign.run(progress: output.json ? nil : ProgressLine())
    guard let broken = result.broken else {
      return CoverageReport.print(result, reach: loaded.setup.scenario.reach.map(\.name), json: output.json)
    }
    try report(broken, simulation, loaded, result)
    throw Failure.reported
  }

  /// Refuses a trace that could not be written before any seed is run.
  private func requireTrace(_ loaded: SimulationFiles.Loaded) throws {
    var files = NamedFiles()
    for definition in loaded.definitions { files.reads("the definition", definition.path) }
    files.reads("the scenario", loaded.scenario?.path)
    files.writes("--trace", trace)
    try files.check()
    try Files.requireWritable(trace, option: "--trace")
    try Files.requireOwn(trace, beginning: "{\"format\":", title: "earlier trace", option: "--trace")
  }

  private func listKinds() {
    if output.json {
      for kind in FaultKind.allCases {
        Console.print(["name": .string(kind.rawValue), "summary": .string(kind.summary)])
      }
    } else {
      Console.print(
        Console.table(
          FaultKind.allCases.map { [Console.Cell($0.rawValue), Console.Cell($0.summary)] },
          header: ["fault", "what happens"]))
    }
  }

  /// The first line that differs between two processes names the seed; `--twice` finds it, and where.
  private func printHashes(_ simulation: Simulation) throws {
    for index in 0..<seeds {
      let seed = seed &+ UInt64(index)
      let outcome = try simulation.run(seed: seed, isTelling: story)
      Console.print(DeterminismCheck.Run(outcome, seed: seed, hasSteps: story).json)
    }
  }

  private func tellSeed(_ simulation: Simulation) throws {
    let outcome = try simulation.run(seed: seed, isRecording: true, isTelling: true)
    Console.print(mermaid ? StoryWriter.mermaid(outcome.story) : StoryWriter.text(outcome.story), terminator: "")
    if outcome.violation != nil { throw Failure.reported }
  }

  private func report(
    _ broken: SeedCampaign.Broken, _ simulation: Simulation, _ loaded: SimulationFiles.Loaded,
    _ result: SeedCampaign.Result
  ) throws {
    let recorded = try simulation.run(seed: broken.seed, isRecording: true)
    var choices = recorded.choices.filter { $0.value != 0 }
    var attempts = 0
    let original = choices.count
    if !noShrink {
      var shrinker = Shrinker(simulation, oracle: broken.violation.oracle)
      choices = try shrinker.shrink(choices)
      attempts = shrinker.attempts
    }
    let told = try simulation.replay(choices, isTelling: true)
    let saved = Trace(
      engineVersion: Saga.configuration.version, definitions: loaded.definitions, scenario: loaded.scenario,
      store: store.rawValue, options: simulation.options, seed: broken.seed, outcome: told)
    let violation = told.violation ?? broken.violation
    if output.json {
      let fault = write(saved, seed: broken.seed)
      let found: [(String, JSON)] = [
        ("seed", .string(String(broken.seed))), ("oracle", .string(violation.oracle)),
        ("message", .string(violation.message)), ("choices", .int(Int64(choices.count))),
        ("trace", fault == nil ? .string(trace) : .null), ("traceFault", fault.json),
      ]
      let reached = CoverageReport.members(result, violation: violation.oracle)
      return Console.print(.object(JSONObject(found + reached)))
    }
    CoverageReport.printBeforeStory(result)
    Console.print(mermaid ? StoryWriter.mermaid(told.story) : StoryWriter.text(told.story))
    Console.print(Console.styled("\(violation)", .red))
    Console.print(
      "seed \(broken.seed), the \(Text.ordinal(result.seeds)) run; \(Text.count(original, "choice")) "
        + (noShrink ? "" : "made \(choices.count) in \(Text.count(attempts, "run"))"))
    for choice in choices {
      Console.print(
        "  \(choice.label.name) of stream \(choice.stream), number \(choice.index): \(choice.value) of \(choice.count)")
    }
    // What was found is told whatever becomes of its file.
    if let fault = write(saved, seed: broken.seed) {
      StandardOutput.flush()
      Console.error(fault)
    } else {
      Console.print("again: saga replay \(trace)")
    }
  }

  /// - Returns: why the trace is not there; nil where it is.
  private func write(_ saved: Trace, seed: UInt64) -> String? {
    do throws(OutputFile.Fault) {
      try OutputFile.put(JSONWriter.compact(saved.json) + [UInt8(ascii: "\n")], to: trace)
      return nil
    } catch {
      return "\(error.path): the trace of seed \(seed) \(error.reason); the same command with --seed \(seed), "
        + "--seeds 1 and another --trace finds it again"
    }
  }
}
