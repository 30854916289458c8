import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import SagaSQLiteFaults
import SagaSimulation
import Synchronization

/// `saga simulate --crash-points`: real SQLite under every fault at every operation of one scripted run.
enum CrashPointReport {
  /// A definition and the script that it runs.
  private struct Script: Sendable {
    var definition: Definition
    var scenario: SimulationScenario

    /// With machines of its own.
    var subject: SweepSubject {
      SweepSubject(
        name: definition.name, machines: definition.recompiled().machines, scenario: scenario.participants,
        messages: scenario.start.map { IncomingMessage(bytes: $0.encode()) })
    }
  }

  /// - Parameter jobs: how many sweeps run at a time; the report is the same.
  /// - Throws: `Failure`; exit code 1 for a finding.
  static func run(_ definitions: [String], scenario: String?, jobs: Int, json: Bool) throws {
    // What cannot be swept is said before anything is.
    let scripts = try Definitions.load(definitions).compactMap(\.definition).map { try script(of: $0, scenario) }
    let sweeps = scripts.flatMap { script in
      [SQLiteOptions.JournalMode.writeAheadLog, .rollback].flatMap { mode in
        // Without a write-ahead log nothing can be read beside a commit, and there is no pipeline.
        CommitStyle.allCases.filter { $0 != .pipelined || mode == .writeAheadLog }
          .map { (script: script, journalMode: mode, commitStyle: $0) }
      }
    }
    if !json { Console.print(SweepReport.heading) }
    let findings = Atomic(0)
    try Jobs.inOrder(sweeps.count, jobs: jobs) { number in
      let sweep = sweeps[number]
      var options = CrashPointSweep.Options()
      options.journalMode = sweep.journalMode
      options.commitStyle = sweep.commitStyle
      return try CrashPointSweep(sweep.script.subject, options: options).run()
    } show: { report in
      findings.add(report.findingCount, ordering: .relaxed)
      show(report, json: json)
    }
    if findings.load(ordering: .relaxed) > 0 { throw Failure.reported }
  }

  /// - Throws: `Failure` where the scenario begins with no messages.
  private static func script(of definition: Definition, _ scenario: String?) throws -> Script {
    let read = try SimulationFiles.scenario(scenario, for: [definition]).scenario
    guard !read.start.isEmpty else {
      throw Failure.bad(
        "\(definition.file): --crash-points runs a script; give a scenario with participants and `start`")
    }
    return Script(definition: definition, scenario: read)
  }

  private static func show(_ report: SweepReport, json: Bool) {
    guard json else {
      Console.print("\(report)")
      for omission in report.omissions {
        Console.print(Console.styled("  left out at \(Text.safe("\(omission)"))", .yellow))
      }
      for finding in report.findings { Console.print(Console.styled("  \(Text.safe("\(finding)"))", .red)) }
      return
    }
    Console.print([
      "saga": .string(report.name), "journal": .string(report.journalMode),
      "commits": .string(report.commitStyle.rawValue),
      "operations": .int(Int64(report.operations)), "crashPoints": .int(Int64(report.crashPoints)),
      "powerLosses": .int(Int64(report.powerLosses)), "faults": .int(Int64(report.faults)),
      "faultsWithPowerLoss": .int(Int64(report.faultsWithPowerLoss)), "leftOut": .int(Int64(report.omitted)),
      "leftOutBecause": .array(
        report.omissions.map { ["reason": .string($0.reason), "points": .int(Int64($0.count))] }),
      "findings": .int(Int64(report.findingCount)),
      "first": .array(report.findings.map { .string("\($0)") }),
    ])
  }
}
