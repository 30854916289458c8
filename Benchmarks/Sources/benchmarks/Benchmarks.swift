import Foundation
import SagaCore

/// Engine and floor interleaved in one run, so that a machine that drifts drifts for both.
@main
struct Benchmarks {
  static func main() async throws {
    let options: Options
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      if arguments.contains("--help") || arguments.contains("-h") { return print(Options.usage) }
      options = try Options(arguments)
    } catch let error as UsageError {
      note("bench: \(error.text)\n\(Options.usage)")
      exit(2)
    }
    do {
      let report = try await run(options)
      print(options.isJSON ? "\(report.json)" : report.text)
    } catch {
      note("bench: \(error)")
      exit(3)
    }
  }

  static func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

  static func run(_ options: Options) async throws -> Report {
    let rounds = try StoreRounds(folder: options.folder)
    defer { rounds.remove() }
    note("preparing…")
    let largest = options.groups.map { orders(group: $0, seconds: options.seconds) }.max() ?? 1000
    let workload = try Workload(orders: largest)
    var report = Report(rounds: options.rounds, floorInstances: StoreRounds.floorInstances)
    if options.measures(.store, .engine, .floor, .memory) {
      report.groups = options.groups.map { GroupResult(group: $0) }
      for round in 1...options.rounds {
        note("round \(round) of \(options.rounds)")
        for index in report.groups.indices { try measure(&report.groups[index], round, workload, rounds, options) }
      }
    }
    if options.measures(.lives) { report.lives = try lives(workload, options) }
    if options.measures(.simulation) { report.simulation = try simulation(options) }
    if options.measures(.embedding) { report.embedding = try await embedding(rounds, options) }
    if options.measures(.parts) { report.parts = try parts(workload, rounds, options) }
    return report
  }

  /// So many that a round takes about as long as asked: small groups wait for the disk.
  private static func orders(group: Int, seconds: Double) -> Int {
    let perSecond = group >= 50 ? 20_000.0 : group >= 5 ? 12_000.0 : 3_000.0
    return max(200, Int(perSecond * seconds / 6))
  }

  private static func measure(
    _ result: inout GroupResult, _ number: Int, _ workload: Workload, _ rounds: StoreRounds, _ options: Options
  ) throws {
    let orders = orders(group: result.group, seconds: options.seconds)
    let messages = workload.messages.prefix(orders * 6)
    var engine: Round?
    if options.measures(.store, .engine) {
      let round = try rounds.engine(workload, messages: messages, group: result.group)
      result.engine.append(round.eventsPerSecond)
      result.engineProcessor.append(round.processorMicroseconds)
      engine = round
    }
    if options.measures(.store, .floor) {
      let large = try rounds.floor(
        instances: StoreRounds.floorInstances, events: messages.count, group: result.group, seed: number)
      let small = try rounds.floor(instances: orders, events: messages.count, group: result.group, seed: number)
      result.floor.append(large.eventsPerSecond)
      result.floorProcessor.append(large.processorMicroseconds)
      result.smallFloor.append(small.eventsPerSecond)
      if let engine {
        result.ratio.append(engine.eventsPerSecond / large.eventsPerSecond)
        result.smallRatio.append(engine.eventsPerSecond / small.eventsPerSecond)
      }
    }
    if options.measures(.store, .memory) {
      let round = try rounds.memory(workload, messages: messages, group: result.group)
      result.memoryProcessor.append(round.processorMicroseconds)
    }
  }

  private static func parts(_ workload: Workload, _ rounds: StoreRounds, _ options: Options) throws -> [PartResult] {
    let seconds = options.seconds / 4
    let parts = try PartRounds(workload)
    let measurements: [(name: String, unit: String, measure: () throws -> Double)] = [
      (
        "decisions (advance), without decoding and store", "per second",
        { try parts.advancesPerSecond(seconds: seconds) }
      ),
      ("CloudEvents decoded", "per second", { try parts.decodesPerSecond(seconds: seconds) }),
      ("JSON parsed", "MB/s", { try parts.megabytesPerSecond(seconds: seconds) }),
      (
        "CEL guards evaluated (comparison, list macro, string)", "per second",
        { try parts.evaluationsPerSecond(seconds: seconds) }
      ),
      ("fdatasync of 4 KiB", "per second", { try rounds.fdatasyncPerSecond(seconds: seconds) }),
    ]
    return try measure(measurements, options)
  }

  private static func lives(_ workload: Workload, _ options: Options) throws -> [PartResult] {
    let seconds = options.seconds / 2
    let lives = try ShortLives(workload.machines)
    return try measure(
      [
        (
          "whole engine in memory, batch 1, short lives", "µs per event",
          { try lives.microsecondsPerEvent(seconds: seconds) }
        ),
        ("a new engine on an empty store", "µs", { try lives.microsecondsPerEngine(seconds: seconds) }),
        (
          "a new engine on the store of one running saga", "µs", { try lives.microsecondsPerRecovery(seconds: seconds) }
        ),
      ], options)
  }

  private static func simulation(_ options: Options) throws -> [PartResult] {
    let seconds = options.seconds
    var rounds = try SimulationRounds()
    note("simulating and exploring…")
    // Seeds and events are two figures of the same worlds.
    var worlds: [Bool: (seeds: Double, events: Double)] = [:]
    var measurements: [(name: String, unit: String, measure: () throws -> Double)] = []
    for (name, onSQLite) in [("in memory", false), ("SQLite on a simulated disk", true)] {
      measurements += [
        (
          "3 orders, all faults and oracles, \(name)", "seeds/s",
          {
            let measured = try rounds.worldsPerSecond(seconds: seconds, onSQLite: onSQLite)
            worlds[onSQLite] = measured
            return measured.seeds
          }
        ), ("  what happens in them", "events/s", { worlds[onSQLite]?.events ?? .nan }),
      ]
    }
    measurements.append(
      (
        "a saga of 30 days, from start to timeout", "ms", { try rounds.millisecondsPerLongSaga(seconds: seconds / 4) }
      ))
    for (name, states) in SimulationRounds.explored {
      measurements.append(
        (
          "\(name) explored: \(Report.whole(Double(states))) states", "states/s",
          { try rounds.sagaStatesPerSecond(name, states: states) }
        ))
    }
    for (managers, states) in [(7, 296_448), (8, 1_745_408)] {
      measurements.append(
        (
          "two-phase commit, \(managers) managers: \(Report.whole(Double(states))) states", "states/s",
          { try rounds.twoPhaseStatesPerSecond(resourceManagers: managers, published: states) }
        ))
    }
    return try measure(measurements, options)
  }

  private static func embedding(_ rounds: StoreRounds, _ options: Options) async throws -> [PartResult] {
    let embedding = EmbeddingRounds(folder: rounds.folder.path)
    let callers = EmbeddingRounds.callers
    var alone = PartResult(name: "deliver, one caller", unit: "events/s")
    var together = PartResult(name: "deliver, \(Report.whole(Double(callers))) callers at once", unit: "events/s")
    var shared = PartResult(name: "  ratio of the two", unit: "times")
    var quiet = PartResult(name: "sagas with one participant", unit: "sagas/s")
    var beside = PartResult(name: "the same beside 1,000 sagas at a participant that fails", unit: "sagas/s")
    var kept = PartResult(name: "  ratio of the two", unit: "times")
    for round in 1...options.rounds {
      note("embedding, round \(round) of \(options.rounds)")
      let one = try await embedding.deliveriesPerSecond(callers: 1, events: Int(1000 * options.seconds))
      let many = try await embedding.deliveriesPerSecond(callers: callers, events: Int(30_000 * options.seconds))
      alone.samples.append(one)
      together.samples.append(many)
      shared.samples.append(many / one)
      let sagas = Int(3000 * options.seconds)
      let undisturbed = try await embedding.completionsPerSecond(sagas: sagas, besideFailing: 0)
      let disturbed = try await embedding.completionsPerSecond(sagas: sagas, besideFailing: 1000)
      quiet.samples.append(undisturbed)
      beside.samples.append(disturbed)
      kept.samples.append(disturbed / undisturbed)
    }
    note("soaking…")
    let events = Int(Double(EmbeddingRounds.soakEvents) * options.seconds)
    let memory = try await embedding.soak(events: events)
    var early = PartResult(name: "peak memory after a third of \(Report.whole(Double(events))) events", unit: "MiB")
    early.samples.append(memory.early)
    var late = PartResult(name: "peak memory after all of them", unit: "MiB")
    late.samples.append(memory.late)
    return [alone, together, shared, quiet, beside, kept, early, late]
  }

  private static func measure(
    _ measurements: [(name: String, unit: String, measure: () throws -> Double)], _ options: Options
  ) throws -> [PartResult] {
    var results = measurements.map { PartResult(name: $0.name, unit: $0.unit) }
    for _ in 1...options.rounds {
      for (index, measurement) in measurements.enumerated() { results[index].samples.append(try measurement.measure()) }
    }
    return results
  }
}
