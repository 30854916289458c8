import SagaCore

/// Where an outgoing message stands in the journal: the row and the index among the row's messages.
public struct OutgoingPosition: Sendable, Hashable, Comparable {
  /// The row.
  public var sequence: JournalSequence
  /// The message's index in the row, from 0.
  public var effect: Int64
  /// A place in the journal.
  public init(sequence: JournalSequence, effect: Int64) {
    self.sequence = sequence
    self.effect = effect
  }
  public static func < (left: OutgoingPosition, right: OutgoingPosition) -> Bool {
    (left.sequence, left.effect) < (right.sequence, right.effect)
  }
}

/// A message that a lane's adapter shall send now. The same message comes again after a crash, with the same id.
public struct OutgoingDelivery: Sendable, Equatable {
  /// Where it stands in the journal; `confirm` names it by this.
  public var position: OutgoingPosition
  /// The CloudEvent's id.
  public var id: String
  /// The CloudEvent's type.
  public var type: String
  /// What kind of message it is.
  public var kind: MessageKind
  /// The participant a command goes to.
  public var destination: String?
  /// Messages with the same ordering key leave in order: an adapter's partition key.
  public var orderingKey: String
  /// How often sending it has failed.
  public var attempts: Int64
  /// The CloudEvent in the JSON format.
  public var bytes: [UInt8]
}

/// What became of a message that `takeOutgoing` gave out.
public struct DeliveryResult: Sendable, Hashable {
  /// What a transport says of a message.
  public enum Outcome: Sendable, Hashable {
    /// The destination has it.
    case confirmed
    /// Not now; try again at the time.
    case failed(retryAt: Timestamp, reason: String)
    /// Not this way: a command returns to its instance as undeliverable, anything else waits for an operator.
    ///
    /// `isPermanent`: the instance makes no further attempt, however many its definition allows.
    case refused(reason: String, isPermanent: Bool = false)
    /// The destination is down: nothing of the lane goes before the time, nothing is held for it.
    case unavailable(retryAt: Timestamp)

    /// For metrics.
    var name: String {
      switch self {
      case .confirmed: "confirmed"
      case .failed: "failed"
      case .refused: "refused"
      case .unavailable: "unavailable"
      }
    }
  }
  /// Which message.
  public var position: OutgoingPosition
  /// What became of it.
  public var outcome: Outcome
  /// A transport's answer for one message.
  public init(position: OutgoingPosition, outcome: Outcome) {
    self.position = position
    self.outcome = outcome
  }
}
