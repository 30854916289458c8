/// One role of a choreography, or the whole of an orchestration.
public struct RoleDefinition: Sendable {
  /// The role's name; empty for an orchestration.
  public var name: String
  /// Where the role begins.
  public var position: SourcePosition
  /// What the definition says about it, for people.
  public var description: String?
  /// Message types that create an instance.
  public var start: [Handler] = []
  /// Message types taken in every open state.
  public var on: [Handler] = []
  /// Counted from the start of the instance.
  public var after: [AfterDefinition] = []
  /// The states, in the order of the file.
  public var states: [StateDefinition] = []
  /// How long calls in flight are awaited when compensation begins.
  public var settle: Delay?
  /// What the role says of types in states that do not say it themselves.
  public var declared = DeclaredHandling()
}

/// What a state or role says about types that it does not handle now: `defer`, `ignore`, `reject`.
public struct DeclaredHandling: Sendable {
  /// Kept for a later state (`defer`).
  public var deferred: [Located<String>] = []
  /// Acknowledged without effect (`ignore`).
  public var ignored: [Located<String>] = []
  /// Sent to the dead letters (`reject`).
  public var rejected: [Located<String>] = []
  /// Nothing is said.
  public init() {}
}

/// A message type and the transitions tried for it, in order.
public struct Handler: Sendable {
  /// The message type.
  public var type: String
  /// Where the entry begins.
  public var position: SourcePosition
  /// Tried in order; the first whose `when` holds is taken.
  public var transitions: [TransitionDefinition]
}

/// A delay and the transitions tried when it is over.
public struct AfterDefinition: Sendable {
  /// Counted from entering the state, or from the start of the instance.
  public var delay: Delay
  /// Tried in order when the time is over.
  public var transitions: [TransitionDefinition]
}

/// A state of a role: what it does, what leads out of it, or how the instance ends.
public struct StateDefinition: Sendable {
  /// How an instance ends that comes here.
  public enum Final: String, Sendable, CaseIterable {
    /// With what it was begun for.
    case completed
    /// With everything undone.
    case compensated
  }
  /// The state's name.
  public var name: String
  /// Where the state begins.
  public var position: SourcePosition
  /// What the definition says about it, for people.
  public var description: String?
  /// Message types taken here.
  public var on: [Handler] = []
  /// What happens when nothing else has for so long.
  public var after: [AfterDefinition] = []
  /// The `do`; nil when the state has none.
  public var steps: [StepDefinition]?
  /// Taken when the `do` has ended well.
  public var done: TransitionDefinition?
  /// Taken when the `do` has failed and what it did is undone.
  public var failed: TransitionDefinition?
  /// Set for a final state.
  public var final: Final?
  /// What the state says of types it does not handle.
  public var declared = DeclaredHandling()
}

/// What happens on a message, on a timer or at the end of a `do`.
public struct TransitionDefinition: Sendable {
  /// Where it begins.
  public var position: SourcePosition
  /// Must hold for the transition to be taken; nil always does.
  public var when: ExpressionSource?
  /// New values of the instance's data.
  public var set: [TemplateMember] = []
  /// Further values that the instance answers to from now on.
  public var correlate: [TemplateMember] = []
  /// The reason, when the transition compensates.
  public var compensate: ExpressionSource?
  /// From here only forward: nothing done until now will be undone.
  public var isPivot = false
  /// Events, by type, with their payloads.
  public var publish: [TemplateMember] = []
  /// The next state; nil stays.
  public var goto: Located<String>?
}
