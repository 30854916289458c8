import SagaCore

/// A part of the embedding service that events move: a projection, a notification, a cache. Each event has its effect once.
///
/// Source of the idea: the idempotent consumer (Richardson, "Microservices Patterns", chapter 3).
public struct Consumer: Sendable {
  /// Names what it remembers: keep it when the code changes.
  public let name: String
  /// How often and how fast it is given an event that it fails on.
  public var policy: ConsumerPolicy
  private(set) var handlers: [String: Work] = [:]

  enum Work: Sendable {
    case outside(@Sendable (CloudEvent) async throws -> Void)
    case inside(@Sendable (CloudEvent, any ServiceTransaction) throws -> Void)
  }

  /// A consumer without handlers: add them with `on` and `onInTransaction`.
  public init(_ name: String, policy: ConsumerPolicy = ConsumerPolicy()) {
    self.name = name
    self.policy = policy
  }

  /// The types of the events it takes, in alphabetical order.
  public var types: [String] { handlers.keys.sorted() }

  /// Takes an event in one transaction with the consumer's own rows: exactly once.
  ///
  /// - Parameters:
  ///   - type: the event's type.
  ///   - payload: what the event's data is decoded as.
  ///   - body: runs on the shard's thread; keep it short. What it throws undoes everything, and the event comes again.
  public mutating func onInTransaction<Payload: Decodable & Sendable>(
    _ type: String, as payload: Payload.Type,
    _ body: @escaping @Sendable (Payload, CloudEvent, any ServiceTransaction) throws -> Void
  ) {
    handlers[type] = .inside { try body(try Consumer.decode($0), $0, $1) }
  }

  /// Takes an event whose effect is elsewhere: at least once, with the same event id when the process dies between the effect
  /// and its being remembered.
  public mutating func on<Payload: Decodable & Sendable>(
    _ type: String, as payload: Payload.Type,
    _ body: @escaping @Sendable (Payload, CloudEvent) async throws -> Void
  ) {
    handlers[type] = .outside { try await body(try Consumer.decode($0), $0) }
  }

  private static func decode<Payload: Decodable>(_ event: CloudEvent) throws -> Payload {
    do {
      return try (event.data ?? .null).decode(as: Payload.self)
    } catch {
      throw MessageFault(
        code: HandlerFault.consumerUndecodable, message: "The payload of \(event.type) cannot be read: \(error).")
    }
  }
}

/// How often and how fast a consumer is given an event that it fails on, before the event is a dead letter.
public struct ConsumerPolicy: Sendable, Hashable {
  /// Events handled at once; those of one ordering key one after the other.
  public var concurrency: Int
  /// Failures after which the event goes to the dead letters.
  public var attempts: Int64
  /// The wait after the first failure, in milliseconds; it doubles with each further one.
  public var delayMilliseconds: Int64
  /// The longest wait, in milliseconds.
  public var maxDelayMilliseconds: Int64

  /// The defaults: 16 at once, 10 attempts, waits from 1 s to 60 s.
  public init(
    concurrency: Int = 16, attempts: Int64 = 10, delayMilliseconds: Int64 = 1000, maxDelayMilliseconds: Int64 = 60_000
  ) {
    self.concurrency = max(1, concurrency)
    self.attempts = max(1, attempts)
    self.delayMilliseconds = delayMilliseconds
    self.maxDelayMilliseconds = maxDelayMilliseconds
  }

  /// The wait after a number of failures, in milliseconds.
  func delay(afterFailures count: Int64) -> Int64 {
    let doublings = min(max(0, count - 1), 40)
    let (delay, isTooLong) = delayMilliseconds.multipliedReportingOverflow(by: 1 << doublings)
    return isTooLong ? maxDelayMilliseconds : min(delay, maxDelayMilliseconds)
  }
}
