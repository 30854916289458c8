/// A variable named in an expression, with the fields selected from it.
public struct CELReference: Sendable, Hashable {
  /// The variable's name, as the environment declares it.
  public var variable: String
  /// Fields in order, as far as they are names: `event.data['x'].y` gives `data x y`, `data.items[0].sku` gives
  /// `items`.
  public var path: [String]
  /// UTF-8 offset of the variable in the source.
  public var offset: Int
  /// Whether the path stands inside `has()`, or where it is reached only after `has()` of the same path, or a longer
  /// one, was true.
  public var isGuarded: Bool

  /// For tools that find references by other means than `CELProgram.references`.
  public init(variable: String, path: [String], offset: Int, isGuarded: Bool) {
    self.variable = variable
    self.path = path
    self.offset = offset
    self.isGuarded = isGuarded
  }
}

extension CELProgram {
  /// The selections from `variable` that would be reached, and fail, when the variable is null.
  ///
  /// `v == null` and `v != null` are followed through `?:`, `!`, `&&` and `||`, from left to right:
  /// `event != null ? event.data.x : ''` has no hazard, `event.data.x` has one.
  public func nullHazards(variable: String) -> [CELReference] {
    guard let slot = environment.variables.lastIndex(where: { $0.name == variable }) else { return [] }
    var collector = ReferenceCollector(environment: environment)
    collector.visit(expression, FlowFacts())
    return collector.found.filter { $0.slot == slot && !$0.reference.path.isEmpty && !$0.isReachedOnlyWhenNotNull }
      .map(\.reference).sorted { $0.offset < $1.offset }
  }
}
