/// One line of an instance's history: what the machine did, in the definition's own names.
public enum Fact: Sendable, Hashable {
  case started(type: String)
  case entered(state: String)
  /// A transition without `goto`.
  case handled(type: String)
  case called(step: String, attempt: Int64, type: String)
  case waiting(step: String)
  case replied(step: String, type: String)
  case timedOut(step: String, attempt: Int64)
  case retrying(step: String, attempt: Int64, delayMilliseconds: Int64)
  case again(step: String, visit: Int64, delayMilliseconds: Int64)
  /// A step's participant said no, or the step ended without an answer.
  case stepFailed(step: String, kind: FailureKind, reason: String)
  case published(type: String)
  case chose(step: String, branch: Int64)
  case caught(step: String)
  case compensating(kind: FailureKind, reason: String)
  case undoing(step: String, attempt: Int64, type: String)
  case undone(step: String)
  case pivoted(step: String)
  case timerFired(name: String)
  case stuck(step: String, reason: String)
  case operated(verb: String, by: String, reason: String)
  case deferred(type: String)
  case late(type: String)
  /// Recorded while it could not act: a cancel or deadline during compensation, a failure after the first.
  case noted(text: String)
  case closed(status: InstanceStatus)
  /// A message went to the dead letters; the instance stayed in this state.
  case refused(state: String)
  /// The instance goes on under another version of its definition.
  case migrated(from: Int64, to: Int64)
}
