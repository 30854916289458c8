extension Parser {
  /// `has(operand.field)`
  mutating func presence(_ arguments: [Expression], offset: Int) throws(CELError) -> Expression {
    guard arguments.count == 1, case .select(let operand, let field) = arguments[0].kind else {
      throw CELError(kind: .syntax, message: "has() takes one field selection, such as has(a.b)", offset: offset)
    }
    return try node(arguments[0].offset, .presence(operand, field: field), [operand])
  }

  /// The macro call a method call stands for, or nil when it is an ordinary call.
  mutating func comprehension(
    _ name: String, range: Expression, _ arguments: [Expression], offset: Int
  ) throws(CELError) -> Expression? {
    guard let macro = Comprehension.Macro(rawValue: name) else { return nil }
    let isFilteredMap = macro == .map && arguments.count == 3
    guard arguments.count == 2 || isFilteredMap else {
      let counts = macro == .map ? "two or three arguments" : "two arguments"
      throw CELError(kind: .syntax, message: "\(name)() takes \(counts): a variable and an expression", offset: offset)
    }
    guard case .identifier(let variable) = arguments[0].kind else {
      throw CELError(
        kind: .syntax, message: "the first argument of \(name)() must be a plain name", offset: arguments[0].offset)
    }
    let comprehension = Comprehension(
      macro: macro,
      range: range,
      variable: variable,
      predicate: macro != .map || isFilteredMap ? arguments[1] : nil,
      transform: macro == .map ? arguments[arguments.count - 1] : nil
    )
    return try node(offset, .comprehension(comprehension), [range] + arguments)
  }
}
