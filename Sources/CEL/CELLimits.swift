/// The bounds of compilation and evaluation; past each stands a ``CELError`` of kind `limit` or `budget`.
public struct CELLimits: Sendable, Hashable {
  /// Longest source text, in UTF-8 bytes.
  public var sourceBytes: Int
  /// Deepest nesting of an expression, which bounds the recursion of every pass over it: the default fits, optimised,
  /// in the 512 KiB stack of a secondary thread.
  public var nestingDepth: Int
  /// Cost one evaluation may spend: one for each operation, plus work in proportion to sizes.
  public var evaluationBudget: Int
  /// Instructions one compiled regular expression may have.
  public var patternInstructions: Int

  /// The defaults are those of the engine: 64 KiB of source, and a budget that a commit can afford.
  public init(
    sourceBytes: Int = 65_536,
    nestingDepth: Int = 160,
    evaluationBudget: Int = 1_000_000,
    patternInstructions: Int = 10_000
  ) {
    self.sourceBytes = sourceBytes
    self.nestingDepth = nestingDepth
    self.evaluationBudget = evaluationBudget
    self.patternInstructions = patternInstructions
  }

  /// The limits that the engine evaluates definitions with.
  public static let `default` = CELLimits()
}
