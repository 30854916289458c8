/// What a search says at its end.
public struct Exploration: Sendable, Hashable {
  public enum Verdict: Sendable, Hashable {
    /// Every reachable state was looked at and nothing is wrong with any.
    case exhausted
    /// The search stopped at this many distinct states; there are more that nobody has looked at.
    case bounded(at: Int)
    /// Something is wrong; no shorter way leads to anything wrong.
    case violated(Counterexample)
  }

  public var verdict: Verdict
  public var distinctStates: Int
  /// Steps looked at, those to known states too.
  public var transitions: Int
  /// Steps on the shortest way to the farthest state found.
  public var depth: Int
  /// What the set of states takes, in bytes.
  public var memoryBytes: Int
}

/// The shortest way to something wrong.
public struct Counterexample: Sendable, Hashable {
  /// What is wrong at the end of the way.
  public var property: String
  /// The steps in words, from an initial state.
  public var steps: [String]

  public init(property: String, steps: [String]) {
    self.property = property
    self.steps = steps
  }
}

/// How far a running search is.
public struct ExplorationProgress: Sendable, Hashable {
  public var distinctStates: Int
  /// States found and not yet looked at.
  public var waiting: Int
  public var transitions: Int
  public var depth: Int
}
