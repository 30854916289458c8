/// The running part of a `do` block: one value per open node of the step tree.
public indirect enum Frame: Sendable, Hashable {
  /// Reached and not yet entered; stays so when entering it failed (`problem` says why: the instance is stuck there).
  case ready(node: Int, problem: String?)
  /// The step at `position` runs; `owed` is what those before it owe.
  case sequence(node: Int, position: Int, child: Frame, owed: [Owed])
  /// A call or wait is open.
  case call(Call)
  /// Elements run, the next one has index `next`; `owed` is what the finished ones owe.
  case forEach(node: Int, items: [JSON], next: Int, active: [IndexedFrame], owed: [Owed])
  /// A finished branch is nil.
  case parallel(node: Int, branches: [Frame?], owed: [Owed])
  /// The branch with this index runs.
  case choose(node: Int, branch: Int, child: Frame)
  /// The steps of a `try` run.
  case attempt(node: Int, child: Frame)
  /// A step in the `try` failed: what it owes is being undone.
  case recovering(node: Int, tree: Owed, failure: Failure?)
  /// `failure` is what `saga.failure` is in here: several may be dealt with side by side.
  case catching(node: Int, child: Frame, failure: Failure?)
  /// The whole block is done; only its `done` transition has not been taken yet.
  case finished(owed: [Owed], problem: String?)
}

/// The running steps of one element of a `forEach`.
public struct IndexedFrame: Sendable, Hashable {
  /// The element's index, from 0.
  public var index: Int
  /// What runs for it.
  public var frame: Frame
}

/// An open call, wait or undo.
public struct Call: Sendable, Hashable {
  /// How far a call is.
  public enum Phase: Sendable, Hashable {
    /// The current attempt is out.
    case waiting
    /// The attempt failed in transit; the next one goes out when the timer fires.
    case backingOff
    /// The participant asked to be called again later.
    case repeating
    /// Compensation has begun: no further attempt, an answer is still awaited.
    case settling
    /// Answered with success; the frame is about to be left.
    case answered(CloudEvent)
    /// Failed for good. `isUnknown`: the participant may have acted.
    case failed(Failure, isUnknown: Bool)
    /// An undo that cannot go on without an operator, or a step after the pivot that failed.
    case stuck(String)
  }
  /// Unique in the instance; names the call's timer.
  public var number: Int64
  /// The call's place among the machine's nodes.
  public var node: Int
  /// `forEach` positions from the outside in.
  public var indexes: [Int]
  /// The element of the innermost `forEach`; nil outside of one.
  public var item: JSON?
  /// The state visit and the `again` count, which make the idempotency key.
  public var visit: Int64
  /// How often the participant has asked to be called again.
  public var round: Int64
  /// Counts what was sent under this key, from 1.
  public var attempt: Int64
  /// Given to the participant: the same in every attempt.
  public var idempotencyKey: Hash128
  /// Earlier visits that were answered with `again` after an attempt had gone unanswered: that attempt may yet act.
  public var unsettled: [UnsettledVisit]
  /// An earlier attempt got no answer: a refusal now does not say that nothing was done.
  public var hasTimedOut: Bool
  /// How far it is.
  public var phase: Phase
}

/// A visit of a call whose outcome is unknown although a later one went on.
public struct UnsettledVisit: Sendable, Hashable {
  /// The value of `Call.round` then.
  public var round: Int64
  /// The idempotency key of that visit.
  public var key: Hash128
}

/// What must be undone, shaped like the step tree that owes it.
public indirect enum Owed: Sendable, Hashable {
  /// One action to undo.
  case undo(OwedUndo)
  /// Undone from the last to the first.
  case sequence([Owed])
  /// Undone side by side, at most `limit` at a time.
  case concurrent([Owed], limit: Int)
}

/// One owed undo, with what it was owed for.
public struct OwedUndo: Sendable, Hashable {
  /// How far an undo is.
  public enum Phase: Sendable, Hashable {
    /// The action's call is still in flight.
    case settling(Call)
    /// Not begun.
    case owed
    /// Its command is out.
    case undoing(Call)
    /// Its inputs cannot be computed; waits for an operator.
    case stuck(String)
  }
  /// The action's place among the machine's nodes.
  public var node: Int
  /// `forEach` positions of the action, from the outside in.
  public var indexes: [Int]
  /// The element of the innermost `forEach` of the action; nil outside of one.
  public var item: JSON?
  /// The state visit of the action.
  public var visit: Int64
  /// How often the action's participant had asked to be called again.
  public var round: Int64
  /// The idempotency key of the action, which the undo names (`undoes`).
  public var actionKey: Hash128
  /// The reply that completed the call; nil when the outcome is unknown, or when no expression of the undo reads it.
  public var event: CloudEvent?
  /// No reply says whether the action happened.
  public var isUnknown: Bool
  /// How often an undo for this action was begun before: a second one has a new key.
  public var repetition: Int64
  /// How far it is.
  public var phase: Phase
}

/// Compensation of the block or of the whole instance.
public struct Unwinding: Sendable, Hashable {
  /// What follows when everything is undone.
  public enum Continuation: Sendable, Hashable {
    /// The state's `failed` transition.
    case failed
    /// A transition with `compensate`; its payloads and `goto` follow with the event that caused it.
    case transition(TransitionReference, event: CloudEvent?)
    /// Cancelled by an operator: the compensated end with this index.
    case end(state: Int)
    /// A late success reopened a final instance: close it again as it was.
    case close(InstanceStatus)
  }
  /// What is still to undo.
  public var tree: Owed
  /// What follows.
  public var then: Continuation
  /// Why the continuation could not be taken; the instance is stuck there.
  public var problem: String?
}

/// Names a transition of the machine, stable for a definition version.
public struct TransitionReference: Sendable, Hashable {
  /// The transition's place among the machine's.
  public var index: Int
}

/// A way out of the state that waits for the pivot's outcome, or for a `do` to be undone.
public struct PendingExit: Sendable, Hashable {
  /// The transition that asked for it; nil for an operator's cancel.
  public var transition: TransitionReference?
  /// Why.
  public var failure: Failure
}
