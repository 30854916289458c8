extension DiagnosticCatalogue {
  /// States, transitions, steps and times.
  static let states: [Entry] = [
    Entry(
      .stateUnreachable, "Nothing that can happen enters the state.",
      reason: "what stands there never runs; most often a `goto` is missing or names another state.",
      example: "a state `reviewed` that no `goto` names", mend: "`\"Reviewed\": { \"goto\": \"reviewed\" }`"),
    Entry(
      .finalUnreachable, "Nothing that can happen enters a final state.",
      reason: "an outcome that somebody planned for cannot come about.",
      example: "`\"refunded\": { \"final\": \"compensated\" }` and no `goto` to it",
      mend: "let the failing transition go there, or remove it"),
    Entry(
      .stateDeadEnd, "A state is not final, and neither message nor time leads out of it.",
      reason: "every instance that comes here stays for ever.", example: "`\"shelved\": { \"on\": { \"Note\": {} } }`",
      mend: "`\"shelved\": { \"final\": \"completed\" }`, or an `on` with `goto`"),
    Entry(
      .stateEndless, "From these states no final state can be reached.",
      reason: "an instance never ends: it is never pruned, and its key is never free again.",
      example: "two states that only lead to each other", mend: "give one of them a way to a final state"),
    Entry(
      .stateNoTimeout, "Only messages lead out of the state; neither it nor its role has an `after`.",
      reason: "when the message is never sent, nobody notices.",
      example: "`\"charged\": { \"on\": { \"OrderShipped\": { \"goto\": \"settled\" } } }`",
      mend: "`\"after\": { \"72h\": { \"publish\": { \"ShipmentOverdue\": {…} } } }`"),
    Entry(
      .stepNoTimeout, "A step waits for a message without `timeout`, and no `after` ends the wait.",
      reason: "when the message is never sent, nobody notices.",
      example: "`{ \"step\": \"settle\", \"reply\": { \"Settled\": {} } }`",
      mend: "`{ \"step\": \"settle\", \"reply\": { \"Settled\": {} }, \"timeout\": \"72h\" }`"),
    Entry(
      .loopUnbounded, "An instance can go round these states without waiting for anything.",
      reason: "it would run until the limit of steps in one commit, and be stuck.",
      example: "a state whose `do` only sets data and whose `done` comes back to it",
      mend: "wait for something on the way, or use `forEach`"),
    Entry(
      .guardUncovered, "The last of the alternatives has a `when`, so that it can be that none holds.",
      reason:
        "a message that no guard takes counts as not named: it is kept or late, a timer is spent, a reply is passed over.",
      example: "`\"Paid\": [ { \"when\": \"event.data.cents > 0\", \"goto\": \"paid\" } ]`",
      mend: "`\"Paid\": [ { \"when\": …, \"goto\": \"paid\" }, {} ]`"),
    Entry(
      .transitionUnreachable,
      "An alternative is never taken: one before it always holds, or its own `when` never does.",
      reason: "the first that holds wins; the rule that stands here has no effect.",
      example: "`[ { \"goto\": \"a\" }, { \"when\": \"…\", \"goto\": \"b\" } ]`",
      mend: "`[ { \"when\": \"…\", \"goto\": \"b\" }, { \"goto\": \"a\" } ]`"),
    Entry(
      .stepUnreachable, "A step or a branch never runs: what is before it always fails, or always holds.",
      reason: "somebody counts on an effect that never comes.",
      example: "`[ { \"fail\": \"'no'\" }, { \"publish\": {…} } ]`",
      mend: "put the `fail` into a branch of `choose`"),
    Entry(
      .stepHopeless, "Every reply that a call names is a failure or a repetition.",
      reason: "the step can only fail, or run until its attempts are over.",
      example: "`\"reply\": { \"Declined\": { \"fail\": \"'no'\" } }`",
      mend: "`\"reply\": { \"Charged\": {}, \"Declined\": { \"fail\": \"'no'\" } }`"),
    Entry(
      .tryUseless, "Nothing in a `try` can fail.", reason: "its `catch` looks like a safety that is not there.",
      example: "`{ \"try\": [ { \"set\": {…} } ], \"catch\": […] }`", mend: "`{ \"set\": {…} }`"),
    Entry(
      .deadlineShort,
      "The steps, with all attempts and the pauses between them, can take longer than a deadline around them.",
      reason: "the deadline compensates a saga that was still within its own rules.",
      example: "`\"after\": { \"24h\": … }` around a step with `\"timeout\": \"72h\"`",
      mend: "`\"after\": { \"96h\": … }`"),
    Entry(
      .timerUnreachable,
      "An `after` never fires: another one, of the state or the role, always leaves the state before.",
      reason: "the reminder or the deadline that stands there never comes.",
      example: "`\"after\": { \"1d\": { \"goto\": \"closed\" }, \"2d\": {…} }`", mend: "shorten it below the other"),
    Entry(
      .dataUnset,
      "An expression reads a field of `data` that has no default and is not set on every way to it. Never set at all is an error.",
      reason: "where it is missing the expression fails: the message becomes a dead letter, or the instance is stuck.",
      example: "`data.note`, set in only one branch of `choose`",
      mend: "give it a `default`, or read `has(data.note) ? data.note : ''`"),
    Entry(
      .valueType, "An expression gives a value of a kind that the schema of where it goes never takes.",
      reason: "whenever it is evaluated the message becomes a dead letter, or the instance is stuck.",
      example: "`\"set\": { \"cents\": \"'12.50'\" }` where `data` says `\"cents\": { \"type\": \"integer\" }`",
      mend: "`\"set\": { \"cents\": \"1250\" }`"),
  ]
}
