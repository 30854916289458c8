/// A compiled expression, free to be shared and run from many threads.
///
/// A class, because programs stand in the trees of larger compiled things, and copying one must cost one reference.
public final class CELProgram: Sendable {
  /// The text that was compiled.
  public let source: String
  /// `dyn` when the program was not checked.
  public let resultType: CELType
  /// The value of an expression that names no variable and does not fail.
  public let constantValue: CELValue?

  /// What `sum` is of an empty list, by the place of the call, where the checker knows of what the list is.
  let emptySums: [Int: CELValue]
  let expression: Expression
  let environment: CELEnvironment
  private let root: any Node
  private let localCount: Int

  init(
    source: String, resultType: CELType, emptySums: [Int: CELValue], expression: Expression, root: any Node,
    localCount: Int, environment: CELEnvironment
  ) {
    self.source = source
    self.resultType = resultType
    self.emptySums = emptySums
    self.expression = expression
    self.root = root
    self.localCount = localCount
    self.environment = environment
    if let literal = root as? LiteralNode {
      constantValue = literal.value
    } else if ReferenceCollector.references(of: expression, in: environment).isEmpty {
      var budget = CostModel.foldingBudget
      constantValue = try? Self.run(root, CELValues(), &budget, localCount, environment.limits)
    } else {
      constantValue = nil
    }
  }

  /// Whether it gives the same value as a program of the same text that was checked with other types.
  public func runs(like other: CELProgram) -> Bool { source == other.source && emptySums == other.emptySums }

  /// The variables the program names with the fields it selects from them, in the order of the source.
  public var references: [CELReference] { ReferenceCollector.references(of: expression, in: environment) }

  /// What the program is when it is nothing but a variable, by its place in the environment, and fields selected from it.
  public var path: (variable: Int, fields: [String])? { (root as? PathNode).map { ($0.slot, $0.fieldNames) } }

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - activation: Asked for the value of a variable only when the evaluation reaches it.
  ///   - budget: Cost it may spend; ``CELLimits/evaluationBudget`` when nil.
  /// - Throws: ``CELError`` with the offset of what failed; of kind `budget` when the cost runs out.
  public func evaluate(_ activation: some CELActivation, budget: Int? = nil) throws(CELError) -> CELValue {
    var remaining = budget ?? environment.limits.evaluationBudget
    return try evaluate(activation, remaining: &remaining)
  }

  /// Runs the program on a budget that others share.
  ///
  /// - Parameters:
  ///   - activation: Asked for the value of a variable only when the evaluation reaches it.
  ///   - remaining: Cost it may spend; less by what it has spent afterwards, also where it fails.
  /// - Throws: ``CELError`` with the offset of what failed; of kind `budget` when the cost runs out.
  public func evaluate(_ activation: some CELActivation, remaining: inout Int) throws(CELError) -> CELValue {
    if let literal = root as? LiteralNode { return literal.value }
    return try Self.run(root, activation, &remaining, localCount, environment.limits)
  }

  private static func run(
    _ root: any Node, _ activation: some CELActivation, _ remaining: inout Int, _ localCount: Int, _ limits: CELLimits
  ) throws(CELError) -> CELValue {
    var evaluation = Evaluation(
      activation: activation, remaining: remaining,
      locals: localCount == 0 ? [] : Array(repeating: .null, count: localCount),
      patternInstructions: limits.patternInstructions)
    defer { remaining = evaluation.remaining }
    let value = try root.evaluate(&evaluation)
    // Only comprehensions can share parts so often that a small tree in memory is a huge one when written out.
    if localCount > 0 { try evaluation.chargeTree(value) }
    return value
  }
}
