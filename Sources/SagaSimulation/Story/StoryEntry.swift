import SagaCore

/// One thing that happened in a simulated world, for people.
public struct StoryEntry: Sendable, Hashable {
  /// What kind of thing happened.
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
  /// What kind of thing happened.
  public var kind: Kind
  /// In which event of the run, from 1; 0 before the first.
  public var event: Int
  /// True time, not that of any service's clock.
  public var time: Timestamp
  /// The service, participant or person that did it.
  public var from: String
  /// nil for what happens in one place.
  public var to: String?
  /// What happened, in words.
  public var text: String
}
