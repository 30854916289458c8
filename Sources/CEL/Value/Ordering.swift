/// How two values stand to one another.
enum CELOrdering {
  case less, equal, greater
  /// NaN against anything.
  case unordered

  init<T: Comparable>(_ left: T, _ right: T) {
    self = left < right ? .less : left == right ? .equal : left > right ? .greater : .unordered
  }
}

extension CELOrdering {
  /// The order of two values, or nil where CEL defines none.
  ///
  /// Between `double` and the integers the integer is rounded to a double first, as the conformance suite expects.
  static func compare(_ left: CELValue, _ right: CELValue) -> CELOrdering? {
    switch (left, right) {
    case (.double(let a), .double(let b)): CELOrdering(a, b)
    case (.int(let a), .int(let b)): CELOrdering(a, b)
    case (.uint(let a), .uint(let b)): CELOrdering(a, b)
    case (.string(let a), .string(let b)):
      UTF8Text.equal(a, b) ? .equal : UTF8Text.precedes(a, b) ? .less : .greater
    case (.bool(let a), .bool(let b)): CELOrdering(a ? 1 : 0, b ? 1 : 0)
    case (.timestamp(let a), .timestamp(let b)): CELOrdering(a, b)
    case (.duration(let a), .duration(let b)): CELOrdering(a, b)
    case (.bytes(let a), .bytes(let b)): a == b ? .equal : a.lexicographicallyPrecedes(b) ? .less : .greater
    case (.int(let a), .uint(let b)): a < 0 ? .less : CELOrdering(UInt64(a), b)
    case (.uint(let a), .int(let b)): b < 0 ? .greater : CELOrdering(a, UInt64(b))
    case (.int(let a), .double(let b)): CELOrdering(Double(a), b)
    case (.double(let a), .int(let b)): CELOrdering(a, Double(b))
    case (.uint(let a), .double(let b)): CELOrdering(Double(a), b)
    case (.double(let a), .uint(let b)): CELOrdering(a, Double(b))
    default: nil
    }
  }
}
