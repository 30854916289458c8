import SagaCore
import SagaRuntime

/// What a participant has to do and its types cannot say: checks that run its handlers behind the engine's barrier, twice, at once,
/// backwards and interrupted.
///
/// The barrier does most of it. What it cannot do for a handler that reaches other systems is found here: that an interrupted effect is
/// not doubled, that an undo looks at what was done, that replies are those of the definition.
///
/// ```swift
/// @Test(arguments: ParticipantConformance.checks)
/// func keepsTheContract(_ check: ParticipantConformance.Check) async throws {
///   try await check.run(ParticipantHarness(commands: [charge]) { payments() })
/// }
/// ```
///
/// Checks of one harness measure the same effect: run them one after the other, or make a harness with a world of its own for each.
///
/// Source of the idea: the anomalies that a participant must survive, empty compensation, suspension and repetition, as DTM's "sub-transaction
/// barrier" names them.
public enum ParticipantConformance {
  /// One rule.
  public struct Check: Sendable, CustomStringConvertible {
    struct Needs: OptionSet, Sendable {
      let rawValue: Int
      static let undo = Needs(rawValue: 1)
      static let declined = Needs(rawValue: 2)
      static let slow = Needs(rawValue: 4)
      static let definitions = Needs(rawValue: 8)
    }

    /// The rule, a sentence about a participant.
    public let name: String
    let needs: Needs
    let body: @Sendable (ParticipantTrial) async throws -> Void

    init(_ name: String, needs: Needs = [], _ body: @escaping @Sendable (ParticipantTrial) async throws -> Void) {
      self.name = name
      self.needs = needs
      self.body = body
    }

    public var description: String { name }

    /// Whether the harness has what the check needs for a command.
    public func applies(to sample: CommandSample, of harness: ParticipantHarness) -> Bool {
      (!needs.contains(.undo) || sample.undo != nil) && (!needs.contains(.declined) || sample.declined != nil)
        && (!needs.contains(.slow) || sample.slow != nil)
        && (!needs.contains(.definitions) || harness.definitions != nil)
    }

    /// Holds every command of a participant to the rule; leaves out those for which the harness lacks what the check needs.
    ///
    /// - Throws: `ConformanceFailure`, also for an error of the participant where none was due.
    public func run(_ harness: ParticipantHarness) async throws {
      for sample in harness.commands where applies(to: sample, of: harness) {
        try await run(harness, sample)
      }
    }

    func run(_ harness: ParticipantHarness, _ sample: CommandSample) async throws {
      do {
        try await ParticipantTrial.run(rule: name, harness, sample, body)
      } catch let failure as ConformanceFailure {
        throw failure
      } catch {
        throw ConformanceFailure(rule: name, expectation: "\(sample.action) to run without an error", found: "\(error)")
      }
    }
  }

  /// What a run of all checks came to.
  public struct Report: Sendable {
    /// `ChargePayment: an undo takes the effect back`
    public var passed: [String] = []
    /// What does not hold, in the order of the checks.
    public var failures: [ConformanceFailure] = []
    /// Checks that need what the harness does not have.
    public var leftOut: [String] = []
  }

  /// Every rule, in an order in which the simple ones come first.
  public static let checks: [Check] = actionChecks + declineChecks + undoChecks + interruptionChecks + replyChecks

  /// Holds a participant to all rules, one after the other.
  public static func run(_ harness: ParticipantHarness) async -> Report {
    var report = Report()
    for sample in harness.commands {
      for check in checks {
        let name = "\(sample.action): \(check.name)"
        guard check.applies(to: sample, of: harness) else {
          report.leftOut.append(name)
          continue
        }
        do {
          try await check.run(harness, sample)
          report.passed.append(name)
        } catch let failure as ConformanceFailure {
          report.failures.append(failure)
        } catch {
          report.failures.append(ConformanceFailure(rule: check.name, expectation: "no error", found: "\(error)"))
        }
      }
    }
    return report
  }
}
