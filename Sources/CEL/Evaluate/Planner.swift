/// Turns a resolved expression into nodes: paths fused, constants folded, functions and literal patterns looked up
/// once.
struct Planner {
  let variables: [(name: String, type: CELType)]
  let limits: CELLimits
  /// See `Checker`.
  let emptySums: [Int: CELValue]

  func plan(_ expression: Expression) -> any Node {
    let offset = expression.offset
    switch expression.kind {
    case .literal(let value): return LiteralNode(value)
    case .variable(let slot): return PathNode(slot: slot, name: variables[slot].name, offset: offset)
    case .local(let place): return LocalNode(place)
    case .identifier(let name), .unknown(let name):
      return FailureNode(CELError(kind: .unknownName, message: "unknown name '\(name)'", offset: offset))
    case .select(let operand, let field):
      let planned = plan(operand)
      if let path = planned as? PathNode { return path.appending(field, offset: offset) }
      return folded(SelectNode(planned, field: field, offset: offset), [planned])
    case .presence(let operand, let field): return PresenceNode(plan(operand), field: field, offset: offset)
    case .index(let operand, let index):
      let children = [plan(operand), plan(index)]
      return folded(IndexNode(children[0], children[1], offset: offset), children)
    case .unary(let unary, let operand):
      let planned = plan(operand)
      return folded(UnaryNode(unary, planned, offset: offset), [planned])
    case .binary(let binary, let left, let right):
      let children = [plan(left), plan(right)]
      return folded(self.binary(binary, children[0], children[1], offset), children)
    case .logical(let logical, let operands):
      return LogicalNode(operands.map(plan), decisive: logical == .or, offset: offset)
    case .conditional(let test, let yes, let no):
      return ConditionalNode(plan(test), plan(yes), plan(no), offset: offset)
    case .call(let name, let isMember, let arguments): return call(name, isMember, arguments, offset)
    case .list(let elements):
      let children = elements.map(plan)
      return folded(ListNode(children), children)
    case .map(let entries):
      let children = entries.map { (key: plan($0.key), value: plan($0.value)) }
      return folded(MapNode(children, offset: offset), children.flatMap { [$0.key, $0.value] })
    case .comprehension(let comprehension):
      return ComprehensionNode(
        comprehension.macro, range: plan(comprehension.range), local: comprehension.local,
        predicate: comprehension.predicate.map(plan), transform: comprehension.transform.map(plan), offset: offset)
    }
  }

  private func binary(_ binary: BinaryOperator, _ left: any Node, _ right: any Node, _ offset: Int) -> any Node {
    switch binary {
    case .equal, .notEqual: EqualNode(left, right, isNegated: binary == .notEqual, offset: offset)
    case .less, .lessOrEqual, .greater, .greaterOrEqual: OrderNode(binary, left, right, offset: offset)
    case .within: WithinNode(left, right, offset: offset)
    case .add, .subtract, .multiply, .divide, .modulo: ArithmeticNode(binary, left, right, offset: offset)
    }
  }

  private func call(_ name: String, _ isMember: Bool, _ arguments: [Expression], _ offset: Int) -> any Node {
    guard let function = StandardLibrary.functions[name] else {
      return FailureNode(CELError(kind: .unknownName, message: "unknown function '\(name)'", offset: offset))
    }
    guard var body = function.body(arity: arguments.count, isMember: isMember) else {
      let message = "no such overload: \(name)() with \(arguments.count) arguments"
      return FailureNode(CELError(kind: .noSuchOverload, message: message, offset: offset))
    }
    let children = arguments.map(plan)
    if name == "sum", let zero = emptySums[offset] { body = StandardLibrary.sum(ofNothing: zero) }
    if name == "matches", let literal = children[1] as? LiteralNode, case .string(let text) = literal.value {
      do throws(CELError) {
        let pattern = try Pattern(text, maximumInstructions: limits.patternInstructions)
        return folded(MatchesNode(children[0], pattern, offset: offset), [children[0]])
      } catch {
        return FailureNode(CELError(kind: error.kind, message: error.message, offset: offset))
      }
    }
    return folded(CallNode(name, body, children, offset: offset), children)
  }

  /// The node, or its value when all children are literals and it does not fail.
  private func folded(_ node: any Node, _ children: [any Node]) -> any Node {
    guard children.allSatisfy({ $0 is LiteralNode }) else { return node }
    var evaluation = Evaluation(
      activation: CELValues(), remaining: CostModel.foldingBudget, locals: [],
      patternInstructions: limits.patternInstructions)
    guard let value = try? node.evaluate(&evaluation) else { return node }
    return LiteralNode(value)
  }
}
