/// Parses an expression by precedence climbing, with a bound on the depth of the tree (CEL spec, "Syntax").
struct Parser {
  private var lexer: Lexer
  private var token: Token
  private let limits: CELLimits
  private var nesting = 0

  init(_ source: String, limits: CELLimits) throws(CELError) {
    guard source.utf8.count <= limits.sourceBytes else {
      let message = "the expression has \(source.utf8.count) bytes; at most \(limits.sourceBytes) are allowed"
      throw CELError(kind: .limit, message: message, offset: 0)
    }
    self.limits = limits
    lexer = Lexer(source)
    token = try lexer.next()
  }

  mutating func parse() throws(CELError) -> Expression {
    let expression = try expression()
    guard token.kind == .end else { throw unexpected("an operator or the end") }
    return expression
  }

  // MARK: Expressions

  private mutating func expression() throws(CELError) -> Expression {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= limits.nestingDepth else { throw tooDeep(token.offset) }
    let condition = try binary(minimum: 0)
    let offset = token.offset
    guard try take(.question) else { return condition }
    let yes = try binary(minimum: 0)
    try require(.colon)
    let no = try expression()
    return try node(offset, .conditional(condition, yes, no), [condition, yes, no])
  }

  /// Binary operators of at least the given precedence: `||` 0, `&&` 1, relations 2, sums 3, products 4.
  private mutating func binary(minimum: Int) throws(CELError) -> Expression {
    var left = try unary()
    while let (binding, precedence) = bindingOfToken(), precedence >= minimum {
      let offset = token.offset
      try advance()
      switch binding {
      case .logical(let logical):
        left = try chain(logical, first: left, offset: offset, precedence: precedence)
      case .binary(let binary):
        let right = try rightOperand(above: precedence)
        left = try node(offset, .binary(binary, left, right), [left, right])
      }
    }
    return left
  }

  private mutating func chain(
    _ logical: LogicalOperator, first: Expression, offset: Int, precedence: Int
  ) throws(CELError) -> Expression {
    var operands = [first, try rightOperand(above: precedence)]
    while case .logical(logical)? = bindingOfToken()?.0 {
      try advance()
      operands.append(try rightOperand(above: precedence))
    }
    return try node(offset, .logical(logical, operands), operands)
  }

  private mutating func rightOperand(above precedence: Int) throws(CELError) -> Expression {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= limits.nestingDepth else { throw tooDeep(token.offset) }
    return try binary(minimum: precedence + 1)
  }

  private enum Binding: Equatable {
    case logical(LogicalOperator)
    case binary(BinaryOperator)
  }

  private func bindingOfToken() -> (Binding, precedence: Int)? {
    switch token.kind {
    case .symbol(.or): (.logical(.or), 0)
    case .symbol(.and): (.logical(.and), 1)
    case .symbol(.less): (.binary(.less), 2)
    case .symbol(.lessOrEqual): (.binary(.lessOrEqual), 2)
    case .symbol(.greater): (.binary(.greater), 2)
    case .symbol(.greaterOrEqual): (.binary(.greaterOrEqual), 2)
    case .symbol(.equal): (.binary(.equal), 2)
    case .symbol(.notEqual): (.binary(.notEqual), 2)
    case .identifier("in"): (.binary(.within), 2)
    case .symbol(.plus): (.binary(.add), 3)
    case .symbol(.minus): (.binary(.subtract), 3)
    case .symbol(.times): (.binary(.multiply), 4)
    case .symbol(.divide): (.binary(.divide), 4)
    case .symbol(.modulo): (.binary(.modulo), 4)
    default: nil
    }
  }

  private mutating func unary() throws(CELError) -> Expression {
    var operators: [(UnaryOperator, Int)] = []
    while true {
      let offset = token.offset
      if try take(.not) {
        operators.append((.not, offset))
      } else if try take(.minus) {
        operators.append((.negate, offset))
      } else {
        break
      }
      guard operators.count <= limits.nestingDepth else { throw tooDeep(offset) }
    }
    var isNegativeLiteral = false
    if case .negate? = operators.last?.0 {
      switch token.kind {
      case .int, .double: isNegativeLiteral = true
      default: break
      }
    }
    let offset = isNegativeLiteral ? operators.removeLast().1 : token.offset
    var operand = try postfix(of: try primary(isNegative: isNegativeLiteral, offset: offset))
    for (unary, offset) in operators.reversed() {
      operand = try node(offset, .unary(unary, operand), [operand])
    }
    return operand
  }

  private mutating func postfix(of primary: Expression) throws(CELError) -> Expression {
    var operand = primary
    while true {
      let offset = token.offset
      if try take(.dot) {
        operand = try member(of: operand)
      } else if try take(.openBracket) {
        let index = try expression()
        try require(.closeBracket)
        operand = try node(offset, .index(operand, index), [operand, index])
      } else {
        return operand
      }
    }
  }

  private mutating func member(of operand: Expression) throws(CELError) -> Expression {
    let offset = token.offset
    switch token.kind {
    case .quotedIdentifier(let name):
      try advance()
      return try node(offset, .select(operand, field: name), [operand])
    case .identifier(let name):
      try advance()
      guard try take(.openParenthesis) else {
        return try node(offset, .select(operand, field: name), [operand])
      }
      let arguments = try list(until: .closeParenthesis)
      if let macro = try comprehension(name, range: operand, arguments, offset: offset) { return macro }
      return try node(offset, .call(name: name, isMember: true, [operand] + arguments), [operand] + arguments)
    default:
      throw unexpected("a field name")
    }
  }

  // MARK: Primaries

  private mutating func primary(isNegative: Bool, offset: Int) throws(CELError) -> Expression {
    switch token.kind {
    case .int(let magnitude):
      return try literal(try signed(magnitude, isNegative: isNegative), offset)
    case .uint(let value): return try literal(.uint(value), offset)
    case .double(let value): return try literal(.double(isNegative ? -value : value), offset)
    case .string(let value): return try literal(.string(value), offset)
    case .bytes(let value): return try literal(.bytes(value), offset)
    case .identifier(let name): return try identifierOrCall(name, offset: offset)
    case .symbol(.dot):
      // A leading point asks for the outermost scope, and there is only one.
      try advance()
      guard case .identifier(let name) = token.kind else { throw unexpected("a name") }
      return try identifierOrCall(name, offset: offset)
    case .symbol(.openParenthesis):
      try advance()
      let inner = try expression()
      try require(.closeParenthesis)
      return inner
    case .symbol(.openBracket):
      try advance()
      let elements = try list(until: .closeBracket, allowsTrailingComma: true)
      return try node(offset, .list(elements), elements)
    case .symbol(.openBrace):
      try advance()
      return try map(offset)
    default:
      throw unexpected("an expression")
    }
  }

  private func signed(_ magnitude: UInt64, isNegative: Bool) throws(CELError) -> CELValue {
    if isNegative { return .int(Int64(truncatingIfNeeded: 0 &- magnitude)) }
    guard let value = Int64(exactly: magnitude) else {
      throw CELError(kind: .syntax, message: "the number is out of the range of an int", offset: token.offset)
    }
    return .int(value)
  }

  private mutating func literal(_ value: CELValue, _ offset: Int) throws(CELError) -> Expression {
    try advance()
    return try node(offset, .literal(value), [])
  }

  private mutating func identifierOrCall(_ name: String, offset: Int) throws(CELError) -> Expression {
    switch name {
    case "true": return try literal(.bool(true), offset)
    case "false": return try literal(.bool(false), offset)
    case "null": return try literal(.null, offset)
    default: break
    }
    guard !Self.reserved.contains(name) else {
      throw CELError(kind: .syntax, message: "'\(name)' is a reserved word", offset: token.offset)
    }
    try advance()
    if token.kind == .symbol(.openBrace) {
      throw CELError(kind: .syntax, message: "messages cannot be built; write a map: {'field': value}", offset: offset)
    }
    guard try take(.openParenthesis) else { return try node(offset, .identifier(name), []) }
    let arguments = try list(until: .closeParenthesis)
    if name == "has" { return try presence(arguments, offset: offset) }
    return try node(offset, .call(name: name, isMember: false, arguments), arguments)
  }

  private mutating func list(
    until end: Token.Symbol, allowsTrailingComma: Bool = false
  ) throws(CELError) -> [Expression] {
    var elements: [Expression] = []
    while token.kind != .symbol(end) || (!elements.isEmpty && !allowsTrailingComma) {
      elements.append(try expression())
      guard try take(.comma) else { break }
    }
    try require(end)
    return elements
  }

  private mutating func map(_ offset: Int) throws(CELError) -> Expression {
    var entries: [(key: Expression, value: Expression)] = []
    while token.kind != .symbol(.closeBrace) {
      let key = try expression()
      try require(.colon)
      entries.append((key, try expression()))
      guard try take(.comma) else { break }
    }
    try require(.closeBrace)
    return try node(offset, .map(entries), entries.flatMap { [$0.key, $0.value] })
  }

  // MARK: Tokens and nodes

  func node(_ offset: Int, _ kind: ExpressionKind, _ children: [Expression]) throws(CELError) -> Expression {
    var depth = 0
    for child in children { depth = max(depth, child.depth) }
    guard depth < limits.nestingDepth else { throw tooDeep(offset) }
    return Expression(offset: offset, depth: depth + 1, kind: kind)
  }

  private mutating func advance() throws(CELError) { token = try lexer.next() }

  private mutating func take(_ symbol: Token.Symbol) throws(CELError) -> Bool {
    guard token.kind == .symbol(symbol) else { return false }
    try advance()
    return true
  }

  private mutating func require(_ symbol: Token.Symbol) throws(CELError) {
    guard try take(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
  }

  private func unexpected(_ wanted: String) -> CELError {
    CELError(kind: .syntax, message: "expected \(wanted), found \(token.spelling)", offset: token.offset)
  }

  private func tooDeep(_ offset: Int) -> CELError {
    CELError(kind: .limit, message: "the expression is nested more than \(limits.nestingDepth) deep", offset: offset)
  }

  /// CEL spec, "Syntax", RESERVED; `in` and the literals among them.
  private static let reserved: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "in", "let", "loop", "namespace",
    "package", "return", "var", "void", "while",
  ]
}
