#if SAGA_MUTANTS
  extension Mutant {
    /// What it breaks, in one line.
    package var breaks: String { description.breaks }
    /// The oracles that may notice it; which one does so first depends on the seed.
    package var oracle: String { description.oracle }
    /// The saga that it needs, where the plain order is not enough: `sagas/` or `Fixtures/definitions/simulated/`.
    package var saga: String? { description.saga }

    private var description: (breaks: String, oracle: String, saga: String?) {
      switch self {
      case .unknownTakenForRefused: ("a call that nobody answered owes no undo", "told-before-undone, atomicity", nil)
      case .refusedTakenForUnknown: ("a refused call is undone", "undo-of-nothing", nil)
      case .lateSuccessIgnored: ("a success that comes after the undo is not undone again", "late-success", nil)
      case .lateSuccessOwedEveryTime: ("every copy of a late success owes one more undo", "exactly-once", nil)
      case .correlationIgnored: ("a reply goes to the first open call that takes its type", "atomicity", nil)
      case .failureOverwritten: ("a later failure replaces the first", "first-failure", "two-failures")
      case .finalStateHandles: ("a saga that has ended takes a cancel", "told-before-undone, final", "try-and-go-on")
      case .compensatedCountsAsCompleted: ("a compensated end is recorded as completed", "atomicity, agreement", nil)
      case .retryWithoutLimit: ("attempts are not counted", "attempts", nil)
      case .lastAlternativeTaken:
        ("of several transitions that hold the last is taken", "transition", "alternatives")
      case .lastReplyTaken: ("of several alternatives of a reply the last is taken", "transition", "alternatives")
      case .lastBranchTaken: ("of several branches that hold the last is taken", "transition", "alternatives")
      case .setSeesNewData: ("what is set sees what was set before it", "transition", "alternatives")
      case .undoOrderReversed: ("undos run in the order of the actions", "undo-order", nil)
      case .earlierStatesUndoneFirst: ("what an earlier state owes is undone first", "undo-order", "two-stages")
      case .undosNotAwaited:
        ("the saga ends when its undos are sent, not when they are answered", "told-before-undone, atomicity", nil)
      case .undoTimeoutTakenForDone: ("an unanswered undo counts as done", "told-before-undone, atomicity", nil)
      case .publishedBeforeUndone:
        (
          "a compensating transition publishes before the undos are done", "settles, told-before-undone",
          "order-choreography"
        )
      case .settleSkipped: ("compensation does not wait for calls in flight", "settles-first", nil)
      case .earlierStepsOweNothing:
        ("a failing step forgets what the steps before it owe", "told-before-undone, atomicity", nil)
      case .otherBranchesOweNothing:
        ("a failing branch forgets what the others owe", "never-forgotten, settles, atomicity", nil)
      case .tryOwesNothing: ("a `try` that went well owes no undos", "told-before-undone, atomicity", "try-and-go-on")
      case .gotoForgetsOpenCalls:
        ("a `goto` forgets calls in flight", "told-before-undone, atomicity", "goto-while-calling")
      case .operatorCancelLost: ("an operator's cancel is acknowledged and not done", "operator", "try-and-go-on")
      case .pivotIgnoredByCancel: ("a cancel does not wait for the pivot's outcome", "atomicity", nil)
      case .pivotForgotten:
        ("what came before the pivot can still be undone after it", "undo-after-pivot", "after-pivot")
      case .pivotGivenUp: ("the pivot is given up after its attempts", "atomicity", nil)
      case .pivotLeftBehind:
        ("a plain goto leaves the pivot's outcome behind", "atomicity", "goto-at-pivot")
      case .keyIncludesAttempt: ("each attempt has its own idempotency key", "atomicity, exactly-once", nil)
      case .undoKeyEqualsActionKey: ("an undo has the idempotency key of its action", "one-key-one-call", nil)
      case .loopIndexNotInKey: ("all elements of a `forEach` share one idempotency key", "one-key-one-call", nil)
      case .timerNotCancelled: ("the timer of an answered call goes on", "never-forgotten, bounded-work", nil)
      case .timersEarly: ("timers fire five seconds early", "timer", nil)
      case .stateTimersNotArmed: ("the `after` of a state is not armed", "never-forgotten", "waiting")
      case .deadlineNotArmed: ("the deadline of the saga is not armed", "never-forgotten", "waiting")
      case .pausedTimersFire: ("timers of a paused saga fire", "timer", "try-and-go-on")
      case .deadlinesWhileCompensating:
        ("deadlines fire while the saga compensates", "told-before-undone, atomicity", nil)
      case .timersForgottenAtRecovery:
        ("timers of the journal's tail are not armed after a crash", "never-forgotten", nil)
      case .clockGoesBack: ("logical time follows a clock that goes back", "time", nil)
      case .clockRunsAhead: ("logical time is five seconds ahead of the clock", "time", nil)
      case .leftoversNotArmedAgain: ("timers that a clock ten years ahead had set wait for its time", "settles", nil)
      case .putOffForYears:
        ("what could not be sent while the clock was ten years ahead is tried again in ten years", "settles", nil)
      case .clockAheadForgotten:
        ("a restart does not know that the clock had been far ahead, once that is folded", "settles", nil)
      case .keysUnchecked: ("a key may be what no message could carry on", "outbox", "order-choreography")
      case .timeoutsHalved: ("a call is awaited for half of its timeout", "timer", nil)
      case .timeoutsDoubled: ("a call is awaited for twice its timeout", "timer", nil)
      case .aftersDoubled: ("an `after` takes twice as long", "timer", "waiting")
      case .firedTimerStays: ("an `after` that has fired stays armed", "timer", nil)
      case .backoffFarTooLong:
        ("the pauses between attempts are a million times as long", "settles", nil)
      case .backoffWithoutFactor: ("the pauses between attempts do not grow", "timer", nil)
      case .deferredDropped: ("a message that comes too early is dropped", "settles", "order-choreography")
      case .deferredNewestFirst: ("kept messages are offered newest first", "deferred-order", "early-messages")
      case .cascadeCutShort: ("kept messages beyond the cascade's limit are not offered", "kept", "early-messages")
      case .cascadeForgottenAtRecovery: ("a crash ends a cascade that was not done", "kept", "early-messages")
      case .parkedForgottenAtRecovery:
        ("parked messages are forgotten at a crash", "parked, settles", "order-choreography")
      case .expiredDroppedSilently: ("a parked message whose time is up leaves no dead letter", "nothing-lost", nil)
      case .inboxSkipped: ("a message is handled each time it comes", "duplicate", nil)
      case .spilledIDsForgotten: ("ids that left the instance's row are unknown", "duplicate", nil)
      case .seenForgottenAtRecovery: ("ids of the journal's tail are unknown after a crash", "duplicate", nil)
      case .conflictAcknowledged: ("a known id with another body counts as a duplicate", "conflict", nil)
      case .deadLettersForgottenAtRecovery: ("dead letters are unknown after a crash", "engine, duplicate", nil)
      case .replayNotResolved: ("a replayed dead letter stays unresolved", "replay", nil)
      case .keysCollide: ("keys with the same first character are one", "other-sagas", nil)
      case .birthWithoutKey: ("an instance starts and its key is not written", "duplicate, settles", nil)
      case .correlationNotStored: ("a correlated value is not written", "duplicate, nothing-lost, settles", "named-key")
      case .correlationTakenOver: ("a second instance takes over a correlated value", "correlation", "shared-number")
      case .idsNotInherited:
        ("the next owner of a correlated value does not know what the last one took", "duplicate", "named-key")
      case .moveNotWritten:
        ("the row of a migration does not say to which version", "version-pinning, history, engine, settles", nil)
      case .moveForgetsTimers: ("a migration drops the timers of open calls", "never-forgotten", nil)
      case .movedToNewestDefinition: ("an instance moves to the newest definition at a restart", "version-pinning", nil)
      case .patchAgainstOldBase:
        (
          "a row's patch is made against the last commit, not the row before",
          "acknowledged-implies-recovered, history", nil
        )
      case .foldAheadOfInstances:
        ("the folded position is moved before all instances are written", "engine, history", nil)
      case .timerRowsSkippedAtRecovery:
        ("rows of timers are not folded at recovery", "acknowledged-implies-recovered, history", nil)
      case .zombieMayWrite: ("the store takes rows of an engine that lost its shard", "journal", nil)
      case .acknowledgedBeforeCommit:
        ("messages are acknowledged though their commit failed", "duplicate, acknowledged-is-kept", nil)
      case .sweptBeforeFolded: ("a sweep takes rows of instances of which later ones are not folded", "engine", nil)
      case .sweptBeforeConfirmed: ("a sweep takes rows whose messages nobody has confirmed", "outbox", nil)
      case .toldBeforeDurable:
        ("messages are acknowledged when their commit is handed over", "durable-first", nil)
      case .sentBeforeDurable: ("messages are sent while their commit is on its way", "durable-first", nil)
      case .transactionTornApart:
        ("commits that are handed over together are transactions of their own", "whole-transactions", nil)
      case .outboxBesideCommit: ("messages are sent and not written with the decision", "outbox", nil)
      case .rowSendsOnlyItsFirst: ("of several messages of one row only the first is sent", "outbox", nil)
      case .idOfTheMoment: ("a message that is sent again after a crash has a new id", "outbox", nil)
      case .cursorAheadOfConfirmed: ("the outbox cursor passes messages nobody has confirmed", "outbox", nil)
      case .heldForgottenAtRecovery: ("messages that are held back are forgotten at a crash", "outbox", nil)
      case .handedOutTakenForSent:
        ("the outbox cursor passes messages that are under way", "outbox", "order-choreography")
      case .everyLaneStops: ("a destination that is down stops the lanes of all others", "lanes", nil)
      case .localPassedUntaken:
        (
          "the cursor of messages between roles of an engine passes what none has taken", "local, settles",
          "order-choreography"
        )
      case .keyOrderBroken: ("messages of one key overtake each other in the outbox", "outbox-order", nil)
      }
    }
  }
#endif
