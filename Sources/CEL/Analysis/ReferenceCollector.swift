/// Walks an expression with what is known at each place, and notes the variables it names.
struct ReferenceCollector {
  struct Found {
    var slot: Int
    var reference: CELReference
    var isReachedOnlyWhenNotNull: Bool
  }

  let environment: CELEnvironment
  private(set) var found: [Found] = []

  init(environment: CELEnvironment) { self.environment = environment }

  static func references(of expression: Expression, in environment: CELEnvironment) -> [CELReference] {
    var collector = ReferenceCollector(environment: environment)
    collector.visit(expression, FlowFacts())
    return collector.found.map(\.reference).sorted { $0.offset < $1.offset }
  }

  mutating func visit(_ expression: Expression, _ facts: FlowFacts) {
    if let path = FlowFacts.Path(expression) {
      note(path, Self.root(of: expression).offset, facts, isPresence: false)
      return
    }
    switch expression.kind {
    case .literal, .identifier, .unknown, .local, .variable: break
    case .presence(let operand, let field):
      guard let path = FlowFacts.Path(operand) else { return visit(operand, facts) }
      let tested = FlowFacts.Path(slot: path.slot, fields: path.fields + [field])
      note(tested, Self.root(of: operand).offset, facts, isPresence: true)
    case .select(let operand, _), .unary(_, let operand): visit(operand, facts)
    case .index(let left, let right), .binary(_, let left, let right):
      visit(left, facts)
      visit(right, facts)
    case .logical(let logical, let operands):
      var known = facts
      for operand in operands {
        visit(operand, known)
        known.formUnion(FlowFacts.facts(of: operand, being: logical == .and))
      }
    case .conditional(let test, let yes, let no):
      visit(test, facts)
      visit(yes, facts.union(FlowFacts.facts(of: test, being: true)))
      visit(no, facts.union(FlowFacts.facts(of: test, being: false)))
    case .call(_, _, let arguments), .list(let arguments):
      for argument in arguments { visit(argument, facts) }
    case .map(let entries):
      for entry in entries {
        visit(entry.key, facts)
        visit(entry.value, facts)
      }
    case .comprehension(let comprehension): visit(comprehension, facts)
    }
  }

  private mutating func visit(_ comprehension: Comprehension, _ facts: FlowFacts) {
    visit(comprehension.range, facts)
    var known = facts
    if let predicate = comprehension.predicate {
      visit(predicate, facts)
      known.formUnion(FlowFacts.facts(of: predicate, being: true))
    }
    if let transform = comprehension.transform { visit(transform, known) }
  }

  private mutating func note(_ path: FlowFacts.Path, _ offset: Int, _ facts: FlowFacts, isPresence: Bool) {
    let isGuarded = isPresence || facts.guards(path)
    let reference = CELReference(
      variable: environment.variables[path.slot].name, path: path.fields, offset: offset, isGuarded: isGuarded)
    found.append(
      Found(slot: path.slot, reference: reference, isReachedOnlyWhenNotNull: facts.notNull.contains(path.slot)))
  }

  private static func root(of expression: Expression) -> Expression {
    switch expression.kind {
    case .select(let operand, _), .index(let operand, _): root(of: operand)
    default: expression
    }
  }
}
