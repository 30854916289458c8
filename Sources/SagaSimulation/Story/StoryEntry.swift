import SagaCore

/// One thing that happened in a simulated world, for people.
public struct StoryEntry: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    /// A message arrived.
    case message
    /// A message was lost for ever, or for a while.
    case lost
    /// A message comes once more.
    case duplicate
    /// A process died, froze or came back.
    case process
    /// A timer fired, a state was entered: what a saga did by itself.
    case saga
    /// What a participant did.
    case participant
    /// What the environment did: clocks, disks, operators, versions.
    case environment
    /// A property is broken.
    case violation
  }
  public var kind: Kind
  /// True time, not that of any service's clock.
  public var time: Timestamp
  public var from: String
  /// nil for what happens in one place.
  public var to: String?
  public var text: String
}
