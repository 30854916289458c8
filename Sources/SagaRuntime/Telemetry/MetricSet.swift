import CoreMetrics
import Foundation
import SagaCore

/// The metrics of one engine, made where they are first used.
///
/// `@unchecked Sendable`: every access to the tables holds the lock.
final class MetricSet: @unchecked Sendable {
  private struct Place: Hashable {
    var metric: SagaMetric
    var values: [String]
  }

  private let factory: any MetricsFactory
  /// Whether anybody looks at the values.
  let isOn: Bool
  private let lock = NSLock()
  private var counters: [Place: Counter] = [:]
  private var recorders: [Place: Recorder] = [:]
  private var timers: [Place: CoreMetrics.Timer] = [:]
  /// What each shard last said of a gauge.
  private var gauges: [Place: [Int: Double]] = [:]

  init(_ factory: any MetricsFactory) {
    self.factory = factory
    isOn = !(factory is NOOPMetricsHandler)
    guard isOn else { return }
    // What has no labels is there from the beginning, as Prometheus wants it.
    for metric in SagaMetric.allCases where metric.labels.isEmpty {
      switch metric.kind {
      case .counter: add(0, to: metric)
      case .gauge: set(metric, 0)
      case .histogram: _ = metric.rawValue.hasSuffix("_seconds") ? timer(metric, []) as Any : recorder(metric, [])
      }
    }
  }

  func add(_ amount: Int64, to metric: SagaMetric, _ values: String...) {
    guard isOn else { return }
    let counter = lock.withLock {
      cached(&counters, metric, values) {
        Counter(label: metric.rawValue, dimensions: $0, factory: factory)
      }
    }
    counter.increment(by: amount)
  }

  /// Sets a gauge: a number of things to the sum over the shards, a time and a state to the greatest of them.
  func set(_ metric: SagaMetric, _ value: Double, _ values: String..., of shard: Int = 0) {
    guard isOn else { return }
    let all = lock.withLock {
      let place = Place(metric: metric, values: values)
      gauges[place, default: [:]][shard] = value
      let known = (gauges[place] ?? [:]).values
      return metric == .clockHeld || metric == .outboxLagSeconds ? known.max() ?? value : known.reduce(0, +)
    }
    recorder(metric, values).record(all)
  }

  /// Adds a value to a histogram of numbers.
  func record(_ metric: SagaMetric, _ value: Int) {
    if isOn { recorder(metric, []).record(value) }
  }

  /// Adds a duration to a histogram of seconds.
  func record(_ metric: SagaMetric, nanoseconds: Int64, _ values: String...) {
    if isOn { timer(metric, values).recordNanoseconds(nanoseconds) }
  }

  private func recorder(_ metric: SagaMetric, _ values: [String]) -> Recorder {
    lock.withLock {
      cached(&recorders, metric, values) {
        Recorder(label: metric.rawValue, dimensions: $0, aggregate: metric.kind == .histogram, factory: factory)
      }
    }
  }

  private func timer(_ metric: SagaMetric, _ values: [String]) -> CoreMetrics.Timer {
    lock.withLock {
      cached(&timers, metric, values) {
        CoreMetrics.Timer(label: metric.rawValue, dimensions: $0, factory: factory)
      }
    }
  }

  private func cached<Handle>(
    _ table: inout [Place: Handle], _ metric: SagaMetric, _ values: [String], _ make: ([(String, String)]) -> Handle
  ) -> Handle {
    let place = Place(metric: metric, values: values)
    if let known = table[place] { return known }
    precondition(values.count == metric.labels.count, "\(metric.rawValue) has the labels \(metric.labels)")
    let made = make(Array(zip(metric.labels, values)))
    table[place] = made
    return made
  }
}

extension MetricSet {
  /// Counts what a commit made durable.
  func count(_ commit: ObservedCommit, nanoseconds: Int64) {
    guard isOn else { return }
    if commit.rowCount > 0 { record(.commitRows, commit.rowCount) }
    record(.commitSeconds, nanoseconds: nanoseconds)
    for late in commit.timersLateMilliseconds { record(.timerLateSeconds, nanoseconds: max(0, late) * 1_000_000) }
    for row in commit.rows { count(row) }
  }

  private func count(_ row: ObservedRow) {
    let saga = row.machine?.saga ?? ""
    let role = row.machine?.role ?? ""
    if let fault = row.fault { add(1, to: .deadLetters, saga, role, fault.code) }
    if row.outcome == .started || row.outcome == .handled { add(1, to: .transitions, saga, role) }
    for fact in row.facts {
      switch fact {
      case .started: add(1, to: .started, saga, role)
      case .closed(let status): add(1, to: .closed, saga, role, status.name)
      case .stepFailed(_, let kind, _): add(1, to: .stepFailures, saga, role, kind.rawValue)
      case .retrying: add(1, to: .retries, saga, role)
      case .compensating(let kind, _): add(1, to: .compensations, saga, role, kind.rawValue)
      case .stuck: add(1, to: .stuck, saga, role)
      default: break
      }
    }
  }
}
