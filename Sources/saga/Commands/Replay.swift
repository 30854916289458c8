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
      changed since, the run goes on with what is there now, and says so: that shows whether a mend helps.

      Example:
        saga replay violation.trace.json
        saga replay violation.trace.json --mermaid > violation.mmd
      """)

  @Argument(help: "A trace that `saga simulate` has written.")
  var trace: String
  @Flag(help: "Draw the story as a Mermaid sequence diagram.")
  var mermaid = false
  #if SAGA_MUTANTS
    @Option(help: "Switch on a deliberate bug of the engine. See saga simulate --list-mutants.")
    var mutant: String?
  #endif
  @OptionGroup var output: OutputOptions

  func run() throws {
    let saved: Trace
    do {
      saved = try Trace(json: try JSONParser.parse(try Files.read(trace), limits: .definition))
    } catch let error as TraceError {
      throw Failure.bad("\(trace): \(error)")
    } catch let error as JSONError {
      throw Failure.bad("\(trace): is no JSON: \(error.message)")
    }
    let loaded = try SimulationFiles.load(saved.definitions.map(\.path), scenario: saved.scenario?.path)
    let changed = changes(saved, loaded)
    let outcome = try SimulationFiles.simulation(loaded.setup, saved.options, store: saved.store).replay(
      saved.choices, isTelling: true)
    let isSame = outcome.hash == saved.hash
    let difference =
      zip(saved.steps, outcome.steps).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      ?? min(saved.steps.count, outcome.steps.count)
    if output.json {
      Console.print([
        "same": .bool(isSame), "changed": .array(changed.map { .string($0) }),
        "oracle": outcome.violation.map { .string($0.oracle) } ?? .null,
        "message": outcome.violation.map { .string($0.message) } ?? .null,
        "firstDifference": isSame ? .null : .int(Int64(difference)),
      ])
    } else {
      print(mermaid ? StoryWriter.mermaid(outcome.story) : StoryWriter.text(outcome.story))
      for thing in changed { print("\(thing) has changed since the trace was made") }
      if isSame {
        print("the same run: hash \(String(outcome.hash, radix: 16))")
      } else {
        print("another run: the first difference is at event \(difference + 1) of \(saved.steps.count)")
      }
      print(outcome.violation.map { Console.styled("\($0)", .red) } ?? Console.styled("no violation", .green))
    }
    if outcome.violation != nil || (!isSame && changed.isEmpty) { throw Failure.reported }
  }

  private func changes(_ saved: Trace, _ loaded: SimulationFiles.Loaded) -> [String] {
    var changed = zip(saved.definitions, loaded.definitions).filter { $0.sha256 != $1.sha256 }.map(\.0.path)
    if let before = saved.scenario, before.sha256 != loaded.scenario?.sha256 { changed.append(before.path) }
    if saved.engineVersion != Saga.configuration.version { changed.append("the engine (\(saved.engineVersion))") }
    let data = CELTimeZones.dataVersion
    if saved.timeZoneData != data { changed.append("the tz data of time zones (\(saved.timeZoneData), here \(data))") }
    return changed
  }
}
