/// A rule of a contract that an implementation does not keep.
public struct ConformanceFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The rule, a sentence: the name of the check.
  public var rule: String
  /// What had to be.
  public var expectation: String
  /// What was.
  public var found: String

  /// A failure of a rule that somebody adds.
  public init(rule: String, expectation: String, found: String) {
    self.rule = rule
    self.expectation = expectation
    self.found = found
  }

  public var description: String { "\(rule): expected \(expectation), found \(found)" }
}
