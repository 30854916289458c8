import SagaCore

/// A transaction of the embedding service: its own rows, the messages it publishes and the messages it has consumed become
/// durable together or not at all.
///
/// It may append messages and remember consumed ids, and nothing else of the journal: instances are moved by the engine alone.
/// Valid while the closure it was given to runs, on that thread.
///
/// Source of the idea: the transactional outbox and the idempotent consumer (Richardson, "Microservices Patterns", chapter 3).
public protocol ServiceTransaction: AnyObject {
  /// The logical time that the transaction's rows carry.
  var now: Timestamp { get }

  /// An id for a message of this transaction: of the journal, the row it will be in and its index there.
  func nextMessageID() -> String

  /// Puts a message into the outbox.
  ///
  /// - Throws: `ServiceTransactionError`, or what the store throws.
  func append(_ message: OutgoingMessage) throws

  /// What a consumer remembers of a message; nil when it has not seen it.
  func consumed(by consumer: String, id: Hash128) throws -> ConsumedMessage?

  /// Remembers a message, replacing what was remembered of it.
  ///
  /// - Throws: `ServiceTransactionError.reservedConsumer` for a name that the engine uses.
  func remember(_ message: ConsumedMessage) throws
}

/// What a consumer remembers of a message: the row of the table `consumed`.
public struct ConsumedMessage: Sendable, Hashable {
  /// Who has consumed it.
  public var consumer: String
  /// The hash of the message's source and id, or of a command's idempotency key.
  public var id: Hash128
  /// The logical time it was remembered at; `prune` forgets by it.
  public var at: Timestamp
  /// Tells two messages of one id apart.
  public var body: [UInt8]
  /// What the consumer made of it, in its own form.
  public var result: [UInt8]?

  /// What a consumer is to remember.
  public init(consumer: String, id: Hash128, at: Timestamp, body: [UInt8], result: [UInt8]? = nil) {
    self.consumer = consumer
    self.id = id
    self.at = at
    self.body = body
    self.result = result
  }
}

/// A store in which an embedding service can have its rows beside the engine's.
public protocol TransactionalStore: Store {
  /// Whether the service appends rows by ways of its own, which the engine has to look for.
  var isShared: Bool { get }

  /// Runs the works in order in one transaction and makes it durable. A work that throws leaves nothing and does not
  /// disturb the others.
  ///
  /// - Returns: one outcome per work: what it threw, or nil.
  /// - Throws: `CommitError`; then nothing of any work is there.
  func transact(
    _ works: [(any ServiceTransaction) throws -> Void], at now: Timestamp, routing: ServiceRouting
  ) throws(CommitError) -> (outcomes: [(any Error)?], receipt: CommitReceipt)
}

/// Says by which lanes a message of a service leaves: the engine knows, and the row remembers it, so that a later
/// change of the routes does not concern it.
public struct ServiceRouting {
  /// The lanes' numbers for a message in a row, and the marks the row has to carry for lanes that no row has named before.
  let route: (OutgoingMessage, JournalSequence) -> (lanes: [LaneID], marks: [UInt8]?)

  init(_ route: @escaping (OutgoingMessage, JournalSequence) -> (lanes: [LaneID], marks: [UInt8]?)) {
    self.route = route
  }

  /// Leaves it to the engine to choose, when it comes to the row: for transactions that know no engine.
  public static func byEngine() -> ServiceRouting { ServiceRouting { _, _ in ([], nil) } }

  /// For tests of stores: every message leaves by the lane 1, which each row names.
  public static func oneLane() -> ServiceRouting {
    ServiceRouting { _, sequence in
      ([1], LaneMark.encode([LaneMark(lane: 1, name: "output", sequence: sequence, effect: 0)]))
    }
  }
}

extension TransactionalStore {
  public var isShared: Bool { false }
}

/// A misuse of a service's transaction, which is rolled back.
public enum ServiceTransactionError: Error, CustomStringConvertible, Sendable {
  /// The transaction was used after its closure had returned, or SQLite had rolled it back.
  case ended
  /// A connection was lent with a transaction open on it.
  case open
  /// There is no transaction on the connection.
  case notOpen
  /// The store keeps no rows of a service.
  case unsupported
  /// One transaction publishes more than `MachineLimits.maximumEffectsPerCommit` messages.
  case tooManyMessages(limit: Int)
  /// What is published is no message as others could read it: an attribute is empty or holds a control character, or the data is too
  /// large or too deep.
  case invalidMessage(type: String, MessageFault)
  /// The same source and id came with another body: somebody uses an id twice.
  case conflict(consumer: String, id: String)
  /// The engine remembers under such names itself.
  case reservedConsumer(String)

  public var description: String {
    switch self {
    case .ended: "the transaction has ended; use it only inside the closure it was given to"
    case .open: "the connection was lent with a transaction open on it; end that first"
    case .notOpen:
      "no transaction is open on the connection; begin one first, so that rows and messages commit together"
    case .unsupported: "this store takes no transactions of a service; use SQLiteStore or MemoryStore"
    case .tooManyMessages(let limit):
      "one transaction publishes at most \(limit) messages; divide the work into several transactions"
    case .invalidMessage(let type, let fault):
      "\(type) cannot be published, as nobody could read it: \(fault.message)"
    case .conflict(let consumer, let id):
      "\(consumer) has consumed a message with the id \(id) and another body; its sender must not use an id twice"
    case .reservedConsumer(let consumer):
      "no consumer can be called \(consumer): names that begin with \(InheritedConsumer.prefix) are the engine's own"
    }
  }
}

extension ServiceTransaction {
  /// Puts an event into the outbox: it leaves once the transaction is durable, at least once, always with the same id.
  ///
  /// - Parameters:
  ///   - type: the CloudEvent's type.
  ///   - data: its payload.
  ///   - source: who says so, a URI reference, such as `/orders`.
  ///   - orderingKey: events with the same key leave in the order they were published in; an aggregate's id.
  ///   - subject: what it is about, if that is not said by the payload.
  /// - Returns: the event as it will be sent.
  /// - Throws: `ServiceTransactionError`, or what the store throws.
  @discardableResult
  public func publish(
    _ type: String, _ data: JSON, source: String, orderingKey: String, subject: String? = nil
  ) throws -> CloudEvent {
    var event = CloudEvent(
      id: nextMessageID(), source: source, type: type, subject: subject, time: now.rfc3339,
      datacontenttype: "application/json", data: data)
    event.partitionkey = orderingKey
    event.traceparent = MessageTracing.current
    event.messagekind = MessageKind.event.rawValue
    try append(OutgoingMessage(event: event, kind: .event, destination: nil, orderingKey: orderingKey))
    return event
  }

  /// Remembers that a consumer takes a message now.
  ///
  /// - Returns: whether it is the first time; on false leave everything as it is and acknowledge.
  /// - Throws: `ServiceTransactionError.conflict` when the id was consumed with another body.
  public func consume(_ event: CloudEvent, as consumer: String) throws -> Bool {
    let identity = MessageIdentity(event)
    let body = withUnsafeBytes(of: identity.body.bigEndian) { Array($0) }
    if let known = try consumed(by: consumer, id: identity.id) {
      guard known.body == body else { throw ServiceTransactionError.conflict(consumer: consumer, id: event.id) }
      return false
    }
    try remember(ConsumedMessage(consumer: consumer, id: identity.id, at: now, body: body))
    return true
  }
}

/// The rows that a service's transaction appends, numbered after the journal's last one.
public struct ServiceRows {
  private var count: Int64 = 0
  private let journalID: [UInt8]
  private let epoch: Epoch
  private let now: Timestamp
  /// The journal's last row before the transaction.
  private let last: JournalSequence
  private let routing: ServiceRouting

  /// The rows to come after the journal's last one, for a store that implements `transact`.
  public init(
    journalID: [UInt8], epoch: Epoch, after last: JournalSequence, at now: Timestamp, routing: ServiceRouting
  ) {
    self.journalID = journalID
    self.epoch = epoch
    self.now = now
    self.last = last
    self.routing = routing
  }

  /// The last row, of the transaction or before it.
  public var lastSequence: JournalSequence { last + count }

  /// H(journal, epoch, sequence): a restored journal does not repeat an id, because its epoch is another one.
  public func nextMessageID() -> String {
    var builder = HashBuilder()
    builder.append(journalID)
    builder.append(epoch)
    builder.append(lastSequence + 1)
    return builder.finalize().hex
  }

  /// The row of a further message.
  ///
  /// - Throws: `ServiceTransactionError`: `tooManyMessages`, `invalidMessage`.
  public mutating func append(_ message: OutgoingMessage) throws -> JournalRow {
    guard count < MachineLimits.maximumEffectsPerCommit else {
      throw ServiceTransactionError.tooManyMessages(limit: MachineLimits.maximumEffectsPerCommit)
    }
    let bytes = message.event.encode()
    // Its row is durable with the transaction: what nobody could read would stop the lane for good.
    do throws(MessageFault) { _ = try CloudEvent.decode(bytes) } catch {
      throw ServiceTransactionError.invalidMessage(type: message.event.type, error)
    }
    count += 1
    let ordering = OutgoingRecord.ordering(of: message.orderingKey)
    let (lanes, marks) = routing.route(message, lastSequence)
    let record = OutgoingRecord(
      kind: message.kind, destination: message.destination, lanes: lanes, ordering: ordering,
      event: bytes)
    return JournalRow(
      sequence: lastSequence, at: now, kind: .outgoing, slot: Slot(keyHash: ordering),
      decided: DecidedRecord(.recorded).encode(), outgoing: OutgoingRecord.encode([record]), marks: marks)
  }
}
