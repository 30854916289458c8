/// Finds the type of a resolved expression and refuses what cannot run (CEL spec, "Gradual Type Checking").
struct Checker {
  let variables: [(name: String, type: CELType)]
  private let patternInstructions: Int
  private var locals: [CELType] = []
  /// What the calls of `sum` over doubles and uints give for an empty list, by their offsets; the others give the int 0.
  private(set) var emptySums: [Int: CELValue] = [:]

  init(variables: [(name: String, type: CELType)], limits: CELLimits) {
    self.variables = variables
    patternInstructions = limits.patternInstructions
  }

  mutating func type(of expression: Expression) throws(CELError) -> CELType {
    switch expression.kind {
    case .literal(let value): return Self.type(of: value)
    case .variable(let slot): return variables[slot].type
    case .local(let place): return locals[place]
    case .identifier(let name), .unknown(let name):
      let hint = NearestName.hint(for: name, among: variables.map(\.name))
      throw CELError(kind: .unknownName, message: "unknown name '\(name)'\(hint)", offset: expression.offset)
    case .select(let operand, let field), .presence(let operand, let field):
      let selected = try select(field, from: try type(of: operand), expression.offset)
      if case .presence = expression.kind { return .bool }
      return selected
    case .index(let operand, let index): return try self.index(operand, index, expression.offset)
    case .unary(let unary, let operand):
      let operandType = try type(of: operand)
      if let result = unary.overloads.result(for: [operandType]) { return result }
      throw failure("operator '\(unary.rawValue)' does not take \(operandType)", expression.offset)
    case .binary(let binary, let left, let right): return try self.binary(binary, left, right, expression.offset)
    case .logical(let logical, let operands):
      for operand in operands { try require(.bool, operand, "operator '\(logical.rawValue)'") }
      return .bool
    case .conditional(let test, let yes, let no):
      try require(.bool, test, "the condition of '?:'")
      let (left, right) = (try type(of: yes), try type(of: no))
      if let joined = left.joined(right) { return joined }
      throw failure("the branches of '?:' have different types, \(left) and \(right)", expression.offset)
    case .call(let name, let isMember, let arguments):
      return try call(name, isMember, arguments, expression.offset)
    case .list(let elements): return .list(try join(elements))
    case .map(let entries): return try map(entries)
    case .comprehension(let comprehension): return try self.comprehension(comprehension, expression.offset)
    }
  }

  func failure(_ message: String, _ offset: Int) -> CELError {
    CELError(kind: .type, message: message, offset: offset)
  }

  private mutating func require(_ wanted: CELType, _ operand: Expression, _ user: String) throws(CELError) {
    let actual = try type(of: operand).unwrapped
    guard actual.isAssignable(to: wanted) else {
      throw failure("\(user) takes \(wanted), not \(actual)", operand.offset)
    }
  }

  private func select(_ field: String, from type: CELType, _ offset: Int) throws(CELError) -> CELType {
    switch type.unwrapped {
    case .dyn: return .dyn
    case .map(let key, let value) where CELType.string.isAssignable(to: key): return value
    case .object(let object):
      if let declared = object.type(ofField: field) { return declared }
      if object.isOpen { return .dyn }
      let hint = NearestName.hint(for: field, among: object.fields.map(\.name))
      throw CELError(kind: .noSuchField, message: "\(object.name) has no field '\(field)'\(hint)", offset: offset)
    default: throw failure("\(type) has no fields; '.\(field)' cannot be selected", offset)
    }
  }

  private mutating func index(_ operand: Expression, _ index: Expression, _ offset: Int) throws(CELError) -> CELType {
    let (container, key) = (try type(of: operand).unwrapped, try type(of: index).unwrapped)
    switch container {
    case .dyn: return .dyn
    case .list(let element) where key.isNumeric || key == .dyn: return element
    case .map(let declared, let value) where key.isComparable(with: declared): return value
    case .object:
      if case .literal(.string(let name)) = index.kind { return try select(name, from: container, offset) }
      if key == .string || key == .dyn { return .dyn }
    default: break
    }
    throw failure("\(container) cannot be indexed by \(key)", offset)
  }

  private mutating func binary(
    _ binary: BinaryOperator, _ left: Expression, _ right: Expression, _ offset: Int
  ) throws(CELError) -> CELType {
    let (leftType, rightType) = (try type(of: left), try type(of: right))
    switch binary {
    case .equal, .notEqual:
      if leftType.isComparable(with: rightType) { return .bool }
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      if leftType.isOrdered(with: rightType) { return .bool }
    case .within:
      switch rightType.unwrapped {
      case .dyn: return .bool
      case .list(let element) where leftType.isComparable(with: element): return .bool
      case .map(let key, _) where leftType.isComparable(with: key): return .bool
      case .object where leftType.isComparable(with: .string): return .bool
      default: break
      }
    case .add, .subtract, .multiply, .divide, .modulo:
      if let result = binary.arithmeticOverloads.result(for: [leftType, rightType]) { return result }
      if leftType.unwrapped.isNumeric && rightType.unwrapped.isNumeric {
        let hint = "convert one side, as in double(x) or int(x), or write 1.0 for 1"
        throw failure("operator '\(binary.rawValue)' does not mix \(leftType) and \(rightType); \(hint)", offset)
      }
    }
    throw failure("operator '\(binary.rawValue)' does not take \(leftType) and \(rightType)", offset)
  }

  private mutating func call(
    _ name: String, _ isMember: Bool, _ arguments: [Expression], _ offset: Int
  ) throws(CELError) -> CELType {
    guard let function = StandardLibrary.functions[name] else {
      let hint = NearestName.hint(for: name, among: StandardLibrary.names)
      throw CELError(kind: .unknownName, message: "unknown function '\(name)'\(hint)", offset: offset)
    }
    var types: [CELType] = []
    for argument in arguments { types.append(try type(of: argument)) }
    if name == "matches", let last = arguments.last { try checkPattern(last) }
    let candidates = function.overloads.filter { $0.isMember == isMember }
    if let result = candidates.result(for: types) {
      if name == "sum" {
        switch result {
        case .double: emptySums[offset] = .double(0)
        case .uint: emptySums[offset] = .uint(0)
        default: break
        }
      }
      return result
    }
    if candidates.isEmpty {
      throw failure("'\(name)' is called as \(isMember ? "\(name)(x)" : "x.\(name)()")", offset)
    }
    let listed = types.dropFirst(isMember ? 1 : 0).map(\.description).joined(separator: ", ")
    throw failure("no such overload: \(isMember ? "\(types[0])." : "")\(name)(\(listed))", offset)
  }

  /// A pattern that is a literal is compiled here already, so that a bad one is found before anything runs.
  private func checkPattern(_ expression: Expression) throws(CELError) {
    guard case .literal(.string(let pattern)) = expression.kind else { return }
    do throws(CELError) {
      _ = try Pattern(pattern, maximumInstructions: patternInstructions)
    } catch {
      throw CELError(kind: error.kind, message: error.message, offset: expression.offset)
    }
  }

  private mutating func join(_ expressions: [Expression]) throws(CELError) -> CELType {
    var joined: CELType?
    for expression in expressions {
      let next = try type(of: expression)
      joined = joined.map { $0.joined(next) ?? .dyn } ?? next
    }
    return joined ?? .dyn
  }

  private mutating func map(_ entries: [(key: Expression, value: Expression)]) throws(CELError) -> CELType {
    var seen: Set<CELValue> = []
    for entry in entries {
      switch try type(of: entry.key).unwrapped {
      case .dyn, .bool, .int, .uint, .string: break
      case let other: throw failure("a map key cannot be of type \(other)", entry.key.offset)
      }
      if case .literal(let key) = entry.key.kind, !seen.insert(key).inserted {
        throw CELError(kind: .duplicateKey, message: "the map has the key \(key) twice", offset: entry.key.offset)
      }
    }
    return .map(try join(entries.map(\.key)), try join(entries.map(\.value)))
  }

  private mutating func comprehension(_ comprehension: Comprehension, _ offset: Int) throws(CELError) -> CELType {
    let element: CELType
    switch try type(of: comprehension.range).unwrapped {
    case .dyn: element = .dyn
    case .list(let type): element = type
    case .map(let key, _): element = key
    case .object: element = .string
    case let other: throw failure("\(comprehension.macro.rawValue)() takes a list or a map, not \(other)", offset)
    }
    locals.append(element)
    defer { locals.removeLast() }
    if let predicate = comprehension.predicate {
      try require(.bool, predicate, "the predicate of \(comprehension.macro.rawValue)()")
    }
    switch comprehension.macro {
    case .all, .exists, .existsOne: return .bool
    case .filter: return .list(element)
    case .map:
      guard let transform = comprehension.transform else { return .list(.dyn) }
      return .list(try type(of: transform))
    }
  }

  private static func type(of value: CELValue) -> CELType {
    switch value {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .type: .type
    case .timestamp: .timestamp
    case .duration: .duration
    case .list: .list(.dyn)
    case .map: .map(.dyn, .dyn)
    }
  }
}
