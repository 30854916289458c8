/// Carries one lane's messages to where they go: a broker's producer, an HTTP client, a handler in process.
public protocol OutgoingTransport: Sendable {
  /// Sends messages in order and says what became of each. The same message may come again, with the same id, after a
  /// crash or a failure: the receiver recognises it by that id.
  ///
  /// Called at most `OutgoingLane.concurrency` times at once, never with two messages of one ordering key in different calls.
  /// What is missing from the answer counts as failed and is tried again.
  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult]
}

/// How a lane's messages leave.
public struct OutgoingLane: Sendable {
  /// As `EngineConfiguration.lanes` names it.
  public var name: String
  /// What carries the messages.
  public var transport: any OutgoingTransport
  /// How many calls of the transport run at once. One where the lane is pipelined, which keeps order by sending in order.
  public var concurrency: Int
  /// How many messages one call is given.
  public var messagesPerSend: Int

  /// A lane with one call at a time unless told otherwise; less than one counts as one.
  public init(name: String, transport: any OutgoingTransport, concurrency: Int = 1, messagesPerSend: Int = 256) {
    self.name = name
    self.transport = transport
    self.concurrency = max(1, concurrency)
    self.messagesPerSend = max(1, messagesPerSend)
  }
}

/// A transport that is a closure; everything it returns from without throwing is confirmed.
public struct ClosureTransport: OutgoingTransport {
  private let body: @Sendable (OutgoingDelivery) async throws -> Void
  private let retryMilliseconds: Int64

  /// - Parameters:
  ///   - retryMilliseconds: how long a message waits after `body` threw, in milliseconds.
  ///   - body: sends one message.
  public init(retryMilliseconds: Int64 = 1000, _ body: @escaping @Sendable (OutgoingDelivery) async throws -> Void) {
    self.body = body
    self.retryMilliseconds = retryMilliseconds
  }

  public func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    var results: [DeliveryResult] = []
    for message in messages {
      do {
        try await body(message)
        results.append(DeliveryResult(position: message.position, outcome: .confirmed))
      } catch {
        let retryAt = WallClock.now.advanced(byMilliseconds: retryMilliseconds)
        results.append(
          DeliveryResult(position: message.position, outcome: .failed(retryAt: retryAt, reason: "\(error)")))
      }
    }
    return results
  }
}
