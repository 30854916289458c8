final class UnaryNode: Node {
  let unary: UnaryOperator
  let operand: any Node
  let offset: Int

  init(_ unary: UnaryOperator, _ operand: any Node, offset: Int) {
    self.unary = unary
    self.operand = operand
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    let value = try operand.evaluate(&evaluation)
    switch (unary, value) {
    case (.not, .bool(let flag)): return .bool(!flag)
    case (.negate, .double(let number)): return .double(-number)
    case (.negate, .duration(let duration)): return .duration(duration.negated)
    case (.negate, .int(let number)):
      let (result, overflow) = Int64(0).subtractingReportingOverflow(number)
      if overflow { throw CELError(kind: .overflow, message: "int overflow in '-'", offset: offset) }
      return .int(result)
    default:
      let message = "no such overload: \(unary.rawValue)\(value.typeName)"
      throw CELError(kind: .noSuchOverload, message: message, offset: offset)
    }
  }
}

final class EqualNode: Node {
  let left: any Node
  let right: any Node
  let isNegated: Bool
  let offset: Int

  init(_ left: any Node, _ right: any Node, isNegated: Bool, offset: Int) {
    self.left = left
    self.right = right
    self.isNegated = isNegated
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    let (first, second) = (try left.evaluate(&evaluation), try right.evaluate(&evaluation))
    return .bool(try evaluation.equal(first, second) != isNegated)
  }
}

final class OrderNode: Node {
  let comparison: BinaryOperator
  let left: any Node
  let right: any Node
  let offset: Int

  init(_ comparison: BinaryOperator, _ left: any Node, _ right: any Node, offset: Int) {
    self.comparison = comparison
    self.left = left
    self.right = right
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    let (first, second) = (try left.evaluate(&evaluation), try right.evaluate(&evaluation))
    if case .string(let text) = first { try evaluation.charge(bytes: text.utf8.count) }
    if case .bytes(let bytes) = first { try evaluation.charge(bytes: bytes.count) }
    guard let ordering = CELOrdering.compare(first, second) else {
      let message = "no such overload: \(first.typeName) \(comparison.rawValue) \(second.typeName)"
      throw CELError(kind: .noSuchOverload, message: message, offset: offset)
    }
    switch comparison {
    case .less: return .bool(ordering == .less)
    case .lessOrEqual: return .bool(ordering == .less || ordering == .equal)
    case .greater: return .bool(ordering == .greater)
    default: return .bool(ordering == .greater || ordering == .equal)
    }
  }
}

/// `element in container`
final class WithinNode: Node {
  let element: any Node
  let container: any Node
  let offset: Int

  init(_ element: any Node, _ container: any Node, offset: Int) {
    self.element = element
    self.container = container
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    let (value, place) = (try element.evaluate(&evaluation), try container.evaluate(&evaluation))
    switch place {
    case .list(let elements):
      for candidate in elements where try evaluation.equal(value, candidate) { return .bool(true) }
      return .bool(false)
    case .map(let map):
      try evaluation.charge(key: value)
      return .bool(map[value] != nil)
    default:
      let message = "no such overload: \(value.typeName) in \(place.typeName)"
      throw CELError(kind: .noSuchOverload, message: message, offset: offset)
    }
  }
}

final class ArithmeticNode: Node {
  let arithmetic: BinaryOperator
  let left: any Node
  let right: any Node
  let offset: Int

  init(_ arithmetic: BinaryOperator, _ left: any Node, _ right: any Node, offset: Int) {
    self.arithmetic = arithmetic
    self.left = left
    self.right = right
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    let (first, second) = (try left.evaluate(&evaluation), try right.evaluate(&evaluation))
    do throws(CELError) {
      if let result = try Arithmetic.apply(arithmetic, first, second, &evaluation) { return result }
    } catch {
      throw CELError(kind: error.kind, message: error.message, offset: offset)
    }
    let message = "no such overload: \(first.typeName) \(arithmetic.rawValue) \(second.typeName)"
    throw CELError(kind: .noSuchOverload, message: message, offset: offset)
  }
}
