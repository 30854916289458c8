import SagaCore
import Tracing

/// What is measured and traced of the handlers of participants and consumers.
struct HandlerTelemetry: Sendable {
  let metrics: MetricSet
  let tracing: MessageTracing

  /// Runs a handler in a span of its own and measures it.
  ///
  /// - Parameters:
  ///   - handler: the participant's destination or the consumer's name.
  ///   - body: is given the message with the `traceparent` of the span.
  /// - Throws: what `body` throws.
  func observe<Value>(
    _ handler: String, _ event: CloudEvent, outcome: (Value) -> String, _ body: (CloudEvent) async throws -> Value
  ) async throws -> Value {
    let beganAt = ContinuousClock.now
    var name = "failed"
    defer {
      let spent = (ContinuousClock.now - beganAt).nanoseconds
      metrics.record(.handlerSeconds, nanoseconds: spent, handler, event.type, name)
    }
    return try await tracing.withSpan("\(handler) \(event.type)", of: event) { event, span in
      let value = try await body(event)
      name = outcome(value)
      span.attributes["saga.outcome"] = name
      return value
    }
  }
}
