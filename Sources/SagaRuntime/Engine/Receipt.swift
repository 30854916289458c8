import SagaCore

/// A message as a transport hands it over.
public struct IncomingMessage: Sendable, Hashable {
  /// A CloudEvent in the JSON format.
  public var bytes: [UInt8]
  /// Set when the transport itself found the message unacceptable: it becomes a dead letter with this reason.
  public var fault: MessageFault?
  /// What the bytes say, where somebody has decoded them already.
  let event: CloudEvent?
  /// What a duplicate of it is recognised by, where `event` is known.
  let identity: MessageIdentity?
  /// Whether the home of a recorded value sends it on to the value's owner.
  let isSentOn: Bool

  /// A message as it came in; with a `fault`, one that the transport could not read.
  public init(bytes: [UInt8], fault: MessageFault? = nil) {
    self.bytes = bytes
    self.fault = fault
    event = nil
    identity = nil
    isSentOn = false
  }

  /// Of a message that was decoded where it came in, so that the engine's thread need not do it.
  ///
  /// - Parameter event: what the bytes say.
  init(bytes: [UInt8], event: CloudEvent?, isSentOn: Bool = false) {
    self.bytes = bytes
    self.event = event
    identity = event.map { MessageIdentity($0) }
    self.isSentOn = isSentOn
  }

  /// The message read here, by the thread that brings it in, so that the engine's thread need not do it. What cannot be read
  /// stays as it is: the engine says why.
  public func decoded() -> IncomingMessage {
    guard fault == nil, event == nil else { return self }
    do throws(MessageFault) {
      return IncomingMessage(bytes: bytes, event: try CloudEvent.decode(bytes))
    } catch {
      return self
    }
  }

  /// The same message, for the next shard that it goes to.
  init(_ other: IncomingMessage, isSentOn: Bool) {
    bytes = other.bytes
    event = other.event
    identity = other.identity
    self.isSentOn = isSentOn
  }
}

/// What became of one message: durable when `offer` returns it, so that the message may be acknowledged.
public struct Receipt: Sendable, Hashable {
  /// One per (machine, key) that the message is addressed to; one without a machine where there is none.
  public var deliveries: [DeliveryReceipt]
  /// One per participant and consumer of the service that took it.
  public var handled: [HandlerReceipt] = []
  /// Where there are several shards: those that it has to go on to before it may be acknowledged.
  var onward: [Onward] = []
  /// For engines and for tests of what reads receipts.
  public init(deliveries: [DeliveryReceipt]) { self.deliveries = deliveries }
}

/// What became of a message at a handler of the service.
public struct HandlerReceipt: Sendable, Hashable {
  /// What a handler did with a message.
  public enum Outcome: Sendable, Hashable {
    /// It took the message, and what it did is durable.
    case handled
    /// It had been handled before: nothing happened, and a command was answered again.
    case duplicate
    /// An action that came after its undo: nothing happened.
    case refusedByUndo
    /// It cannot take the message; the code and the reason are in the dead letter.
    case deadLettered(code: String, message: String)

    init(_ outcome: CommandOutcome) {
      switch outcome {
      case .answered: self = .handled
      case .repeated: self = .duplicate
      case .refusedByUndo: self = .refusedByUndo
      }
    }
  }
  /// The participant's destination or the consumer's name.
  public var name: String
  /// What became of the message there.
  public var outcome: Outcome
  /// For engines and for tests of what reads receipts.
  public init(name: String, outcome: Outcome) {
    self.name = name
    self.outcome = outcome
  }
}

/// What became of a message at one instance.
public struct DeliveryReceipt: Sendable, Hashable {
  /// What an instance did with a message.
  public enum Outcome: Sendable, Hashable {
    /// The message began the instance.
    case started
    /// It moved the instance.
    case handled
    /// It is kept at the instance for a later state.
    case deferred
    /// It came too late to have an effect.
    case late
    /// The instance has taken the message before, or it is parked or dead-lettered already: nothing was written.
    case duplicate
    /// No instance yet: kept until one starts or correlates the value, or until it expires.
    case parked
    /// Nothing loaded names the type, its key is null, or its type says `missing: "ignore"`: counted, not written.
    case foreign
    /// It was refused; the code and the reason are in the dead letter.
    case deadLettered(code: String, message: String)
  }
  /// Which role of which saga; nil where no loaded machine names the type.
  public var machine: MachineIdentity?
  /// The primary key, or the value that a named key was looked up by.
  public var key: String?
  /// What became of the message there.
  public var outcome: Outcome
  /// For engines and for tests of what reads receipts.
  public init(machine: MachineIdentity?, key: String?, outcome: Outcome) {
    self.machine = machine
    self.key = key
    self.outcome = outcome
  }
}
