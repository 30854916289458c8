/// How much may go wrong on the way to one state. Everything within the bounds is explored, in every order.
public struct ExplorationBounds: Sendable, Hashable {
  /// Messages that come again to a receiver that does not recognise them, and commands answered twice.
  public var duplicates = 2
  /// Commands and answers that never arrive.
  public var losses = 1
  /// Services that stop between a commit and what follows it.
  public var crashes = 1
  /// Timers that fire although something is on its way, or late, when others are due as well.
  public var timeouts = 2
  /// Messages from outside that nothing waits for: a cancel.
  public var externals = 1
  /// Distinct states; the search says `bounded at` it where there are more.
  public var states = 20_000_000

  /// The bounds of `saga explore`.
  public init() {}

  /// The largest value of each of the first five.
  static let maximum = 7
}

/// Why definitions cannot be explored.
public enum ExplorationError: Error, Sendable, CustomStringConvertible {
  /// A definition has errors.
  case invalidDefinition
  /// No definition has a message that starts it from outside.
  case nothingStarts
  /// The message's key is no plain field, so that no message can be made for a given key.
  case keyNotInvertible(type: String, key: String)
  /// There is more of something than a packed state has room for; says of what.
  case tooLarge(String)
  /// A property of the scenario cannot be computed, or is not boolean.
  case property(name: String, reason: String)
  /// Two messages of one service differ in nothing but their ids, which the search does not keep.
  case ambiguousName(type: String, service: String)

  public var description: String {
    switch self {
    case .invalidDefinition: "the definition has errors; `saga check` names them"
    case .nothingStarts: "no message from outside starts a saga: every start type is published by a role"
    case .keyNotInvertible(let type, let key):
      "the key of \(type) is computed (\(key)), so no such message can be made up"
    case .property(let name, let reason): "the property \(name) cannot be evaluated: \(reason)"
    case .tooLarge(let what): "\(what): more than the explorer has room for"
    case .ambiguousName(let type, let service):
      "two messages \(type) of \(service) cannot be told apart without their ids, so they cannot be renamed"
    }
  }
}
