import SagaCore
import SagaRuntime
import SagaSimulation

/// `saga simulate --twice`: the same seeds in this process and in a second one.
///
/// Swift's hashes have a seed of their own in each process, so that whatever depends on the order of a set or a dictionary shows.
extension Simulate {
  /// Lines of the story before the difference that are shown.
  private static let shownLines = 10

  /// - Throws: `Failure`; exit code 1 for a difference.
  func runTwice(_ simulation: Simulation) throws {
    let (runs, others) = try runsOfBoth(simulation)
    guard let index = DeterminismCheck.firstDifference(runs, others) else {
      if output.json {
        Console.print(["seeds": .int(Int64(runs.count)), "same": true])
      } else {
        Console.print(Console.styled("\(Text.count(runs.count, "seed")) went the same way in two processes", .green))
      }
      return
    }
    try show(differenceIn: runs[index].seed, after: runs.count, simulation)
    throw Failure.reported
  }

  /// What both processes say of the seeds, up to the first of which they do not say the same.
  private func runsOfBoth(
    _ simulation: Simulation
  ) throws -> (runs: [DeterminismCheck.Run], others: [DeterminismCheck.Run]) {
    let second = try SecondProcess(callOfSecond(seed: seed, seeds: seeds))
    defer { second.end() }
    let line = output.json ? nil : ProgressLine()
    defer { line?.clear() }
    let start = WallClock.monotonicMilliseconds
    var runs: [DeterminismCheck.Run] = []
    var others: [DeterminismCheck.Run] = []
    for index in 0..<seeds {
      let seed = seed &+ UInt64(index)
      runs.append(DeterminismCheck.Run(try simulation.run(seed: seed), seed: seed, hasSteps: false))
      others.append(try read(second))
      if runs.last != others.last { break }
      line?.show(done: index + 1, of: seeds, milliseconds: WallClock.monotonicMilliseconds - start)
    }
    return (runs, others)
  }

  private func read(_ second: SecondProcess) throws -> DeterminismCheck.Run {
    let line = try second.nextLine()
    guard let run = DeterminismCheck.Run(line) else {
      throw Failure.environment("the second process printed a line that says nothing of a seed: \(Text.short(line))")
    }
    return run
  }

  /// How the second process is called: the same worlds, with hashes in the place of everything else.
  private func callOfSecond(seed: UInt64, seeds: Int, hasSteps: Bool = false) -> [String] {
    var call = [
      "simulate", "--hashes", "--seed=\(seed)", "--seeds=\(seeds)", "--faults=\(faults)", "--sagas=\(sagas)",
      "--store=\(store.rawValue)", "--jobs=\(jobs)",
    ]
    if hasSteps { call.append("--story") }
    if let scenario { call.append("--scenario=\(scenario)") }
    #if SAGA_MUTANTS
      if let mutant { call += ["--mutant", mutant] }
    #endif
    return call + ["--"] + definitions
  }

  /// Runs one seed in both processes once more, event by event, and tells what happened until they part.
  private func show(differenceIn seed: UInt64, after seeds: Int, _ simulation: Simulation) throws {
    let second = try SecondProcess(callOfSecond(seed: seed, seeds: 1, hasSteps: true))
    defer { second.end() }
    let outcome = try simulation.run(seed: seed, isTelling: true)
    let run = DeterminismCheck.Run(outcome, seed: seed, hasSteps: true)
    guard let difference = DeterminismCheck.difference(run, try read(second)) else {
      return showNothingAlone(seed, after: seeds)
    }
    let before = outcome.story.filter { $0.event <= difference.event }
    let after = outcome.story.filter { $0.event <= difference.event + 1 }
    let lines = StoryWriter.text(after).split(separator: "\n").map(String.init)
    let told = lines.dropFirst().prefix(before.count).suffix(Simulate.shownLines)
    let next = lines.dropFirst(1 + before.count)
    if output.json {
      Console.print([
        "seeds": .int(Int64(seeds)), "same": false, "seed": .string(String(seed)),
        "event": .int(Int64(difference.event)), "events": .int(Int64(difference.events)),
        "story": .array(told.map { .string($0) }), "next": .array(next.map { .string($0) }),
      ])
      return
    }
    Console.print(
      Console.styled(
        "seed \(seed): the first difference is after event \(difference.event) of \(difference.events)", .red))
    if !after.isEmpty { Console.print(lines[0]) }
    for line in told { Console.print(line) }
    if !next.isEmpty { Console.print("and then, in this process:") }
    for line in next { Console.print(line) }
  }

  /// A seed whose runs are the same when nothing ran before it.
  private func showNothingAlone(_ seed: UInt64, after seeds: Int) {
    if output.json {
      Console.print([
        "seeds": .int(Int64(seeds)), "same": false, "seed": .string(String(seed)), "event": .null, "events": .null,
      ])
    } else {
      let text =
        "seed \(seed): another way in each process, and the same when it runs alone: what runs before it matters"
      Console.print(Console.styled(text, .red))
    }
  }
}

extension DeterminismCheck.Run {
  /// What a seed came to.
  ///
  /// - Parameter hasSteps: with the hash after each event, which the outcome has where it was told.
  init(_ outcome: Simulation.Outcome, seed: UInt64, hasSteps: Bool) {
    self.init(seed: seed, hash: outcome.hash, events: outcome.events, steps: hasSteps ? outcome.steps : nil)
  }
}
