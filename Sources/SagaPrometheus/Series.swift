import CoreMetrics
import Foundation

/// The values of one name and one set of labels.
protocol Series: AnyObject, Sendable {
  /// Writes the lines of the text format.
  ///
  /// - Parameter labels: as they stand between the braces; empty for none.
  func write(_ name: String, _ labels: String, to text: inout String)
}

/// A counter or a gauge.
///
/// `@unchecked Sendable`: every access to `value` holds the lock.
final class Value: Series, CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
  @unchecked Sendable
{
  private let lock = NSLock()
  private var value = 0.0

  func increment(by amount: Int64) { increment(by: Double(amount)) }
  func increment(by amount: Double) { lock.withLock { value += amount } }
  func decrement(by amount: Double) { increment(by: -amount) }
  func reset() { set(0.0) }
  func set(_ new: Int64) { set(Double(new)) }
  func set(_ new: Double) { lock.withLock { value = new } }
  func record(_ new: Int64) { set(Double(new)) }
  func record(_ new: Double) { set(new) }

  func write(_ name: String, _ labels: String, to text: inout String) {
    text += ExpositionText.line(name, labels, lock.withLock { value })
  }
}

/// Counts of values by fixed buckets.
///
/// `@unchecked Sendable`: every access to the counts holds the lock.
final class Histogram: Series, RecorderHandler, TimerHandler, @unchecked Sendable {
  private let bounds: [Double]
  private let lock = NSLock()
  /// One per bound and one for what is greater than all.
  private var counts: [Int]
  private var sum = 0.0

  init(_ bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "a histogram's buckets ascend: \(bounds)")
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  func record(_ value: Double) {
    let index = bounds.firstIndex { value <= $0 } ?? bounds.count
    lock.withLock {
      counts[index] += 1
      sum += value
    }
  }

  func write(_ name: String, _ labels: String, to text: inout String) {
    let (counts, sum) = lock.withLock { (self.counts, self.sum) }
    let prefix = labels.isEmpty ? "" : labels + ","
    var total = 0
    for (index, count) in counts.enumerated() {
      let bound = index < bounds.count ? bounds[index] : Double.infinity
      total += count
      let bucket = prefix + "le=\"\(ExpositionText.number(bound))\""
      text += ExpositionText.line(name + "_bucket", bucket, Double(total))
    }
    text += ExpositionText.line(name + "_sum", labels, sum)
    text += ExpositionText.line(name + "_count", labels, Double(total))
  }
}
