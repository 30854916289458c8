import Floor
import Foundation
import SagaCore

/// On what a run was made.
struct MachineDescription {
  var date: String
  var processor: String
  var cores: Int
  var memoryGibibytes: Int
  var system: String
  var swift: String
  var sqlite: String
  /// How many processes ran or waited to run in the minute before: other work disturbs what is measured.
  var load: Double
  /// The commit that was measured, and whether files differed from it.
  var revision: String

  init() {
    date = Date.now.formatted(.iso8601.year().month().day())
    var averages = [0.0]
    getloadavg(&averages, 1)
    load = averages[0]
    cores = ProcessInfo.processInfo.activeProcessorCount
    memoryGibibytes = Int((Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824).rounded())
    sqlite = String(cString: floor_sqlite_version())
    let swiftText = MachineDescription.output(of: "swift", "--version")
    swift = swiftText.firstMatch(of: /Swift version ([0-9.]+)/).map { String($0.1) } ?? "unknown"
    let version = ProcessInfo.processInfo.operatingSystemVersion
    #if os(Linux)
      system = "Linux \(version.majorVersion).\(version.minorVersion)"
      let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      processor =
        information.firstMatch(of: /model name\s*: (.*)/).map { String($0.1) } ?? MachineDescription.architecture
    #else
      system = "macOS \(version.majorVersion).\(version.minorVersion)"
      processor = MachineDescription.output(of: "sysctl", "-n", "machdep.cpu.brand_string")
    #endif
    let commit = MachineDescription.output(of: "git", "-C", Workload.repository.path, "rev-parse", "--short", "HEAD")
    let changes = MachineDescription.output(
      of: "git", "-C", Workload.repository.path, "status", "--porcelain", "--", "Sources", "Benchmarks/Sources")
    revision = commit.isEmpty ? "unknown" : commit + (changes.isEmpty ? "" : " with changes")
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }

  /// What a command prints; empty where it cannot be run or fails: a description may have gaps.
  private static func output(of command: String, _ arguments: String...) -> String {
    let data = (try? Child.output(of: command, arguments)) ?? Data()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  var json: JSON {
    [
      "date": .string(date), "processor": .string(processor), "cores": .int(Int64(cores)),
      "memoryGibibytes": .int(Int64(memoryGibibytes)), "system": .string(system), "swift": .string(swift),
      "sqlite": .string(sqlite), "revision": .string(revision), "load": .double(load),
    ]
  }
}
