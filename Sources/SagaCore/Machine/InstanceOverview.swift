/// A call, wait or undo that an instance waits for, in the definition's own names.
public struct OpenCallOverview: Sendable, Hashable {
  /// Why a call is open.
  public enum Role: String, Sendable, Hashable {
    /// A step goes forward.
    case action
    /// In flight when compensation began: an answer is awaited, no further attempt is made.
    case settling
    /// A step is undone.
    case undo
  }
  /// With `forEach` positions: `reserve[2]`.
  public var step: String
  /// Whether it does or undoes.
  public var role: Role
  /// The command's type; nil for a step that only waits.
  public var command: String?
  /// The participant; nil for a step that only waits.
  public var destination: String?
  /// `waiting`, `backing off`, `repeating`, `settling`, `answered`, `failed`, `stuck`.
  public var phase: String
  /// Why it failed or is stuck.
  public var reason: String?
  /// The attempt that is out, from 1.
  public var attempt: Int64
  /// How many there may be.
  public var attempts: Int64
  /// What the participant recognises the call by.
  public var idempotencyKey: Hash128
  /// When its timer fires: the timeout of the attempt, or the next one.
  public var due: Timestamp?
}

/// An undo that an instance owes.
public struct OwedUndoOverview: Sendable, Hashable {
  /// The action's step, with `forEach` positions.
  public var step: String
  /// The undo's command; nil for one that publishes.
  public var command: String?
  /// No reply says whether the action happened.
  public var isUnknown: Bool
  /// `owed`, `settling`, `undoing`, `stuck`.
  public var phase: String
  /// Why it is stuck.
  public var reason: String?
}

extension Machine {
  /// What the instance waits for, in the order of the step tree.
  public func openCalls(of instance: Instance) -> [OpenCallOverview] {
    instance.openCalls.map { open in
      let call = open.call
      let timer = instance.timers.first { $0.name == .call(call.number) }
      let callModel = model.call(of: call.node, isUndo: open.role == .undo)
      let (phase, reason) = describe(call.phase)
      return OpenCallOverview(
        step: stepName(call.node, call.indexes), role: open.role.overview, command: callModel?.command?.type,
        destination: callModel?.command?.destination, phase: phase, reason: reason, attempt: call.attempt,
        attempts: callModel?.retry.attempts ?? 1, idempotencyKey: call.idempotencyKey, due: timer?.due)
    }
  }

  /// What would be undone, or is being, in no promised order: sequences are undone from the last.
  public func owedUndos(of instance: Instance) -> [OwedUndoOverview] {
    (instance.allOwed + instance.repairs).map { undo in
      var reason: String?
      let phase: String
      switch undo.phase {
      case .owed: phase = "owed"
      case .settling: phase = "settling"
      case .undoing: phase = "undoing"
      case .stuck(let why):
        phase = "stuck"
        reason = why
      }
      return OwedUndoOverview(
        step: stepName(undo.node, undo.indexes), command: model.call(of: undo.node, isUndo: true)?.command?.type,
        isUnknown: undo.isUnknown, phase: phase, reason: reason)
    }
  }

  /// What an operator has to look at; nil when nothing is stuck.
  public func problem(of instance: Instance) -> (step: String, reason: String)? {
    instance.status == .stuck ? instance.problem(model) : nil
  }

  private func stepName(_ node: Int, _ indexes: [Int]) -> String {
    model.nodes[node].name + indexes.map { "[\($0)]" }.joined()
  }

  private func describe(_ phase: Call.Phase) -> (phase: String, reason: String?) {
    switch phase {
    case .waiting: ("waiting", nil)
    case .backingOff: ("backing off", nil)
    case .repeating: ("repeating", nil)
    case .settling: ("settling", nil)
    case .answered: ("answered", nil)
    case .failed(let failure, _): ("failed", failure.reason)
    case .stuck(let reason): ("stuck", reason)
    }
  }
}

extension CallRole {
  fileprivate var overview: OpenCallOverview.Role {
    switch self {
    case .action: .action
    case .settling: .settling
    case .undo: .undo
    }
  }
}
