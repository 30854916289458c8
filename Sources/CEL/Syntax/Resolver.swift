/// Replaces names by what they mean: comprehension variables, declared variables (the longest dotted name first), types
/// and functions with a namespace (CEL spec, "Name Resolution").
struct Resolver {
  let variables: [String: Int]
  private var scopes: [String] = []
  /// Most comprehension variables in scope at once.
  private(set) var localCount = 0

  init(variables: [String: Int]) { self.variables = variables }

  mutating func resolve(_ expression: Expression) -> Expression {
    if let dotted = dottedName(expression), let found = resolve(dotted, expression) { return found }
    let kind: ExpressionKind
    switch expression.kind {
    case .literal, .variable, .local, .unknown: return expression
    case .identifier(let name): kind = .unknown(name)
    case .select(let operand, let field): kind = .select(resolve(operand), field: field)
    case .presence(let operand, let field): kind = .presence(resolve(operand), field: field)
    case .index(let operand, let index): kind = .index(resolve(operand), resolve(index))
    case .unary(let unary, let operand): kind = .unary(unary, resolve(operand))
    case .binary(let binary, let left, let right): kind = .binary(binary, resolve(left), resolve(right))
    case .logical(let logical, let operands): kind = .logical(logical, resolve(operands))
    case .conditional(let test, let yes, let no): kind = .conditional(resolve(test), resolve(yes), resolve(no))
    case .call(let name, let isMember, let arguments): kind = call(name, isMember, arguments)
    case .list(let elements): kind = .list(resolve(elements))
    case .map(let entries):
      var resolved: [(key: Expression, value: Expression)] = []
      for entry in entries { resolved.append((resolve(entry.key), resolve(entry.value))) }
      kind = .map(resolved)
    case .comprehension(let comprehension): kind = .comprehension(resolve(comprehension))
    }
    return with(kind, expression)
  }

  private mutating func resolve(_ expressions: [Expression]) -> [Expression] {
    var resolved: [Expression] = []
    for expression in expressions { resolved.append(resolve(expression)) }
    return resolved
  }

  private mutating func resolve(_ comprehension: Comprehension) -> Comprehension {
    var resolved = comprehension
    resolved.range = resolve(comprehension.range)
    resolved.local = scopes.count
    scopes.append(comprehension.variable)
    localCount = max(localCount, scopes.count)
    resolved.predicate = comprehension.predicate.map { resolve($0) }
    resolved.transform = comprehension.transform.map { resolve($0) }
    scopes.removeLast()
    return resolved
  }

  /// `strings.quote(x)` parses as a method of `strings`, which is a namespace as long as nothing declares it.
  private mutating func call(_ name: String, _ isMember: Bool, _ arguments: [Expression]) -> ExpressionKind {
    if isMember, let namespace = dottedName(arguments[0]), resolve(namespace, arguments[0]) == nil {
      let qualified = namespace.joined(separator: ".") + "." + name
      if StandardLibrary.functions[qualified] != nil {
        return .call(name: qualified, isMember: false, resolve(Array(arguments.dropFirst())))
      }
    }
    return .call(name: name, isMember: isMember, resolve(arguments))
  }

  private func dottedName(_ expression: Expression) -> [String]? {
    switch expression.kind {
    case .identifier(let name): [name]
    case .select(let operand, let field): dottedName(operand).map { $0 + [field] }
    default: nil
    }
  }

  /// The node for exactly this dotted name; a select on a shorter name is left to the operand's own resolution.
  private func resolve(_ dotted: [String], _ expression: Expression) -> Expression? {
    if let local = scopes.lastIndex(of: dotted[0]) {
      return dotted.count == 1 ? with(.local(local), expression) : nil
    }
    let name = dotted.joined(separator: ".")
    if let slot = variables[name] { return with(.variable(slot), expression) }
    return CELTypeName.denotations.contains(name) ? with(.literal(.type(name)), expression) : nil
  }

  private func with(_ kind: ExpressionKind, _ old: Expression) -> Expression {
    Expression(offset: old.offset, depth: old.depth, kind: kind)
  }
}
