/// Makes the choices of a violation few: delta debugging (Zeller and Hildebrandt, 2002) over the answers that are not 0,
/// until no single one can be taken away, and each is as small as it can be.
///
/// Every question has numbers of its own, so taking one answer away leaves the others where they are.
public struct Shrinker {
  /// How often the world was run to shrink.
  public private(set) var attempts = 0
  private let simulation: Simulation
  private let oracle: String
  private let maximumAttempts: Int

  /// - Parameters:
  ///   - simulation: runs what is tried.
  ///   - oracle: the property that must stay broken.
  ///   - maximumAttempts: after so many runs the shortest list so far is taken.
  public init(_ simulation: Simulation, oracle: String, maximumAttempts: Int = 4_000) {
    self.simulation = simulation
    self.oracle = oracle
    self.maximumAttempts = maximumAttempts
  }

  /// The shortest list of choices found that still breaks the property.
  ///
  /// - Throws: what `Simulation.replay` throws.
  public mutating func shrink(_ choices: [Choice]) throws -> [Choice] {
    var current = choices.filter { $0.value != 0 }
    guard try isBroken(current) else { return current }
    current = try removeChunks(current)
    // A smaller answer may make another one needless, or let it be smaller.
    while true {
      let shorter = try lowerValues(try removeSingles(current))
      if shorter == current { return current }
      current = shorter
    }
  }

  /// Takes away ever smaller parts.
  private mutating func removeChunks(_ choices: [Choice]) throws -> [Choice] {
    var current = choices
    var size = current.count / 2
    while size >= 1 {
      var start = 0
      while start < current.count {
        var shorter = current
        shorter.removeSubrange(start..<min(start + size, current.count))
        if try isBroken(shorter) { current = shorter } else { start += size }
      }
      size /= 2
    }
    return current
  }

  /// Goes on until a whole pass takes nothing away: 1-minimal.
  private mutating func removeSingles(_ choices: [Choice]) throws -> [Choice] {
    var current = choices
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      var index = current.count - 1
      while index >= 0 {
        var shorter = current
        shorter.remove(at: index)
        if try isBroken(shorter) {
          current = shorter
          hasChanged = true
        }
        index -= 1
      }
    }
    return current
  }

  private mutating func lowerValues(_ choices: [Choice]) throws -> [Choice] {
    var current = choices
    for index in current.indices {
      for value in 1..<current[index].value {
        var lower = current
        lower[index].value = value
        if try isBroken(lower) {
          current = lower
          break
        }
        if value > 16 { break }
      }
    }
    return current
  }

  private mutating func isBroken(_ choices: [Choice]) throws -> Bool {
    guard attempts < maximumAttempts else { return false }
    attempts += 1
    return try simulation.replay(choices).violation?.oracle == oracle
  }
}
