/// What happens between two states of a world of sagas.
struct SagaAction: Sendable, Hashable {
  enum Kind: UInt8, Sendable {
    /// A letter reaches a service.
    case deliver
    case lose
    /// A participant does a command; `detail` is the outcome.
    case answer
    /// The next timer of a service fires; `detail` is how late.
    case fire
    /// A message comes from outside; `detail` is its number among those.
    case outside
    /// An operator replays a dead letter of a service; `detail` is its number among those.
    case replay
  }

  /// What goes wrong besides.
  enum Mishap: Sendable, Hashable {
    case none
    /// The letter comes again.
    case twice
    /// The service stops at one of the points where that makes a difference.
    case crash(Int)
  }

  var kind: Kind
  var service: UInt8 = 0
  var detail: UInt16 = 0
  var letter: UInt32 = 0
  var mishap = Mishap.none

  func with(_ mishap: Mishap) -> SagaAction {
    var action = self
    action.mishap = mishap
    return action
  }
}
