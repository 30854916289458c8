import CoreMetrics
import Tracing

/// Where an engine's metrics and traces go. What is not given goes where the process was told to send such things
/// (`MetricsSystem.bootstrap`, `InstrumentationSystem.bootstrap`), by default nowhere.
public struct Telemetry: Sendable {
  public var metrics: (any MetricsFactory)?
  public var tracer: (any Tracer)?

  public init(metrics: (any MetricsFactory)? = nil, tracer: (any Tracer)? = nil) {
    self.metrics = metrics
    self.tracer = tracer
  }

  func makeMetrics() -> MetricSet { MetricSet(metrics ?? MetricsSystem.factory) }
}
