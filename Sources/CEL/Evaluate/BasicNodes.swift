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

/// A variable and the fields selected from it, in one step: the commonest shape of all.
final class PathNode: Node {
  struct Field: Sendable {
    let name: String
    let offset: Int
  }

  let slot: Int
  let name: String
  let offset: Int
  let fields: [Field]
  let fieldNames: [String]

  init(slot: Int, name: String, offset: Int, fields: [Field] = []) {
    self.slot = slot
    self.name = name
    self.offset = offset
    self.fields = fields
    fieldNames = fields.map(\.name)
  }

  func appending(_ field: String, offset: Int) -> PathNode {
    PathNode(slot: slot, name: name, offset: self.offset, fields: fields + [Field(name: field, offset: offset)])
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1 + fields.count)
    if !fieldNames.isEmpty, let value = evaluation.activation.value(forVariable: slot, fields: fieldNames) {
      return value
    }
    guard var value = evaluation.activation.value(forVariable: slot) else {
      throw CELError(kind: .unknownName, message: "'\(name)' has no value", offset: offset)
    }
    for field in fields { value = try Selection.select(field.name, from: value, offset: field.offset) }
    return value
  }
}

enum Selection {
  static func select(_ field: String, from value: CELValue, offset: Int) throws(CELError) -> CELValue {
    guard case .map(let map) = value else { throw noFields(value, field, offset) }
    guard let selected = map[field] else {
      throw CELError(kind: .noSuchField, message: "there is no field '\(field)'", offset: offset)
    }
    return selected
  }

  static func noFields(_ value: CELValue, _ field: String, _ offset: Int) -> CELError {
    let message = "a value of type \(value.typeName) has no fields; '.\(field)' cannot be selected"
    return CELError(kind: .noSuchOverload, message: message, offset: offset)
  }
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

/// `has(operand.field)`
final class PresenceNode: Node {
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
    let value = try operand.evaluate(&evaluation)
    guard case .map(let map) = value else { throw Selection.noFields(value, field, offset) }
    return .bool(map[field] != nil)
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
