final class LiteralNode: Node {
  let value: CELValue

  init(_ value: CELValue) { self.value = value }

  func evaluate(_ evaluation: inout Evaluation) -> CELValue { value }
}

/// An expression that always fails, such as an unknown name in a program that was not checked.
final class FailureNode: Node {
  let failure: CELError

  init(_ failure: CELError) { self.failure = failure }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue { throw failure }
}

final class LocalNode: Node {
  let place: Int

  init(_ place: Int) { self.place = place }

  func evaluate(_ evaluation: inout Evaluation) -> CELValue { evaluation.locals[place] }
}

final class SelectNode: Node {
  let operand: any Node
  let field: String
  let offset: Int

  init(_ operand: any Node, field: String, offset: Int) {
    self.operand = operand
    self.field = field
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    return try Selection.select(field, from: try operand.evaluate(&evaluation), offset: offset)
  }
}

final class IndexNode: Node {
  let operand: any Node
  let index: any Node
  let offset: Int

  init(_ operand: any Node, _ index: any Node, offset: Int) {
    self.operand = operand
    self.index = index
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    let container = try operand.evaluate(&evaluation)
    let key = try index.evaluate(&evaluation)
    switch container {
    case .list(let elements):
      guard Self.isNumber(key) else { break }
      guard let position = Self.position(key), elements.indices.contains(position) else {
        let message = "index \(key) is outside a list of \(elements.count)"
        throw CELError(kind: .indexOutOfRange, message: message, offset: offset)
      }
      return elements[position]
    case .map(let map):
      try evaluation.charge(key: key)
      guard let value = map[key] else {
        throw CELError(kind: .noSuchField, message: "there is no key \(key) in the map", offset: offset)
      }
      return value
    default: break
    }
    let message = "no such overload: \(container.typeName)[\(key.typeName)]"
    throw CELError(kind: .noSuchOverload, message: message, offset: offset)
  }

  private static func isNumber(_ key: CELValue) -> Bool {
    switch key {
    case .int, .uint, .double: true
    default: false
    }
  }

  /// Nil for what is no whole number.
  private static func position(_ key: CELValue) -> Int? {
    switch key {
    case .int(let number): Int(exactly: number)
    case .uint(let number): Int(exactly: number)
    case .double(let number): Int(exactly: number)
    default: nil
    }
  }
}

final class ConditionalNode: Node {
  let test: any Node
  let yes: any Node
  let no: any Node
  let offset: Int

  init(_ test: any Node, _ yes: any Node, _ no: any Node, offset: Int) {
    self.test = test
    self.yes = yes
    self.no = no
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    let condition = try test.evaluate(&evaluation)
    guard case .bool(let holds) = condition else {
      let message = "no such overload: \(condition.typeName) ? _ : _"
      throw CELError(kind: .noSuchOverload, message: message, offset: offset)
    }
    return try (holds ? yes : no).evaluate(&evaluation)
  }
}

/// `&&` and `||`: an operand that decides the result absorbs the errors of all others, wherever it stands.
final class LogicalNode: Node {
  let operands: [any Node]
  /// The operand value that decides: false for `&&`, true for `||`.
  let decisive: Bool
  let offset: Int

  init(_ operands: [any Node], decisive: Bool, offset: Int) {
    self.operands = operands
    self.decisive = decisive
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(operands.count - 1)
    var failure: CELError?
    for operand in operands {
      do throws(CELError) {
        let value = try operand.evaluate(&evaluation)
        guard case .bool(let flag) = value else {
          failure = failure ?? wrongType(value)
          continue
        }
        if flag == decisive { return value }
      } catch {
        if error.kind == .budget { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return .bool(!decisive)
  }

  private func wrongType(_ value: CELValue) -> CELError {
    let message = "no such overload: \(decisive ? "||" : "&&") takes bool, not \(value.typeName)"
    return CELError(kind: .noSuchOverload, message: message, offset: offset)
  }
}
