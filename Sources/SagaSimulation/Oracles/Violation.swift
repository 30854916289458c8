/// A property that a run broke.
public struct Violation: Error, Sendable, Hashable, CustomStringConvertible {
  /// Which property, such as `atomicity` or `invariant.stock`: shrinking keeps it.
  public var oracle: String
  /// What was expected, and what came instead.
  public var message: String

  /// A violation found by the oracle of this name.
  public init(_ oracle: String, _ message: String) {
    self.oracle = oracle
    self.message = message
  }

  public var description: String { "\(oracle): \(message)" }
}
