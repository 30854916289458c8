/// A node of the syntax tree.
final class Expression: Sendable {
  /// UTF-8 offset of the token that names the node: the operator, the point, the first token of a literal.
  let offset: Int
  /// One more than the deepest child.
  let depth: Int
  let kind: ExpressionKind

  init(offset: Int, depth: Int, kind: ExpressionKind) {
    self.offset = offset
    self.depth = depth
    self.kind = kind
  }
}

enum ExpressionKind: Sendable {
  case literal(CELValue)
  /// As written; ``Resolver`` replaces it by one of the next three.
  case identifier(String)
  /// Place in the environment's declarations.
  case variable(Int)
  /// Place among the comprehension variables in scope, from the outermost.
  case local(Int)
  /// A name nobody declared: an error of the checker, or of the evaluation when nothing is checked.
  case unknown(String)
  case select(Expression, field: String)
  /// `has(operand.field)`
  case presence(Expression, field: String)
  case index(Expression, Expression)
  case unary(UnaryOperator, Expression)
  case binary(BinaryOperator, Expression, Expression)
  /// A chain of `&&` or of `||`, flat so that a long one is not deep.
  case logical(LogicalOperator, [Expression])
  case conditional(Expression, Expression, Expression)
  /// A call; for a method the target is the first argument.
  case call(name: String, isMember: Bool, [Expression])
  case list([Expression])
  case map([(key: Expression, value: Expression)])
  case comprehension(Comprehension)
}

enum UnaryOperator: String, Sendable {
  case not = "!"
  case negate = "-"
}

enum BinaryOperator: String, Sendable {
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  case within = "in"
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case modulo = "%"
}

enum LogicalOperator: String, Sendable {
  case and = "&&"
  case or = "||"
}

/// One macro call over a list or the keys of a map (CEL spec, "Macros").
struct Comprehension: Sendable {
  enum Macro: String, Sendable {
    case all, exists
    case existsOne = "exists_one"
    case map, filter
  }

  var macro: Macro
  var range: Expression
  var variable: String
  /// Place of the variable among the locals; set by ``Resolver``.
  var local: Int = 0
  /// The predicate of `all`, `exists`, `exists_one` and `filter`, and of a `map` with three arguments.
  var predicate: Expression?
  /// What `map` collects.
  var transform: Expression?
}
