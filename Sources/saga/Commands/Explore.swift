import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime
import SagaSimulation

struct Explore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Goes through everything that can become of one saga within bounds.",
    discussion: """
      Every order of messages, every answer a participant may give, and every repetition, loss, crash and timeout within \
      the bounds, nearest first: a violation comes with the shortest way to it. Decisions are those of the engine that \
      runs in production. It says `exhausted` when every state was looked at, and `bounded at N states` when there are \
      more. Exit code 1 means that a property is broken.

      Example:
        saga explore sagas/travel-booking.json
        saga explore orders.json --duplicates 1 --losses 1 --crashes 0 --timeouts 1
      """)

  @Argument(help: "Definition files, or directories of them; all are explored together.")
  var definitions: [String]
  @Option(help: "A scenario: participants, invariants. Default: the one beside a single definition.")
  var scenario: String?
  @Option(parsing: .unconditional, help: "Messages that come twice.")
  var duplicates = 2
  @Option(parsing: .unconditional, help: "Commands and answers that are lost for ever.")
  var losses = 1
  @Option(parsing: .unconditional, help: "Crashes of a service.")
  var crashes = 1
  @Option(parsing: .unconditional, help: "Timers that fire although something is on its way.")
  var timeouts = 2
  @Option(parsing: .unconditional, help: "Messages from outside that nothing waits for, such as a cancel.")
  var externals = 1
  @Option(parsing: .unconditional, help: "Stop at this many distinct states.")
  var states = 20_000_000
  #if SAGA_MUTANTS
    @Option(help: "Switch on a deliberate bug of the engine. See `saga simulate . --list-mutants`.")
    var mutant: String?
  #endif
  @OptionGroup var output: OutputOptions

  func validate() throws {
    #if SAGA_MUTANTS
      if let mutant, Mutant.active == nil { throw ValidationError("--mutant: there is no mutant '\(mutant)'") }
    #endif
    for (name, value) in [
      ("--duplicates", duplicates), ("--losses", losses), ("--crashes", crashes), ("--timeouts", timeouts),
      ("--externals", externals),
    ] where !(0...7).contains(value) {
      throw ValidationError("\(name) takes a number from 0 to 7")
    }
    guard states > 0 else { throw ValidationError("--states takes a number from 1") }
  }

  func run() throws {
    let loaded = try Definitions.loadWorld(definitions)
    let read = try SimulationFiles.scenario(scenario, for: loaded.compactMap(\.definition))
    var bounds = ExplorationBounds()
    bounds.duplicates = duplicates
    bounds.losses = losses
    bounds.crashes = crashes
    bounds.timeouts = timeouts
    bounds.externals = externals
    bounds.states = states
    let start = WallClock.monotonicMilliseconds
    let progress = ExplorationLine()
    let result: SagaExploration
    do {
      result = try SagaExplorer(loaded, scenario: read.scenario, bounds: bounds).run { found in
        progress.show(found, milliseconds: WallClock.monotonicMilliseconds - start)
        return true
      }
    } catch let error as ExplorationError {
      throw Failure.bad("\(definitions.joined(separator: ", ")): \(error)")
    }
    progress.clear()
    let milliseconds = max(1, WallClock.monotonicMilliseconds - start)
    if output.json {
      Console.print(json(result, milliseconds))
    } else {
      tell(result, milliseconds, reach: read.scenario.reach.map(\.name))
    }
    if case .violated = result.search.verdict { throw Failure.reported }
  }

  private func tell(_ result: SagaExploration, _ milliseconds: Int64, reach: [String]) {
    let search = result.search
    let rate = Int64(search.distinctStates) * 1000 / milliseconds
    switch search.verdict {
    case .exhausted:
      Console.print(
        Console.styled("exhausted: every state within \(bounds(of: result)) was looked at, nothing is broken", .green))
      Console.print(
        "one value stood for all of a member that decides nothing: what others break, `saga simulate` finds")
    case .bounded(let count):
      let why =
        if count != states, !result.cutTypes.isEmpty {
          "not every payload was tried of \(result.cutTypes.joined(separator: ", ")): too many may decide something"
        } else if count != states, !result.repeatedTypes.isEmpty {
          "a saga is given several of \(result.repeatedTypes.joined(separator: ", ")), and here each comes once"
        } else {
          "there are more that nobody has looked at"
        }
      Console.print(Console.styled("bounded at \(count) states: \(Text.safe(why))", .yellow))
    case .violated(let found):
      for (number, step) in found.steps.enumerated() { Console.print("\(number + 1). \(Text.safe(step))") }
      Console.print(Console.styled("\n\(found.property)", .red))
      Console.print("no shorter way leads to anything wrong")
    }
    Console.print(
      "\(Text.count(search.distinctStates, "distinct state")), \(Text.count(search.transitions, "step")), depth "
        + "\(search.depth), in \(Text.duration(milliseconds: milliseconds)): \(rate) states/s, "
        + Text.bytes(result.memoryBytes))
    Console.print(
      "\(Text.count(result.engineTransitions, "decision")) of the engine, "
        + "\(Text.count(result.serviceStates, "state")) of services, \(Text.count(result.ledgerStates, "state")) of ledgers"
    )
    if !result.ends.isEmpty {
      Console.print("\nEnds\n" + result.ends.map { "  \(Text.safe($0))" }.joined(separator: "\n"))
    }
    let missing = reach.filter { !result.cameAbout.contains($0) }
    if !missing.isEmpty, case .exhausted = search.verdict {
      Console.print(Console.styled("warning: never came about: \(Text.safe(missing.joined(separator: ", ")))", .yellow))
    }
    if !result.hasCompensated {
      Console.print(Console.styled("warning: \(Text.nothingUndone): this proved little", .yellow))
    }
  }

  /// The bounds in words.
  private func bounds(of result: SagaExploration) -> String {
    [
      Text.count(duplicates, "duplicate"), Text.count(losses, "loss", "losses"),
      Text.count(crashes, "crash", "crashes"), Text.count(timeouts, "timeout"),
    ].joined(separator: ", ") + " and \(Text.count(externals, "message")) from outside that nothing waits for"
      + (result.listElements.map { ", with lists of at most \(Text.count($0, "element"))," } ?? "")
  }

  private func json(_ result: SagaExploration, _ milliseconds: Int64) -> JSON {
    let search = result.search
    var members: [(String, JSON)] = []
    switch search.verdict {
    case .exhausted: members.append(("verdict", "exhausted"))
    case .bounded(let count): members += [("verdict", "bounded"), ("boundedAt", .int(Int64(count)))]
    case .violated(let found):
      members += [
        ("verdict", "violated"), ("property", .string(found.property)),
        ("steps", .array(found.steps.map { .string($0) })),
      ]
    }
    members += [
      ("distinctStates", .int(Int64(search.distinctStates))), ("transitions", .int(Int64(search.transitions))),
      ("depth", .int(Int64(search.depth))), ("milliseconds", .int(milliseconds)),
      ("engineTransitions", .int(Int64(result.engineTransitions))),
      ("memoryBytes", .int(Int64(result.memoryBytes))), ("ends", .array(result.ends.map { .string($0) })),
      ("compensated", .bool(result.hasCompensated)), ("cameAbout", .array(result.cameAbout.map { .string($0) })),
      ("notEveryPayloadOf", .array(result.cutTypes.map { .string($0) })),
      ("severalOf", .array(result.repeatedTypes.map { .string($0) })),
      (
        "bounds",
        [
          "duplicates": .int(Int64(duplicates)), "losses": .int(Int64(losses)), "crashes": .int(Int64(crashes)),
          "timeouts": .int(Int64(timeouts)), "externals": .int(Int64(externals)),
          "listElements": result.listElements.map { .int(Int64($0)) } ?? .null,
        ]
      ),
    ]
    return .object(JSONObject(members))
  }
}

/// How far an exploration is, on a terminal.
private final class ExplorationLine {
  private var last: Int64 = 0

  func show(_ found: ExplorationProgress, milliseconds: Int64) {
    guard Console.isTerminal, milliseconds - last >= 100 else { return }
    last = milliseconds
    let rate = Int64(found.distinctStates) * 1000 / max(1, milliseconds)
    let text = "\r\(found.distinctStates) states, \(found.waiting) waiting, depth \(found.depth), \(rate)/s \u{1B}[K"
    Console.note(text)
  }

  func clear() {
    if last > 0 { Console.note("\r\u{1B}[K") }
  }
}
