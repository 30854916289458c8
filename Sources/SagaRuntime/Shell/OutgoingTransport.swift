/// Carries one lane's messages to where they go: a broker's producer, an HTTP client, a handler in process.
public protocol OutgoingTransport: Sendable {
  /// Sends messages in order and says what became of each. The same message may come again, with the same id, after a
  /// crash or a failure: the receiver recognises it by that id.
  ///
  /// Never called twice at once for one lane. What is missing from the answer counts as failed and is tried again.
  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult]
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
