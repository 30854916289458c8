/// The codes of what the static checks find; they never change their meaning.
public enum CheckCode: String, Sendable, CaseIterable {
  case stateUnreachable = "state.unreachable"
  case finalUnreachable = "final.unreachable"
  case stateDeadEnd = "state.dead-end"
  case stateEndless = "state.endless"
  case stateNoTimeout = "state.no-timeout"
  case stepNoTimeout = "step.no-timeout"
  case loopUnbounded = "loop.unbounded"
  case guardUncovered = "guard.uncovered"
  case transitionUnreachable = "transition.unreachable"
  case stepUnreachable = "step.unreachable"
  case stepHopeless = "step.hopeless"
  case tryUseless = "try.useless"
  case messageUndeclared = "message.undeclared"
  case messageKeyless = "message.keyless"
  case messageUnused = "message.unused"
  case messageAmbiguous = "message.ambiguous"
  case messageUnguarded = "message.unguarded"
  case keyNeverCorrelated = "key.never-correlated"
  case keyOfStart = "key.start"
  case correlateUnused = "correlate.unused"
  case handlingUseless = "handling.useless"
  case eventUnpublished = "event.unpublished"
  case eventUnhandled = "event.unhandled"
  case retentionShort = "retention.short"
  case pivotNested = "pivot.nested"
  case pivotSecond = "pivot.second"
  case pivotFailure = "pivot.failure"
  case pivotCompensatable = "pivot.compensatable"
  case undoMissing = "undo.missing"
  case undoUnset = "undo.unset"
  case undoUnconfirmed = "undo.unconfirmed"
  case publishUndo = "publish.undo"
  case finalOwed = "final.owed"
  case dataUnset = "data.unset"
  case deadlineShort = "deadline.short"
  case timerUnreachable = "timer.unreachable"
  case composedDeadlock = "composed.deadlock"
  case composedNoReceiver = "composed.no-receiver"
  case composedSplitEnd = "composed.split-end"
  case composedSilentTimer = "composed.silent-timer"
  case composedAbsorbed = "composed.absorbed-failure"
  case composedLimit = "composed.limit"

  /// An error where an instance could not work, hang for ever or lose something; a warning for what looks like a slip.
  public var severity: Diagnostic.Severity {
    switch self {
    case .finalUnreachable, .stateDeadEnd, .stateEndless, .loopUnbounded, .stepHopeless, .messageUndeclared,
      .messageKeyless, .messageAmbiguous, .keyNeverCorrelated, .keyOfStart, .pivotNested, .pivotSecond, .pivotFailure,
      .pivotCompensatable, .publishUndo, .finalOwed, .composedDeadlock, .composedSplitEnd, .composedSilentTimer,
      .composedAbsorbed:
      .error
    case .stateUnreachable, .stateNoTimeout, .stepNoTimeout, .guardUncovered, .transitionUnreachable, .stepUnreachable,
      .tryUseless, .messageUnused, .messageUnguarded, .correlateUnused, .handlingUseless, .eventUnpublished,
      .eventUnhandled, .retentionShort, .undoMissing, .undoUnset, .undoUnconfirmed, .dataUnset, .deadlineShort,
      .timerUnreachable, .composedNoReceiver, .composedLimit:
      .warning
    }
  }
}
