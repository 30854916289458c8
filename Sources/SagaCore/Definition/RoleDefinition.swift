/// One role of a choreography, or the whole of an orchestration.
public struct RoleDefinition: Sendable {
  public var name: String
  public var position: SourcePosition
  public var description: String?
  public var start: [Handler] = []
  public var on: [Handler] = []
  /// Counted from the start of the instance.
  public var after: [AfterDefinition] = []
  public var states: [StateDefinition] = []
  /// How long calls in flight are awaited when compensation begins.
  public var settle: Delay?
  public var declared = DeclaredHandling()
}

/// What a state or role says about types that it does not handle now: `defer`, `ignore`, `reject`.
public struct DeclaredHandling: Sendable {
  public var deferred: [Located<String>] = []
  public var ignored: [Located<String>] = []
  public var rejected: [Located<String>] = []
  public init() {}
}

/// A message type and the transitions tried for it, in order.
public struct Handler: Sendable {
  public var type: String
  public var position: SourcePosition
  public var transitions: [TransitionDefinition]
}

/// A delay and the transitions tried when it is over.
public struct AfterDefinition: Sendable {
  public var delay: Delay
  public var transitions: [TransitionDefinition]
}

public struct StateDefinition: Sendable {
  public enum Final: String, Sendable, CaseIterable { case completed, compensated }
  public var name: String
  public var position: SourcePosition
  public var description: String?
  public var on: [Handler] = []
  public var after: [AfterDefinition] = []
  /// The `do`; nil when the state has none.
  public var steps: [StepDefinition]?
  public var done: TransitionDefinition?
  public var failed: TransitionDefinition?
  public var final: Final?
  public var declared = DeclaredHandling()
}

public struct TransitionDefinition: Sendable {
  public var position: SourcePosition
  public var when: ExpressionSource?
  public var set: [TemplateMember] = []
  public var correlate: [TemplateMember] = []
  /// The reason, when the transition compensates.
  public var compensate: ExpressionSource?
  public var isPivot = false
  public var publish: [TemplateMember] = []
  public var goto: Located<String>?
}
