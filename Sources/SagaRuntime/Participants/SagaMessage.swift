import SagaCore

/// A message with a payload in Swift: what `saga generate swift` makes of a definition's messages.
public protocol SagaMessage: Codable, Sendable {
  /// The CloudEvent's type.
  static var messageType: String { get }
}

extension CloudEvent {
  /// An event with this payload.
  ///
  /// - Parameters:
  ///   - message: the payload; its type names the event's.
  ///   - source: who says so, a URI reference.
  ///   - id: the same for the same event; unique among those of the source.
  ///   - time: when it happened.
  /// - Throws: `EncodingError`, `JSONError`.
  public init(_ message: some SagaMessage, source: String, id: String, time: Timestamp? = nil) throws {
    self.init(
      id: id, source: source, type: Swift.type(of: message).messageType, time: time?.rfc3339,
      datacontenttype: "application/json", data: try JSON(encoding: message))
  }
}

extension SagaEngine {
  /// Starts a saga; as `start(_:_:source:id:)`.
  ///
  /// - Throws: `EncodingError`, `JSONError`, `SagaEngineError.notStarted`, or as `deliver`.
  public func start(_ message: some SagaMessage, source: String, id: String) async throws -> InstanceAddress {
    try await start(type(of: message).messageType, try JSON(encoding: message), source: source, id: id)
  }

  /// Sends an event to the sagas, participants and consumers of this service; as `signal(_:_:source:id:)`.
  ///
  /// - Throws: `EncodingError`, `JSONError`, or as `deliver`.
  @discardableResult
  public func signal(_ message: some SagaMessage, source: String, id: String) async throws -> Receipt {
    try await signal(type(of: message).messageType, try JSON(encoding: message), source: source, id: id)
  }
}

extension ServiceTransaction {
  /// Puts an event into the outbox; as `publish(_:_:source:orderingKey:subject:)`.
  ///
  /// - Throws: `EncodingError`, `JSONError`, `ServiceTransactionError`, or what the store throws.
  @discardableResult
  public func publish(
    _ message: some SagaMessage, source: String, orderingKey: String, subject: String? = nil
  ) throws -> CloudEvent {
    try publish(
      Swift.type(of: message).messageType, try JSON(encoding: message), source: source, orderingKey: orderingKey,
      subject: subject)
  }
}

extension Consumer {
  /// Takes an event in one transaction with the consumer's own rows; as `onInTransaction(_:as:_:)`.
  public mutating func onInTransaction<Message: SagaMessage>(
    _ message: Message.Type, _ body: @escaping @Sendable (Message, CloudEvent, any ServiceTransaction) throws -> Void
  ) {
    onInTransaction(Message.messageType, as: message, body)
  }

  /// Takes an event whose effect is elsewhere; as `on(_:as:_:)`.
  public mutating func on<Message: SagaMessage>(
    _ message: Message.Type, _ body: @escaping @Sendable (Message, CloudEvent) async throws -> Void
  ) {
    on(Message.messageType, as: message, body)
  }
}
