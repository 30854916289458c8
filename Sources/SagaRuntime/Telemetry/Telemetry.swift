import CoreMetrics
import Tracing

/// Where an engine's metrics and traces go. What is not given goes where the process was told to send such things
/// (`MetricsSystem.bootstrap`, `InstrumentationSystem.bootstrap`), by default nowhere.
public struct Telemetry: Sendable {
  /// Where metrics go; nil is `MetricsSystem.factory`.
  public var metrics: (any MetricsFactory)?
  /// Where spans go; nil is `InstrumentationSystem.tracer`.
  public var tracer: (any Tracer)?

  /// What the process has bootstrapped, unless something is given.
  public init(metrics: (any MetricsFactory)? = nil, tracer: (any Tracer)? = nil) {
    self.metrics = metrics
    self.tracer = tracer
  }

  func makeMetrics() -> MetricSet { MetricSet(metrics ?? MetricsSystem.factory) }
}
