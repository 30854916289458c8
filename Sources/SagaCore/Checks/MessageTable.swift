/// What becomes of every message type in every state of a role: total, derived from the definition.
public struct MessageTable: Sendable, Hashable {
  /// What becomes of a message of a type in a state.
  public enum Outcome: String, Sendable, Hashable, CaseIterable {
    /// The state, its steps or the role take it; where guards decide, `otherwise` says what becomes of it if none holds.
    case handled
    /// Kept for a state that can still be entered.
    case deferred
    /// Acknowledged without effect: only what has been left took it, or the definition ignores it here.
    case late
    /// No state of the role names the type.
    case foreign
    /// A dead letter.
    case rejected
  }

  /// One type in one state.
  public struct Row: Sendable, Hashable {
    /// The state's name, as the definition gives it.
    public var state: String
    /// The message type.
    public var type: String
    /// What becomes of it, or of it first.
    public var outcome: Outcome
    /// When no guard holds, or when the step that takes it is not open; nil where that cannot be.
    public var otherwise: Outcome?
    /// The state or the role says so under `defer`, `ignore` or `reject`.
    public var isDeclared: Bool
  }

  /// The role's name; empty for an orchestration.
  public var role: String
  /// By state in the order of the definition, then by type in the order of their names.
  public var rows: [Row]

  /// - Parameters:
  ///   - machine: the role.
  ///   - more: further types to tell of, such as those of the other roles.
  public init(_ machine: Machine, types more: [String] = []) {
    role = machine.identity.role
    let model = machine.model
    var declared = Set(model.handling.keys)
    for state in model.states { declared.formUnion(state.handling.keys) }
    let types = declared.union(model.takers.keys).union(model.messages.keys).union(more).sorted()
    rows = model.states.flatMap { state in types.map { model.row(state, $0) } }
  }
}

extension MachineModel {
  fileprivate func row(_ state: StateModel, _ type: String) -> MessageTable.Row {
    func row(_ outcome: MessageTable.Outcome, otherwise: MessageTable.Outcome? = nil, isDeclared: Bool = false)
      -> MessageTable.Row
    {
      MessageTable.Row(state: state.name, type: type, outcome: outcome, otherwise: otherwise, isDeclared: isDeclared)
    }
    let declared = state.handling[type] ?? parts.handling[type]
    guard let taker = parts.takers[type] else { return row(.foreign) }
    if state.final != nil { return row(.late) }
    if taker.isOnlyRejected, declared == nil { return row(.foreign) }
    let isDeclared = declared != nil
    let rest = untaken(state, type)
    let candidates = (state.on[type] ?? []) + (parts.on[type] ?? [])
    if candidates.contains(where: { parts.transitions[$0].alwaysHolds }) { return row(.handled) }
    if !candidates.isEmpty || state.takes.contains(type) {
      return row(.handled, otherwise: rest, isDeclared: isDeclared)
    }
    return row(rest, isDeclared: isDeclared)
  }

  private func untaken(_ state: StateModel, _ type: String) -> MessageTable.Outcome {
    switch state.handling[type] ?? parts.handling[type] {
    case .deferred: return .deferred
    case .ignored: return .late
    case .rejected: return .rejected
    case nil: return state.reachable.contains { parts.states[$0].takes.contains(type) } ? .deferred : .late
    }
  }
}

extension TransitionModel {
  fileprivate var alwaysHolds: Bool {
    guard let when else { return true }
    if case .bool(true) = when.program.constantValue { return true }
    return false
  }
}
