import InMemoryTracing
import Tracing

/// Keeps spans in memory and puts them into messages as W3C Trace Context says.
struct W3CTracer: Tracer {
  private let kept: InMemoryTracer

  init() {
    let numbers = InMemoryTracer.IDGenerator.incrementing
    @Sendable func hex(_ text: String, _ count: Int) -> String {
      let digits = text.filter(\.isHexDigit)
      return String(repeating: "0", count: max(0, count - digits.count)) + digits.suffix(count)
    }
    kept = InMemoryTracer(
      idGenerator: .init(
        nextTraceID: { hex(numbers.nextTraceID(), 32) }, nextSpanID: { hex(numbers.nextSpanID(), 16) }))
  }

  var spans: [FinishedInMemorySpan] { kept.finishedSpans }

  func startSpan<Instant: TracerInstant>(
    _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
    at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
  ) -> InMemorySpan {
    kept.startSpan(
      operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line)
  }

  func forceFlush() {}

  func extract<Carrier, Extract: Extractor>(
    _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
  ) where Extract.Carrier == Carrier {
    guard let parts = extractor.extract(key: "traceparent", from: carrier)?.split(separator: "-"), parts.count == 4
    else { return }
    context.inMemorySpanContext = InMemorySpanContext(
      traceID: String(parts[1]), spanID: String(parts[2]), parentSpanID: nil)
  }

  func inject<Carrier, Inject: Injector>(
    _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
  ) where Inject.Carrier == Carrier {
    guard let span = context.inMemorySpanContext else { return }
    injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: "traceparent", into: &carrier)
  }
}
