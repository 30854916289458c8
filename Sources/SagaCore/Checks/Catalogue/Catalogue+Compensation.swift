extension DiagnosticCatalogue {
  /// Undos and the point of no return.
  static let compensation: [Entry] = [
    Entry(
      .pivotNested, "A pivot stands inside `parallel`, `forEach` or `try`.",
      reason: "what runs beside it could still fail, and would have to be undone when nothing can be undone.",
      example: "`{ \"parallel\": [ [ { \"step\": \"ship\", \"pivot\": true, … } ], […] ] }`",
      mend: "put it behind, on its own"),
    Entry(
      .pivotSecond, "On some way the pivot has been passed before this one.",
      reason: "there is one point of no return; the second promises a way back that is gone.",
      example: "two steps with `\"pivot\": true` in a row",
      mend: "remove `pivot` from the step that can be repeated until it succeeds"),
    Entry(
      .pivotFailure, "A step behind the pivot can fail.",
      reason: "nothing can be undone any more: the instance would be stuck until an operator acts.",
      example: "`\"Refused\": { \"fail\": \"'no'\" }` in a step behind the pivot",
      mend: "`\"Refused\": { \"again\": \"1h\" }`, or put it before"),
    Entry(
      .pivotCompensatable, "A step behind the pivot, or the pivot itself, has an `undo`.",
      reason: "it never runs, and somebody counts on it.",
      example: "`{ \"step\": \"ship\", \"pivot\": true, \"undo\": {…} }`",
      mend: "remove the `undo`, or put the step before the pivot"),
    Entry(
      .pivotLeft, "A `goto` without `compensate` leads out of a state one of whose steps is the pivot.",
      reason:
        "while the pivot is under way nobody knows whether there is a way back, so the message or the time waits for its outcome, and by then `done` or `failed` may have led on.",
      example: "`\"on\": { \"Told\": { \"goto\": \"next\" } }` beside a `do` with a step that is `\"pivot\": true`",
      mend: "leave by `done` or `failed`, or give it a `compensate`"),
    Entry(
      .undoMissing, "A call before the pivot says nothing of its undo.",
      reason: "when its outcome stays unknown, or a later step fails, its effect stays.",
      example: "`{ \"step\": \"reserve\", \"call\": \"Reserve\", … }`",
      mend: "`\"undo\": { \"call\": \"Release\", … }`, or `\"undo\": \"none\"` for what has no effect"),
    Entry(
      .undoUnset,
      "An undo reads a field of `data` that may be missing when it is owed. Where only the call's own reply sets it, it is an error.",
      reason: "when the outcome is unknown no reply has set anything, and the undo is stuck.",
      example: "`\"with\": { \"paymentId\": \"data.paymentId\" }`, set by the reply `Charged`",
      mend: "`\"paymentId\": \"event != null ? event.data.paymentId : ''\"`"),
    Entry(
      .undoUnconfirmed, "The call of an undo names no reply.",
      reason: "the saga says that all is undone while the command may still be on its way.",
      example: "`\"undo\": { \"call\": \"Refund\", \"to\": \"payments\" }`", mend: "`\"reply\": { \"Refunded\": {} }`"),
    Entry(
      .publishUndo, "A `publish` step before the pivot has no `undo`.",
      reason: "others act on the event, and nothing tells them when the saga fails later.",
      example: "`{ \"publish\": { \"OrderAccepted\": {…} } }`",
      mend: "`\"undo\": { \"publish\": { \"OrderWithdrawn\": {…} } }`, or `\"undo\": \"none\"`"),
    Entry(
      .finalOwed, "A transition without `compensate` enters a compensated end while earlier steps are owed an undo.",
      reason: "the instance says that all has been undone, and nothing was.",
      example: "`\"Rejected\": { \"goto\": \"refunded\" }` behind a charge",
      mend: "`\"Rejected\": { \"compensate\": \"'rejected'\", \"goto\": \"refunded\" }`"),
  ]

  /// What goes wrong between roles; each finding comes with the events that lead to it.
  static let composed: [Entry] = [
    Entry(
      .composedDeadlock,
      "All roles together come to a point where nothing moves, no timer is armed, and some role has not ended.",
      reason: "it waits for ever for an event that nobody sends on this way.",
      example: "one role fails without a word, and another waits for its success only",
      mend: "publish the failure and handle it, or add an `after`"),
    Entry(
      .composedNoReceiver, "An event comes to a role of which no instance takes it.",
      reason: "it is parked, becomes a dead letter, and hides the dead letters that matter.",
      example: "a failure that also goes to a role which has not begun on this way",
      mend: "`\"missing\": \"ignore\"` where this is normal"),
    Entry(
      .composedSplitEnd, "On some way one role ends completed and another compensated.",
      reason: "the goods are sent and the money is given back, or the other way round.",
      example: "`orders` ends on `PaymentCharged`, and `inventory` rejects later",
      mend: "let no role end before the outcome is settled"),
    Entry(
      .composedSilentTimer, "A role gives up when a timer fires, and no other role takes what it publishes.",
      reason: "the others complete, or wait for ever.",
      example: "`\"after\": { \"7d\": { \"compensate\": …, \"goto\": \"released\" } }`",
      mend: "publish an event there, and handle it in the other roles"),
    Entry(
      .composedAbsorbed, "An event that tells of a failure comes to a role that has completed.",
      reason: "a final state absorbs everything: the failure has no effect there.",
      example: "`orders` is `fulfilled` when `ShipmentFailed` comes",
      mend: "let the role wait for the outcome before it ends"),
    Entry(
      .composedLimit,
      "The roles together have more configurations than are looked at (`CheckLimits.maximumConfigurations`).",
      reason: "what lies beyond is not known to be right.",
      example: "many roles with many states that do not wait for one another",
      mend: "explore it with the simulator"),
  ]
}
