/// What a search says at its end.
public struct Exploration: Sendable, Hashable {
  /// How a search ended.
  public enum Verdict: Sendable, Hashable {
    /// Every reachable state was looked at and nothing is wrong with any.
    case exhausted
    /// The search stopped at this many distinct states; there are more that nobody has looked at.
    case bounded(at: Int)
    /// Something is wrong; no shorter way leads to anything wrong.
    case violated(Counterexample)
  }

  /// How it ended.
  public var verdict: Verdict
  /// States found, each counted once.
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

  /// A way that a search found.
  public init(property: String, steps: [String]) {
    self.property = property
    self.steps = steps
  }
}

/// How far a running search is.
public struct ExplorationProgress: Sendable, Hashable {
  /// States found so far, each counted once.
  public var distinctStates: Int
  /// States found and not yet looked at.
  public var waiting: Int
  /// Steps looked at so far.
  public var transitions: Int
  /// How far the search is from where everything begins, in steps.
  public var depth: Int
}
