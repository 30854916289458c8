/// The variables expressions may name, and the limits they keep.
public struct CELEnvironment: Sendable {
  /// In the order in which an activation is asked for them; a name may be dotted (`a.b`).
  public let variables: [(name: String, type: CELType)]
  /// What compiling and evaluating may cost.
  public let limits: CELLimits
  private let slots: [String: Int]

  /// - Parameters:
  ///   - variables: In the order in which an activation is asked for them. A name may be dotted (`a.b`); of two names that fit,
  ///     the longer wins. Of two equal names the last counts.
  ///   - limits: what compiling and evaluating may cost.
  public init(variables: [(name: String, type: CELType)], limits: CELLimits = .default) {
    self.variables = variables
    self.limits = limits
    var slots: [String: Int] = [:]
    for (slot, variable) in variables.enumerated() { slots[variable.name] = slot }
    self.slots = slots
  }

  /// Parses, checks and plans an expression.
  ///
  /// - Parameters:
  ///   - source: the text of the expression.
  ///   - expecting: The type the place of the expression wants; any when nil.
  ///   - check: Without it types and unknown names are found only when the expression runs.
  /// - Throws: ``CELError`` of kind `syntax`, `limit`, `type`, `unknownName`, `noSuchField` or `invalidArgument`, with
  ///   its offset.
  public func compile(_ source: String, expecting: CELType? = nil, check: Bool = true) throws(CELError) -> CELProgram {
    var parser = try Parser(source, limits: limits)
    let parsed = try parser.parse()
    var resolver = Resolver(variables: slots)
    let resolved = resolver.resolve(parsed)
    var resultType = CELType.dyn
    var emptySums: [Int: CELValue] = [:]
    if check {
      var checker = Checker(variables: variables, limits: limits)
      resultType = try checker.type(of: resolved)
      if let expecting { try checker.expect(expecting, resolved) }
      emptySums = checker.emptySums
    }
    let planned = Planner(variables: variables, limits: limits, emptySums: emptySums).plan(resolved)
    return CELProgram(
      source: source, resultType: resultType, emptySums: emptySums, expression: resolved, root: planned,
      localCount: resolver.localCount, environment: self)
  }
}
