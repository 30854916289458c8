/// What `Machine.advance` decided, as values: nothing has happened yet when it returns.
public struct Decision: Sendable {
  /// What became of the input.
  public var outcome: Outcome
  /// The instance after the input; unchanged unless the outcome is `handled`, `deferred` or `late`.
  /// Its revision is one more than before in these three cases.
  public var instance: Instance
  /// Messages to send, in order. Their position is the effect index that their ids are derived from.
  public var outgoing: [OutgoingMessage]
  /// Values this instance now answers to (`correlate`); taken ones make the whole input fail with `key.taken`.
  public var claims: [Correlation]
  /// What happened, for the history.
  public var facts: [Fact]
}

/// What became of an input at one instance.
public enum Outcome: Sendable, Hashable {
  /// It moved the instance.
  case handled
  /// Kept at the instance and offered again after every transition. The engine appends it to `Instance.deferred`.
  case deferred
  /// Only states or steps already left would have taken it, or the instance is final.
  case late
  /// No state of the role names the type. Nothing is written.
  case foreign
  /// A timer that is no longer armed, or an operation that changes nothing. Nothing is written.
  case stale
  /// Goes to the dead letters with this reason.
  case refused(MessageFault)
}

/// What kind of message goes out; the `messagekind` extension attribute.
public enum MessageKind: String, Sendable, Hashable {
  /// An announcement to whoever listens, a request to one participant, or the answer to one.
  case event, command, reply
  /// Raised by the engine itself: stuck instances and late effects.
  case alert
}

/// A message to send, complete with its id.
public struct OutgoingMessage: Sendable, Hashable {
  /// The message as it will be sent.
  public var event: CloudEvent
  /// What kind of message it is.
  public var kind: MessageKind
  /// The participant a command goes to; nil for what is published.
  public var destination: String?
  /// Messages with the same ordering key leave in order.
  public var orderingKey: String
  /// A message whose id and attributes the caller has set.
  public init(event: CloudEvent, kind: MessageKind, destination: String?, orderingKey: String) {
    self.event = event
    self.kind = kind
    self.destination = destination
    self.orderingKey = orderingKey
  }
}

/// A further key under which messages find the instance.
public struct Correlation: Sendable, Hashable {
  /// The name that the definition gives to the key.
  public var name: String
  /// The value that messages are looked up by.
  public var value: String
  /// A value under a name.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// Of the code points, like the hashes under which stores find instances.
  public static func == (left: Correlation, right: Correlation) -> Bool {
    left.name == right.name && left.value.hasSameCodePoints(as: right.value)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(ExactText(text: value))
  }
}
