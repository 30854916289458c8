import Foundation
import SagaCore

/// Engine and floor interleaved in one run, so that a machine that drifts drifts for both.
@main
struct Benchmarks {
  static func main() async throws {
    let options: Options
    let given = CommandLine.arguments.dropFirst()
    if given.first == "--child" {
      do {
        return try child(Array(given.dropFirst()))
      } catch {
        note("bench: \(error)")
        exit(3)
      }
    }
    do {
      let arguments = Array(given)
      if arguments.contains("--help") || arguments.contains("-h") { return print(Options.usage) }
      options = try Options(arguments)
    } catch let error as UsageError {
      note("bench: \(error.text)\n\(Options.usage)")
      exit(2)
    }
    do {
      let report = try await run(options)
      if options.page { try Page(report: report).write() }
      print(options.isJSON ? "\(report.json)" : report.text)
    } catch {
      note("bench: \(error)")
      exit(3)
    }
  }

  /// The parts of a measurement that need a process of their own.
  private static func child(_ arguments: [String]) throws {
    let numbers = arguments.dropFirst(2).compactMap { Int($0) }
    switch (arguments.first, numbers.count) {
    case ("resident", 1): try ScaleRounds.measureResident(arguments[1], instances: numbers[0])
    case ("empty", 0): try RecoveryRounds.measureEmpty(arguments[1])
    case ("crash", 2): try RecoveryRounds.run(untilKilled: arguments[1], instances: numbers[0], round: numbers[1])
    case ("recover", 2): try RecoveryRounds.recover(arguments[1], instances: numbers[0], round: numbers[1])
    default: throw BenchmarkError("no child process does '\(arguments.joined(separator: " "))'")
    }
  }

  static func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

  static func run(_ options: Options) async throws -> Report {
    let rounds = try StoreRounds(folder: options.folder)
    defer { rounds.remove() }
    var report = Report(machine: MachineDescription(), rounds: options.rounds)
    // First, because it states how much memory the process has had at most.
    if options.measures(.embedding) { report.sections.append(try await EmbeddingRounds.section(rounds, options)) }
    if options.measures(.store, .engine, .floor, .memory, .lives, .parts) {
      note("preparing…")
      let largest = options.groups.map { StoreRounds.orders(group: $0, seconds: options.seconds) }.max() ?? 1000
      let workload = try Workload(orders: largest)
      if options.measures(.store, .engine, .floor, .memory) {
        report.groups = try StoreRounds.results(workload, rounds, options)
        GroupResult.record(report.groups, in: &report.goals)
      }
      if options.measures(.lives) { report.sections.append(try ShortLives.section(workload, options)) }
      if options.measures(.parts) { report.sections.append(try PartRounds.section(workload, rounds, options)) }
    }
    if options.measures(.paths) { report.sections.append(try PathRounds.section(rounds, options)) }
    if options.measures(.latency) {
      report.sections.append(try LatencyRounds.section(rounds, options, goals: &report.goals))
    }
    if options.measures(.scale) {
      report.sections += try ScaleRounds.sections(rounds, options, goals: &report.goals)
    }
    if options.measures(.shards) {
      report.sections.append(try ShardRounds.section(rounds, options, goals: &report.goals))
    }
    if options.measures(.simulation) {
      report.sections.append(try SimulationRounds.section(options, goals: &report.goals))
    }
    if options.peers {
      report.sections += try await PeerRounds.sections(rounds, options, goals: &report.goals)
    }
    return report
  }
}
