/// The codes of what the static checks find; they never change their meaning.
public enum CheckCode: String, Sendable, CaseIterable {
  /// Nothing that can happen enters the state.
  case stateUnreachable = "state.unreachable"
  /// Nothing that can happen enters a final state.
  case finalUnreachable = "final.unreachable"
  /// A state is not final, and neither message nor time leads out of it.
  case stateDeadEnd = "state.dead-end"
  /// From these states no final state can be reached.
  case stateEndless = "state.endless"
  /// Only messages lead out of the state; neither it nor its role has an `after`.
  case stateNoTimeout = "state.no-timeout"
  /// A step waits for a message without `timeout`, and no `after` ends the wait.
  case stepNoTimeout = "step.no-timeout"
  /// An instance can go round these states without waiting for anything.
  case loopUnbounded = "loop.unbounded"
  /// The last of the alternatives has a `when`, so that it can be that none holds.
  case guardUncovered = "guard.uncovered"
  /// An alternative is never taken: one before it always holds, or its own `when` never does.
  case transitionUnreachable = "transition.unreachable"
  /// A step or a branch never runs: what is before it always fails, or always holds.
  case stepUnreachable = "step.unreachable"
  /// Every reply that a call names is a failure or a repetition.
  case stepHopeless = "step.hopeless"
  /// Nothing in a `try` can fail.
  case tryUseless = "try.useless"
  /// A type is taken and not declared under `messages`.
  case messageUndeclared = "message.undeclared"
  /// A type is taken, and its declaration has no `key`.
  case messageKeyless = "message.keyless"
  /// A type is declared, and nothing takes or sends it.
  case messageUnused = "message.unused"
  /// In a cycle, a state does not take a type that another state of the cycle takes.
  case messageAmbiguous = "message.ambiguous"
  /// A message leads round a cycle, and no `when` tells an old one from a new one.
  case messageUnguarded = "message.unguarded"
  /// A type is found by a further key that no transition or reply of the role records.
  case keyNeverCorrelated = "key.never-correlated"
  /// A type that starts an instance is found by a further key.
  case keyOfStart = "key.start"
  /// A further key is recorded, and no message is found by it.
  case correlateUnused = "correlate.unused"
  /// A type under `defer`, `ignore` or `reject` is handled here anyway, is taken nowhere, or can never be taken later.
  case handlingUseless = "handling.useless"
  /// A state goes on only with events that no role publishes, or a name is almost that of an event which nobody takes.
  case eventUnpublished = "event.unpublished"
  /// An event says how it finds its instance (`missing`, or a further key), and no role takes it.
  case eventUnhandled = "event.unhandled"
  /// A message is parked for longer than ids are remembered.
  case retentionShort = "retention.short"
  /// A pivot stands inside `parallel`, `forEach` or `try`.
  case pivotNested = "pivot.nested"
  /// On some way the pivot has been passed before this one.
  case pivotSecond = "pivot.second"
  /// A step behind the pivot can fail.
  case pivotFailure = "pivot.failure"
  /// A step behind the pivot, or the pivot itself, has an `undo`.
  case pivotCompensatable = "pivot.compensatable"
  /// A `goto` without `compensate` leads out of a state one of whose steps is the pivot.
  case pivotLeft = "pivot.left"
  /// A call before the pivot says nothing of its undo.
  case undoMissing = "undo.missing"
  /// An undo reads a field of `data` that may be missing when it is owed. Where only the call's own reply sets it, it is an
  /// error.
  case undoUnset = "undo.unset"
  /// The call of an undo names no reply.
  case undoUnconfirmed = "undo.unconfirmed"
  /// A `publish` step before the pivot has no `undo`.
  case publishUndo = "publish.undo"
  /// A transition without `compensate` enters a compensated end while earlier steps are owed an undo.
  case finalOwed = "final.owed"
  /// An expression reads a field of `data` that has no default and is not set on every way to it. Never set at all is an error.
  case dataUnset = "data.unset"
  /// An expression gives a value of a kind that the schema of where it goes never takes.
  case valueType = "value.type"
  /// The steps, with all attempts and the pauses between them, can take longer than a deadline around them.
  case deadlineShort = "deadline.short"
  /// An `after` never fires: another one, of the state or the role, always leaves the state before.
  case timerUnreachable = "timer.unreachable"
  /// All roles together come to a point where nothing moves, no timer is armed, and some role has not ended.
  case composedDeadlock = "composed.deadlock"
  /// An event comes to a role of which no instance takes it.
  case composedNoReceiver = "composed.no-receiver"
  /// On some way one role ends completed and another compensated.
  case composedSplitEnd = "composed.split-end"
  /// A role gives up when a timer fires, and no other role takes what it publishes.
  case composedSilentTimer = "composed.silent-timer"
  /// An event that tells of a failure comes to a role that has completed.
  case composedAbsorbed = "composed.absorbed-failure"
  /// The roles together have more configurations than are looked at (`CheckLimits.maximumConfigurations`).
  case composedLimit = "composed.limit"

  /// An error where an instance could not work, hang for ever or lose something; a warning for what looks like a slip.
  public var severity: Diagnostic.Severity {
    switch self {
    case .finalUnreachable, .stateDeadEnd, .stateEndless, .loopUnbounded, .stepHopeless, .messageUndeclared,
      .messageKeyless, .messageAmbiguous, .keyNeverCorrelated, .keyOfStart, .pivotNested, .pivotSecond, .pivotFailure,
      .pivotCompensatable, .publishUndo, .finalOwed, .valueType, .composedDeadlock, .composedSplitEnd,
      .composedSilentTimer,
      .composedAbsorbed:
      .error
    case .stateUnreachable, .stateNoTimeout, .stepNoTimeout, .guardUncovered, .transitionUnreachable, .stepUnreachable,
      .tryUseless, .messageUnused, .messageUnguarded, .correlateUnused, .handlingUseless, .eventUnpublished,
      .eventUnhandled, .retentionShort, .pivotLeft, .undoMissing, .undoUnset, .undoUnconfirmed, .dataUnset,
      .deadlineShort, .timerUnreachable, .composedNoReceiver, .composedLimit:
      .warning
    }
  }
}
