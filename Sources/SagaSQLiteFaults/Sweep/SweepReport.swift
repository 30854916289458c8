import SagaSimulation

/// Something that must not happen and did.
public struct SweepFinding: Sendable, Hashable, CustomStringConvertible {
  /// What kind of thing it is; the text says more.
  public enum Fault: Sendable, Hashable {
    /// The database does not open, or SQLite or the fold of its journal finds it damaged.
    case corrupt(String)
    /// Something acknowledged is not there.
    case lost(String)
    /// Something is there that was never written, or a part of something.
    case phantom(String)
    /// A run that went on came to another end than one that was not disturbed.
    case diverged(String)
    /// The engine did not come back.
    case stuck(String)
  }
  /// What happened.
  public var fault: Fault
  /// Where the run was disturbed, and how.
  public var place: String

  /// `corrupt`, `lost`, `phantom`, `diverged` or `stuck`.
  public var kind: String { parts.kind }

  public var description: String { "\(parts.kind): \(parts.text) (\(place))" }

  private var parts: (kind: String, text: String) {
    switch fault {
    case .corrupt(let text): ("corrupt", text)
    case .lost(let text): ("lost", text)
    case .phantom(let text): ("phantom", text)
    case .diverged(let text): ("diverged", text)
    case .stuck(let text): ("stuck", text)
    }
  }
}

/// Something that a sweep could have tried and did not, since nothing can be demanded of what follows.
public struct SweepOmission: Sendable, Hashable, CustomStringConvertible {
  /// What was left out, and why.
  public var reason: String
  /// At how many points.
  public var count: Int

  public var description: String { "\(count) \(count == 1 ? "point" : "points"): \(reason)" }
}

/// What a sweep went through, what it left out and what it found.
public struct SweepReport: Sendable, CustomStringConvertible {
  /// The subject's name.
  public var name: String
  /// How SQLite made transactions whole, by the name of the option.
  public var journalMode: String
  /// When what was decided became durable.
  public var commitStyle = CommitStyle.apart
  /// VFS operations of the undisturbed run.
  public var operations = 0
  /// Journal rows that the undisturbed run wrote.
  public var rows = 0
  /// Commits and pieces of maintenance that the undisturbed run made.
  public var commits = 0
  /// Points of the run that a power loss can tell apart: other bytes on the disk, or more acknowledged.
  public var crashPoints = 0
  /// Power losses and kills tried: crash points times what survives of the unsynced.
  public var powerLosses = 0
  /// Runs with one failing operation.
  public var faults = 0
  /// Runs with one failing operation and a power loss after it.
  public var faultsWithPowerLoss = 0
  /// What was left out, by reason.
  public var omissions: [SweepOmission] = []
  /// The first ones, at most `maximumFindings`.
  public var findings: [SweepFinding] = []
  /// All findings, those beyond `maximumFindings` too.
  public var findingCount = 0

  /// How many findings are kept.
  public static let maximumFindings = 50

  /// At how many points something was left out: 0 where everything was tried.
  public var omitted: Int { omissions.reduce(0) { $0 + $1.count } }

  /// Notes one point at which something is left out.
  mutating func leaveOut(_ reason: String) {
    guard let known = omissions.firstIndex(where: { $0.reason == reason }) else {
      omissions.append(SweepOmission(reason: reason, count: 1))
      return
    }
    omissions[known].count += 1
  }

  mutating func add(_ fault: SweepFinding.Fault, _ place: String) {
    findingCount += 1
    if findings.count < Self.maximumFindings { findings.append(SweepFinding(fault: fault, place: place)) }
  }

  /// The heads of the columns of `description`.
  public static let heading = row([
    "saga", "journal", "operations", "rows", "commits", "points", "losses", "faults", "fault+loss", "left out",
    "findings",
  ])

  /// One line of a table.
  public var description: String {
    Self.row(
      [name, commitStyle == .apart ? journalMode : "\(journalMode)+\(commitStyle.rawValue)"]
        + [
          operations, rows, commits, crashPoints, powerLosses, faults, faultsWithPowerLoss, omitted, findingCount,
        ].map(String.init))
  }

  private static func row(_ columns: [String]) -> String {
    let widths = [20, 13, 10, 6, 8, 8, 8, 8, 10, 8, 8]
    return zip(columns, widths).enumerated().map { index, column in
      let padding = String(repeating: " ", count: max(0, column.1 - column.0.count))
      return index < 2 ? column.0 + padding : padding + column.0
    }.joined(separator: "  ")
  }
}
