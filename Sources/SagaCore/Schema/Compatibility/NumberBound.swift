/// A limit of numbers on one side.
struct NumberBound {
  var value: JSON
  var isExclusive: Bool

  /// The strictest lower limit of some subschemas.
  static func lower(_ nodes: some Sequence<SchemaNode>, integers: Bool) -> NumberBound? {
    var best: NumberBound?
    for node in nodes {
      for bound in lower(of: node) where best.map({ !$0.isAtLeast(bound) }) ?? true { best = bound }
    }
    return integers ? best?.roundedUp : best
  }

  /// The strictest upper limit of some subschemas.
  static func upper(_ nodes: some Sequence<SchemaNode>, integers: Bool) -> NumberBound? {
    var best: NumberBound?
    for node in nodes {
      for bound in upper(of: node) where best.map({ !$0.isAtMost(bound) }) ?? true { best = bound }
    }
    return integers ? best?.roundedDown : best
  }

  static func lower(of node: SchemaNode) -> [NumberBound] {
    [
      node.minimum.map { NumberBound(value: $0, isExclusive: false) },
      node.exclusiveMinimum.map { NumberBound(value: $0, isExclusive: true) },
    ].compactMap(\.self)
  }

  static func upper(of node: SchemaNode) -> [NumberBound] {
    [
      node.maximum.map { NumberBound(value: $0, isExclusive: false) },
      node.exclusiveMaximum.map { NumberBound(value: $0, isExclusive: true) },
    ].compactMap(\.self)
  }

  /// Whether this lower limit allows nothing that another one refuses.
  func isAtLeast(_ other: NumberBound) -> Bool { isInside(other, order: value.compareNumber(to: other.value)) }

  /// Whether this upper limit allows nothing that another one refuses.
  func isAtMost(_ other: NumberBound) -> Bool {
    isInside(other, order: value.compareNumber(to: other.value).map { -$0 })
  }

  private func isInside(_ other: NumberBound, order: Int?) -> Bool {
    switch order {
    case 1?: true
    case 0?: isExclusive || !other.isExclusive
    default: false
    }
  }

  /// The same lower limit for integers, inclusive where it can be.
  private var roundedUp: NumberBound {
    if let integer = value.intValue {
      guard isExclusive else { return NumberBound(value: .int(integer), isExclusive: false) }
      return integer == .max ? self : NumberBound(value: .int(integer + 1), isExclusive: false)
    }
    guard let integer = value.doubleValue.flatMap({ Int64(exactly: $0.rounded(.up)) }) else { return self }
    return NumberBound(value: .int(integer), isExclusive: false)
  }

  private var roundedDown: NumberBound {
    if let integer = value.intValue {
      guard isExclusive else { return NumberBound(value: .int(integer), isExclusive: false) }
      return integer == .min ? self : NumberBound(value: .int(integer - 1), isExclusive: false)
    }
    guard let integer = value.doubleValue.flatMap({ Int64(exactly: $0.rounded(.down)) }) else { return self }
    return NumberBound(value: .int(integer), isExclusive: false)
  }
}
