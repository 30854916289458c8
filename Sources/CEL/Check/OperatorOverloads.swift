extension UnaryOperator {
  var overloads: [Overload] {
    switch self {
    case .not: [Overload(parameters: [.bool], result: .bool)]
    case .negate: [CELType.int, .double, .duration].map { Overload(parameters: [$0], result: $0) }
    }
  }
}

extension BinaryOperator {
  /// The signatures of arithmetic; equality, order and `in` go by rules of their own in ``Checker``.
  var arithmeticOverloads: [Overload] {
    switch self {
    case .add:
      Self.same([.int, .uint, .double, .string, .bytes, .duration, .list(.parameter("A"))]) + [
        Overload(parameters: [.timestamp, .duration], result: .timestamp),
        Overload(parameters: [.duration, .timestamp], result: .timestamp),
      ]
    case .subtract:
      Self.same([.int, .uint, .double, .duration]) + [
        Overload(parameters: [.timestamp, .timestamp], result: .duration),
        Overload(parameters: [.timestamp, .duration], result: .timestamp),
      ]
    case .multiply, .divide: Self.same([.int, .uint, .double])
    case .modulo: Self.same([.int, .uint])
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .within: []
    }
  }

  private static func same(_ types: [CELType]) -> [Overload] {
    types.map { Overload(parameters: [$0, $0], result: $0) }
  }
}
