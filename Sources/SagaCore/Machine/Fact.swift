/// One line of an instance's history: what the machine did, in the definition's own names.
public enum Fact: Sendable, Hashable {
  /// The instance began with a message of this type.
  case started(type: String)
  /// A state was entered.
  case entered(state: String)
  /// A transition without `goto`.
  case handled(type: String)
  /// A command was sent: the first time or again.
  case called(step: String, attempt: Int64, type: String)
  /// A step without a command waits.
  case waiting(step: String)
  /// A step's wait ended with a message of this type.
  case replied(step: String, type: String)
  /// An attempt got no answer in time.
  case timedOut(step: String, attempt: Int64)
  /// The next attempt follows after this time, in milliseconds.
  case retrying(step: String, attempt: Int64, delayMilliseconds: Int64)
  /// The participant asked to be called again after this time, in milliseconds.
  case again(step: String, visit: Int64, delayMilliseconds: Int64)
  /// A step's participant said no, or the step ended without an answer.
  case stepFailed(step: String, kind: FailureKind, reason: String)
  /// An event was published.
  case published(type: String)
  /// `choose` took the branch with this index, from 0.
  case chose(step: String, branch: Int64)
  /// `try` caught a failure: its `catch` runs.
  case caught(step: String)
  /// What was done is being undone from here on, and why.
  case compensating(kind: FailureKind, reason: String)
  /// The command of an undo was sent: the first time or again.
  case undoing(step: String, attempt: Int64, type: String)
  /// An undo was answered.
  case undone(step: String)
  /// From here only forward.
  case pivoted(step: String)
  /// A timer led somewhere.
  case timerFired(name: String)
  /// The instance cannot go on without an operator.
  case stuck(step: String, reason: String)
  /// An operator acted.
  case operated(verb: String, by: String, reason: String)
  /// A message was kept for later.
  case deferred(type: String)
  /// A message came too late to have an effect.
  case late(type: String)
  /// Recorded while it could not act: a cancel or deadline during compensation, a failure after the first.
  case noted(text: String)
  /// The instance has ended.
  case closed(status: InstanceStatus)
  /// A message went to the dead letters; the instance stayed in this state.
  case refused(state: String)
  /// The instance goes on under another version of its definition.
  case migrated(from: Int64, to: Int64)
}
