import ArgumentParser
import CEL
import Foundation
import SagaCore
import SagaSimulation

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a saved trace again: the same hash, or the first difference.",
    discussion: """
      A trace holds the choices of one simulated run and the hashes of the files it was made from. When a file has \
      changed since, the run goes on with what is there now, and says so: that shows whether a mend helps. Files are \
      looked for as the trace calls them: replay it in the folder in which it was made.

      Example:
        saga replay violation.trace.json
        saga replay violation.trace.json --mermaid > violation.mmd

      Exit codes: 0 nothing is broken, in the same run or in another one because of what has changed · 1 a property \
      is broken, or the run is another one although nothing that the trace names has changed · 2 wrong usage · 3 a \
      file cannot be read.
      """)

  @Argument(help: "A trace that `saga simulate` has written.")
  var trace: String
  @Flag(help: "Draw the story as a Mermaid sequence diagram. What else there is to say goes to the standard error.")
  var mermaid = false
  #if SAGA_MUTANTS
    @Option(help: "Switch on a deliberate bug of the engine. See saga simulate --list-mutants.")
    var mutant: String?
  #endif
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if mermaid, output.json { throw ValidationError("--mermaid prints a diagram; it does not go with --json") }
  }

  func run() throws {
    let saved: Trace
    do {
      saved = try Trace(json: try JSONParser.parse(try Files.read(trace), limits: .definition))
    } catch let error as TraceError {
      throw Failure.bad("\(trace): \(error)")
    } catch let error as JSONError {
      throw Failure.bad("\(trace): is no JSON: \(error.message)")
    }
    let loaded = try load(saved)
    let changed = changes(saved, loaded)
    let outcome = try SimulationFiles.simulation(loaded.setup, saved.options, store: saved.store).replay(
      saved.choices, isTelling: true)
    // The number of an event, from 1; one more than the trace has where the runs part behind its last.
    var difference: Int?
    if outcome.hash != saved.hash {
      difference = 1 + (DeterminismCheck.firstDifference(saved.steps, outcome.steps) ?? saved.steps.count)
    }
    if output.json {
      Console.print([
        "same": .bool(difference == nil), "changed": .array(changed.map { .string($0) }),
        "oracle": outcome.violation.map { .string($0.oracle) } ?? .null,
        "message": outcome.violation.map { .string($0.message) } ?? .null,
        "firstDifference": difference.map { .int(Int64($0)) } ?? .null,
      ])
    } else {
      Console.print(
        mermaid ? StoryWriter.mermaid(outcome.story) : StoryWriter.text(outcome.story), terminator: mermaid ? "" : "\n")
      for line in verdict(outcome, saved, changed: changed, difference: difference) {
        if mermaid { Console.error(line, prefix: "") } else { Console.print(line) }
      }
    }
    if outcome.violation != nil || (difference != nil && changed.isEmpty) { throw Failure.reported }
  }

  /// What there is to say behind the story.
  private func verdict(
    _ outcome: Simulation.Outcome, _ saved: Trace, changed: [String], difference: Int?
  ) -> [String] {
    var lines = changed.map { "\($0) has changed since the trace was made" }
    if let difference {
      let count = saved.steps.count
      let place = difference <= count ? "at event \(difference) of \(count)" : "behind its last event, number \(count)"
      lines.append("another run: the first difference is \(place)")
      if changed.isEmpty {
        lines.append(
          "nothing that the trace names has changed: the build of saga \(saved.engineVersion) that made it has another "
            + "engine, or other worlds, than this one")
      }
    } else {
      lines.append("the same run: hash \(String(outcome.hash, radix: 16))")
    }
    lines.append(
      outcome.violation.map { Console.styled("\($0)", .red) } ?? Console.styled("no violation", .green))
    return lines
  }

  private func load(_ saved: Trace) throws -> SimulationFiles.Loaded {
    do {
      return try SimulationFiles.load(saved.definitions.map(\.path), scenario: saved.scenario?.path)
    } catch let failure as Failure where failure.code == .environment {
      throw Failure.environment(
        "\(failure.message); \(trace) names the file so: replay it in the folder in which it was made")
    }
  }

  private func changes(_ saved: Trace, _ loaded: SimulationFiles.Loaded) -> [String] {
    var changed = zip(saved.definitions, loaded.definitions).filter { $0.sha256 != $1.sha256 }.map(\.0.path)
    if let before = saved.scenario {
      if before.sha256 != loaded.scenario?.sha256 { changed.append(before.path) }
    } else if let scenario = loaded.scenario {
      // The one beside a definition is taken where none is named.
      changed.append(scenario.path)
    }
    if saved.engineVersion != Saga.configuration.version { changed.append("the engine (\(saved.engineVersion))") }
    let data = CELTimeZones.dataVersion
    if saved.timeZoneData != data { changed.append("the tz data of time zones (\(saved.timeZoneData), here \(data))") }
    return changed
  }
}
