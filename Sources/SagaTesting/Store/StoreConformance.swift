import SagaRuntime

/// What the `Store` protocol says and its types cannot: the checks that every adapter passes.
///
/// The suite needs no test library: call `run` in a program, or make a test of each check with the test library at hand.
///
/// ```swift
/// @Test(arguments: StoreConformance.checks)
/// func keepsTheContract(_ check: StoreConformance.Check) throws {
///   try check.run(StoreHarness { try MyStore() })
/// }
/// ```
///
/// The idea of one contract that several stores run is River's; that a suite must be shown to fail is mutation testing's.
public enum StoreConformance {
  /// One rule.
  public struct Check: Sendable, CustomStringConvertible {
    enum Need: Sendable { case nothing, reopening, copying }

    /// The rule, a sentence about a store.
    public let name: String
    let need: Need
    let body: @Sendable (Examination) throws -> Void

    init(_ name: String, needs need: Need = .nothing, _ body: @escaping @Sendable (Examination) throws -> Void) {
      self.name = name
      self.need = need
      self.body = body
    }

    public var description: String { name }

    /// Whether the harness has what the check needs.
    public func applies(to harness: StoreHarness) -> Bool {
      switch need {
      case .nothing: true
      case .reopening: harness.reopen != nil
      case .copying: harness.openCopy != nil
      }
    }

    /// Holds a store to the rule; does nothing where the harness lacks what the check needs.
    ///
    /// - Throws: `ConformanceFailure`, also for an error of the store where none was due.
    public func run(_ harness: StoreHarness) throws {
      guard applies(to: harness) else { return }
      do {
        try body(Examination(rule: name, harness: harness))
      } catch let failure as ConformanceFailure {
        throw failure
      } catch {
        throw ConformanceFailure(rule: name, expectation: "no error", found: "\(error)")
      }
    }
  }

  /// What a run of all checks came to.
  public struct Report: Sendable {
    /// The names of the checks that hold.
    public var passed: [String] = []
    /// What does not hold, in the order of the checks.
    public var failures: [ConformanceFailure] = []
    /// Checks that need what the harness does not have.
    public var leftOut: [String] = []
  }

  /// Every rule, in an order in which the simple ones come first.
  public static let checks: [Check] =
    recoverChecks + commitChecks + rowChecks + constraintChecks + birthChecks + keyChecks + machineChecks + foldChecks
    + parkedChecks + deadLetterChecks + laneChecks + loadChecks + wakeChecks + pageChecks + sweepChecks + forgetChecks
    + inheritedChecks + keepingChecks

  /// Holds a kind of store to all rules.
  public static func run(_ harness: StoreHarness) -> Report {
    var report = Report()
    for check in checks {
      guard check.applies(to: harness) else {
        report.leftOut.append(check.name)
        continue
      }
      do {
        try check.run(harness)
        report.passed.append(check.name)
      } catch let failure as ConformanceFailure {
        report.failures.append(failure)
      } catch {
        report.failures.append(ConformanceFailure(rule: check.name, expectation: "no error", found: "\(error)"))
      }
    }
    return report
  }

  /// The same for a store that can only be made.
  public static func run(_ makeStore: @escaping () throws -> any Store) -> Report { run(StoreHarness(make: makeStore)) }
}
