import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import SagaSQLiteFaults
import SagaSimulation

/// `saga simulate --crash-points`: real SQLite under every fault at every operation of one scripted run.
enum CrashPointReport {
  /// - Parameter messages: the run's input; nil for what the scenario begins with.
  /// - Throws: `Failure`; exit code 1 for a finding.
  static func run(_ definitions: [String], scenario: String?, json: Bool) throws {
    var isClean = true
    if !json { Swift.print(SweepReport.heading) }
    for file in try Files.definitions(at: definitions) {
      let loaded = try Definitions.load([file])
      let read = try SimulationFiles.scenario(scenario, for: [file]).scenario
      guard !read.start.isEmpty else {
        throw Failure.bad("\(file): --crash-points runs a script; give a scenario with participants and `start`")
      }
      let subject = SweepSubject(
        name: loaded.first?.definition?.name ?? file, machines: loaded.flatMap(\.machines), scenario: read.participants,
        messages: read.start.map { IncomingMessage(bytes: $0.encode()) })
      for mode in [SQLiteOptions.JournalMode.writeAheadLog, .rollback] {
        for commitStyle in CrashPointSweep.CommitStyle.allCases {
          // Without a write-ahead log nothing can be read beside a commit, and there is no pipeline.
          if commitStyle == .pipelined, mode == .rollback { continue }
          var options = CrashPointSweep.Options()
          options.journalMode = mode
          options.commitStyle = commitStyle
          let report = try CrashPointSweep(subject, options: options).run()
          isClean = isClean && report.findingCount == 0
          show(report, json: json)
        }
      }
    }
    if !isClean { throw Failure.reported }
  }

  private static func show(_ report: SweepReport, json: Bool) {
    guard json else {
      Swift.print(report)
      for finding in report.findings { Swift.print(Console.styled("  \(Text.safe("\(finding)"))", .red)) }
      return
    }
    Console.print([
      "saga": .string(report.name), "journal": .string(report.journalMode),
      "commits": .string(report.commitStyle.rawValue),
      "operations": .int(Int64(report.operations)), "crashPoints": .int(Int64(report.crashPoints)),
      "powerLosses": .int(Int64(report.powerLosses)), "faults": .int(Int64(report.faults)),
      "faultsWithPowerLoss": .int(Int64(report.faultsWithPowerLoss)), "findings": .int(Int64(report.findingCount)),
      "first": .array(report.findings.map { .string("\($0)") }),
    ])
  }
}
