import SagaCore

/// What a handler is told of a command beside its payload.
public struct CommandContext: Sendable {
  /// The command as it came.
  public var command: CloudEvent
  /// Who is asked: the step's `to`.
  public var destination: String
  /// The same in every attempt of a call: give it to whatever you call in turn.
  public var idempotencyKey: String
  /// The idempotency key of the action that an undo undoes; nil for an action.
  public var undoes: String?
  /// What is known of that action. For an action `.done` never, and `.unknown` when an earlier run of it did not come to its end
  /// and may have had its effect.
  public var action: KnownAction
  /// Counts the attempts of the call from 1.
  public var attempt: Int64
  /// When the sender stops waiting for the answer; the handler's task is cancelled then.
  public var deadline: Timestamp?

  /// What a participant knows of an action.
  public enum KnownAction: Sendable, Hashable {
    /// It never began.
    case none
    /// It began and did not come to its end: its effect may be there or not.
    case unknown
    /// It was done, with this reply.
    case done(type: String, data: JSON)
    /// It was declined, with this reply: nothing was done.
    case declined(type: String, data: JSON)
  }
}

/// What became of a command at a participant; durable when it is returned.
public enum CommandOutcome: Sendable, Hashable {
  /// Done or declined now; the reply is in the outbox.
  case answered(type: String)
  /// Done before: the same reply is in the outbox again.
  case repeated(type: String)
  /// Its undo came first; it was refused without an effect.
  case refusedByUndo
}
