/// A variable and the fields selected from it, as a key. The hash is computed once, for every read asks for it.
struct PathKey: Sendable, Hashable {
  let slot: Int
  let fields: [String]
  private let fieldsHash: Int

  init(slot: Int, fields: [String]) {
    self.slot = slot
    self.fields = fields
    var hasher = Hasher()
    for field in fields { UTF8Text.hash(field, into: &hasher) }
    fieldsHash = hasher.finalize()
  }

  static func == (left: PathKey, right: PathKey) -> Bool {
    guard left.slot == right.slot, left.fields.count == right.fields.count else { return false }
    for index in left.fields.indices where !UTF8Text.equal(left.fields[index], right.fields[index]) { return false }
    return true
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(slot)
    hasher.combine(fieldsHash)
  }
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
  let key: PathKey
  private let variableKey: PathKey
  /// One for the variable, and one for each field and for 8 bytes of its name.
  let cost: Int

  var fieldNames: [String] { key.fields }

  init(slot: Int, name: String, offset: Int, fields: [Field] = []) {
    self.slot = slot
    self.name = name
    self.offset = offset
    self.fields = fields
    key = PathKey(slot: slot, fields: fields.map(\.name))
    variableKey = PathKey(slot: slot, fields: [])
    cost = fields.reduce(1) { $0 + 1 + $1.name.utf8.count / CostModel.bytesPerUnit }
  }

  func appending(_ field: String, offset: Int) -> PathNode {
    PathNode(slot: slot, name: name, offset: self.offset, fields: fields + [Field(name: field, offset: offset)])
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(cost)
    if evaluation.buildsValues, let value = try built(&evaluation) { return value }
    guard var value = evaluation.activation.value(forVariable: slot) else {
      throw CELError(kind: .unknownName, message: "'\(name)' has no value", offset: offset)
    }
    if evaluation.buildsValues { try evaluation.keep(value, of: variableKey) }
    for field in fields { value = try Selection.select(field.name, from: value, offset: field.offset) }
    return value
  }

  /// What the activation builds for the path alone, or has built before; nil where the whole variable is still to be asked for.
  private func built(_ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    if !evaluation.built.isEmpty, let value = evaluation.built[key] { return value }
    if !fields.isEmpty, let value = evaluation.activation.value(forVariable: slot, fields: key.fields) {
      try evaluation.keep(value, of: key)
      return value
    }
    guard !evaluation.built.isEmpty, var value = evaluation.built[variableKey] else { return nil }
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

/// `has(operand.field)`
final class PresenceNode: Node {
  let operand: any Node
  let field: String
  let offset: Int
  /// The whole path, where the operand is one.
  private let path: PathNode?

  init(_ operand: any Node, field: String, offset: Int) {
    self.operand = operand
    self.field = field
    self.offset = offset
    path = (operand as? PathNode)?.appending(field, offset: offset)
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    if evaluation.buildsValues, let path,
      let isThere = evaluation.activation.hasValue(forVariable: path.slot, fields: path.fieldNames)
    {
      try evaluation.charge(path.cost)
      return .bool(isThere)
    }
    try evaluation.charge(1)
    let value = try operand.evaluate(&evaluation)
    guard case .map(let map) = value else { throw Selection.noFields(value, field, offset) }
    return .bool(map[field] != nil)
  }
}
