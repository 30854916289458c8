/// A point in time, in milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Since 1970-01-01T00:00:00Z; negative before.
  public var milliseconds: Int64

  /// The point in time so many milliseconds after 1970-01-01T00:00:00Z.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The sum, or the nearest time there is where it leaves the range.
  public func advanced(byMilliseconds delta: Int64) -> Timestamp {
    let (sum, overflow) = milliseconds.addingReportingOverflow(delta)
    if !overflow { return Timestamp(milliseconds: sum) }
    return Timestamp(milliseconds: delta > 0 ? .max : .min)
  }

  /// The milliseconds from an earlier time to this one, negative from a later one; saturating.
  public func milliseconds(since other: Timestamp) -> Int64 {
    let (difference, overflow) = milliseconds.subtractingReportingOverflow(other.milliseconds)
    if !overflow { return difference }
    return milliseconds > other.milliseconds ? .max : .min
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

extension Timestamp: CustomStringConvertible {
  /// `rfc3339`
  public var description: String { rfc3339 }
}
