#if SAGA_MUTANTS
  /// A deliberate bug of the engine. One may be switched on for a whole process; a simulation that does not notice it has
  /// a hole in its oracles.
  ///
  /// Compiled in only where the environment variable `SAGA_MUTANTS` is set for the build: no shipped build has any.
  /// Mutation analysis as a measure of tests goes back to DeMillo, Lipton and Sayward, "Hints on Test Data Selection"
  /// (1978).
  package enum Mutant: String, Sendable, CaseIterable {
    // What the machine decides: success, failure, unknown.
    case unknownTakenForRefused
    case refusedTakenForUnknown
    case lateSuccessIgnored
    case lateSuccessOwedEveryTime
    case correlationIgnored
    case failureOverwritten
    case finalStateHandles
    case compensatedCountsAsCompleted
    case retryWithoutLimit
    case lastAlternativeTaken
    case lastReplyTaken
    case lastBranchTaken
    case setSeesNewData

    // Compensation.
    case undoOrderReversed
    case earlierStatesUndoneFirst
    case undosNotAwaited
    case undoTimeoutTakenForDone
    case publishedBeforeUndone
    case settleSkipped
    case earlierStepsOweNothing
    case otherBranchesOweNothing
    case tryOwesNothing
    case gotoForgetsOpenCalls
    case operatorCancelLost

    // The pivot.
    case pivotIgnoredByCancel
    case pivotForgotten
    case pivotGivenUp
    case pivotLeftBehind

    // Identity.
    case keyIncludesAttempt
    case undoKeyEqualsActionKey
    case loopIndexNotInKey

    // Timers and time.
    case timerNotCancelled
    case timersEarly
    case stateTimersNotArmed
    case deadlineNotArmed
    case pausedTimersFire
    case deadlinesWhileCompensating
    case timersForgottenAtRecovery
    case clockGoesBack
    case clockRunsAhead
    case leftoversNotArmedAgain
    case putOffForYears
    case clockAheadForgotten
    case keysUnchecked
    case timeoutsHalved
    case timeoutsDoubled
    case aftersDoubled
    case firedTimerStays
    case backoffFarTooLong
    case backoffWithoutFactor

    // Messages that wait.
    case deferredDropped
    case deferredNewestFirst
    case cascadeCutShort
    case cascadeForgottenAtRecovery
    case parkedForgottenAtRecovery
    case expiredDroppedSilently

    // Duplicates and dead letters.
    case inboxSkipped
    case spilledIDsForgotten
    case seenForgottenAtRecovery
    case conflictAcknowledged
    case deadLettersForgottenAtRecovery
    case replayNotResolved

    // Keys and definitions.
    case keysCollide
    case birthWithoutKey
    case correlationNotStored
    case correlationTakenOver
    case idsNotInherited
    case movedToNewestDefinition
    case moveNotWritten
    case moveForgetsTimers

    // The journal.
    case patchAgainstOldBase
    case foldAheadOfInstances
    case timerRowsSkippedAtRecovery
    case zombieMayWrite
    case acknowledgedBeforeCommit
    case sweptBeforeFolded
    case sweptBeforeConfirmed

    // Commits that are joined.
    case toldBeforeDurable
    case sentBeforeDurable
    case transactionTornApart

    // The outbox.
    case outboxBesideCommit
    case rowSendsOnlyItsFirst
    case idOfTheMoment
    case cursorAheadOfConfirmed
    case heldForgottenAtRecovery
    case keyOrderBroken
    case handedOutTakenForSent
    case everyLaneStops
    case localPassedUntaken
  }

  extension Mutant {
    /// The one of this process: `--mutant NAME` on its command line. Set once, before anything is decided.
    package static let active: Mutant? = {
      let arguments = CommandLine.arguments
      guard let flag = arguments.firstIndex(of: "--mutant"), flag + 1 < arguments.count else { return nil }
      return Mutant(rawValue: arguments[flag + 1])
    }()

    /// Whether a mutant is switched on.
    package static func `is`(_ mutant: Mutant) -> Bool { active == mutant }
  }
#endif
