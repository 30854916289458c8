import SagaCore
import Tracing

/// Ties messages to traces: the W3C `traceparent` of a message is the parent of what is done with it, and what is sent meanwhile carries it on.
///
/// Source of the idea: W3C Trace Context, and the CloudEvents extension "Distributed Tracing".
struct MessageTracing: Sendable {
  /// The `traceparent` of what the task does, where no tracer knows one.
  @TaskLocal static var current: String?

  private let given: (any Tracer)?

  init(_ telemetry: Telemetry) { given = telemetry.tracer }

  private var tracer: any Tracer { given ?? InstrumentationSystem.tracer }

  /// Whether anybody looks at spans.
  var isOn: Bool { !(tracer is NoOpTracer) }

  /// A span under the one that a message names.
  func startSpan(_ name: String, kind: SpanKind, under traceParent: String?) -> any Span {
    var context = ServiceContext.current ?? .topLevel
    if let traceParent { tracer.extract(["traceparent": traceParent], into: &context, using: Carrier()) }
    return tracer.startSpan(name, context: context, ofKind: kind)
  }

  /// Does something with a message in a span of its own.
  ///
  /// - Parameter body: is given the message with the `traceparent` of the span.
  func withSpan<Value>(
    _ name: String, of event: CloudEvent, _ body: (CloudEvent, any Span) async throws -> Value
  ) async throws -> Value {
    let span = startSpan(name, kind: .consumer, under: event.traceparent)
    defer { span.end() }
    span.attributes["messaging.message.id"] = event.id
    span.attributes["cloudevents.event_type"] = event.type
    if let saga = event.saga { span.attributes["saga.name"] = saga }
    if let key = event.sagakey { span.attributes["saga.key"] = key }
    var event = event
    if let own = traceParent(of: span.context) { event.traceparent = own }
    do {
      return try await ServiceContext.withValue(span.context) {
        try await MessageTracing.$current.withValue(event.traceparent) { try await body(event, span) }
      }
    } catch {
      span.recordError(error)
      span.setStatus(SpanStatus(code: .error))
      throw error
    }
  }

  /// A closure that runs elsewhere as part of the trace of whoever makes it.
  func carrying<Input, Value>(_ body: @escaping @Sendable (Input) throws -> Value) -> @Sendable (Input) throws -> Value
  {
    let context = ServiceContext.current
    guard let parent = context.flatMap(traceParent) ?? MessageTracing.current else { return body }
    return { input in
      try MessageTracing.$current.withValue(parent) {
        guard let context else { return try body(input) }
        return try ServiceContext.withValue(context) { try body(input) }
      }
    }
  }

  private func traceParent(of context: ServiceContext) -> String? {
    var fields: [String: String] = [:]
    tracer.inject(context, into: &fields, using: Carrier())
    return fields["traceparent"]
  }

  /// A message's attributes as a tracer sees them.
  private struct Carrier: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
  }
}
