import CoreMetrics
import Foundation

/// Keeps a process's metrics and writes them in the Prometheus text format.
///
///     let exporter = PrometheusExporter()
///     MetricsSystem.bootstrap(exporter)
///     // GET /metrics: exporter.render(), content type PrometheusExporter.contentType
///
/// Counters and gauges are themselves; timers are histograms of seconds, recorders that aggregate histograms of their values. A label or
/// name with characters that Prometheus does not allow has `_` in their place.
///
/// `@unchecked Sendable`: every access to `families` holds the lock.
public final class PrometheusExporter: MetricsFactory, @unchecked Sendable {
  /// What a response with `render()` says of itself.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Upper bounds of the buckets of durations, in seconds: from a commit to a timer that is an hour late.
  public static let secondsBuckets = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600,
  ]
  /// Upper bounds of the buckets of other values: powers of two.
  public static let valueBuckets = (0...12).map { Double(1 << $0) }

  private let help: [String: String]
  private let buckets: [String: [Double]]
  private let lock = NSLock()
  private var families: [String: Family] = [:]

  /// Makes an exporter with no metrics.
  ///
  /// - Parameters:
  ///   - help: texts for people by metric name, such as `SagaMetric.helpByName`.
  ///   - buckets: ascending upper bounds by metric name, for histograms whose default buckets do not fit.
  public init(help: [String: String] = [:], buckets: [String: [Double]] = [:]) {
    self.help = help
    self.buckets = buckets
  }

  /// All metrics in the text exposition format 0.0.4, by name and labels.
  public func render() -> String {
    let all = lock.withLock { families.mapValues { ($0.kind, $0.series) } }
    var text = ""
    for (name, (kind, series)) in all.sorted(by: { $0.key < $1.key }) {
      if let help = help[name] { text += "# HELP \(name) \(ExpositionText.escape(help: help))\n" }
      text += "# TYPE \(name) \(kind.rawValue)\n"
      for (labels, value) in series.sorted(by: { $0.key < $1.key }) { value.write(name, labels, to: &text) }
    }
    return text
  }

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter) { _ in Value() }
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions, .counter) { _ in Value() }
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge) { _ in Value() }
  }

  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    if !aggregate { return series(label, dimensions, .gauge) { _ in Value() } }
    return series(label, dimensions, .histogram) { Histogram(self.buckets[$0] ?? Self.valueBuckets) }
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram) { Histogram(self.buckets[$0] ?? Self.secondsBuckets) }
  }

  public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
  public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

  /// The series of a name and labels: the same one whenever it is asked for.
  private func series<Kept: Series>(
    _ label: String, _ dimensions: [(String, String)], _ kind: Family.Kind, _ make: (String) -> Kept
  ) -> Kept {
    let name = ExpositionText.name(label)
    let labels = ExpositionText.labels(dimensions)
    return lock.withLock {
      var family = families[name] ?? Family(kind: kind)
      precondition(
        family.kind == kind, "the metric \(name) is a \(family.kind.rawValue); give the \(kind.rawValue) another name")
      if let known = family.series[labels] as? Kept { return known }
      let made = make(name)
      family.series[labels] = made
      families[name] = family
      return made
    }
  }

  private func remove(_ handler: AnyObject) {
    lock.withLock {
      for (name, family) in families {
        let kept = family.series.filter { $0.value !== handler }
        families[name] = kept.isEmpty ? nil : Family(kind: family.kind, series: kept)
      }
    }
  }
}

/// What has one name, by labels.
struct Family {
  enum Kind: String { case counter, gauge, histogram }
  var kind: Kind
  var series: [String: any Series] = [:]
}
